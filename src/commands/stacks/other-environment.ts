import { readResult } from '../../result/read-results.ts'
import { resultFile } from '../../result/result-file.ts'
import type { Workspace } from '../../session/session.ts'
import { otherOf, stacksIn, type Elsewhere } from '../../stacks/elsewhere.ts'

/** Reads the stacks of the other environment from its result file in the report directory. */
export async function stacksElsewhere({
  environment,
  reportDirectory,
  configPath,
  file,
  target,
  machine,
}: Workspace): Promise<Elsewhere> {
  const other = otherOf(environment)
  const path = resultFile(reportDirectory, {
    command: 'check-stacks',
    environment: other,
    config: configPath,
  })
  const read = await readResult(path).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  )
  if ('error' in read)
    return (read.error as NodeJS.ErrnoException).code === 'ENOENT'
      ? { kind: 'absent' }
      : { kind: 'unusable', why: { kind: 'result-unreadable', path, error: String(read.error) } }
  return stacksIn(read.result, other, path, { file, target, now: machine.now() })
}
