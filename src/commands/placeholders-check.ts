import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { placeholdersIn } from '../init/placeholders.ts'
import type { Check } from '../result/common.ts'
import type { Workspace } from '../session/session.ts'

/** Fails where the file still has what `init` left for its owner to complete; else there is none. */
export async function placeholdersCheck({
  workingDirectory,
  configPath,
  environment,
}: Pick<Workspace, 'workingDirectory' | 'configPath' | 'environment'>): Promise<Check[]> {
  const text = await readFile(resolve(workingDirectory, configPath), 'utf8')
  const left = placeholdersIn(text, environment)
  return left.length === 0
    ? []
    : [
        {
          name: 'configuration file',
          status: 'failed',
          message: `${left.map(({ line }) => `${configPath}:${line}`).join(', ')} ${left.length === 1 ? 'is' : 'are'} as init wrote ${left.length === 1 ? 'it' : 'them'}, to be completed`,
          next: `Complete what is marked "# change" in ${configPath}, or remove the mark where a line is right as it is.`,
        },
      ]
}
