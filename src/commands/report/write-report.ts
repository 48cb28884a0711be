import { join } from 'node:path'
import { renderComment } from '../../report/comment.ts'
import type { ReportContext } from '../../report/report.ts'
import type { Result } from '../../result/result.ts'
import { renderTerminal } from '../../report/terminal.ts'
import { writeFileAtomic } from '../../runtime/files.ts'
import type { Machine } from '../../runtime/runtime.ts'
import { documentColumns, usesColour } from '../../runtime/terminal.ts'
import { withoutCommands } from '../../runtime/runner-commands.ts'
import { withoutKeys } from '../../runtime/secrets.ts'

/** Writes comment.md, and the same for people into the terminal; gives the path of the file. */
export async function writeReport({
  results,
  directory,
  configPath,
  machine,
  context,
}: {
  readonly results: readonly Result[]
  readonly directory: string
  readonly configPath: string
  readonly machine: Machine
  readonly context: ReportContext
}): Promise<string> {
  const comment = join(directory, 'comment.md')
  await writeFileAtomic(
    comment,
    withoutKeys(renderComment({ results, configPath, ...context }), 'the report'),
  )
  const shown = renderTerminal(results, {
    ...context,
    colour: usesColour(process.stdout, machine.env),
    columns: documentColumns(process.stdout),
  })
  process.stdout.write(`${withoutCommands(withoutKeys(shown, 'the report'))}\n`)
  return comment
}
