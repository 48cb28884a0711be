import { join } from 'node:path'
import { writeFileAtomic } from '../runtime/files.ts'
import type { DemoServer } from './servers.ts'

const keyFile = ({ directory }: DemoServer): string => join(directory, 'api-key')

/**
 * Leaves the key of a server where only the user who runs the demo can read it: it is never shown.
 */
export async function keepKey(server: DemoServer): Promise<void> {
  await writeFileAtomic(keyFile(server), server.apiKey, 0o600)
}

/**
 * What stays after `--keep`: how to look at it, how to go on with it, how to end it. `bundle` is
 * this program.
 */
export function keptLines(
  directory: string,
  servers: readonly DemoServer[],
  bundle: string,
): string[] {
  const [first] = servers
  if (first === undefined) return [`What was started stays in ${directory}.`]
  const repository = join(directory, 'repository')
  const stop = servers
    .map((server) => `kill $(node -p 'require("${server.directory}/server.json").pid')`)
    .join('; ')
  return [
    'Both servers still run, for this machine alone:',
    ...servers.map(
      (server) =>
        `  ${server.environment}: ${server.url} — in a browser the user default without a password; for the command line the API key in ${keyFile(server)}`,
    ),
    `The repository that they were upgraded from: ${repository}. For example:`,
    `  cd ${repository} && ZENML_STORE_API_KEY="$(cat ${keyFile(first)})" node ${bundle} upgrade-workspace --environment ${first.environment} --dry-run`,
    'To end it:',
    `  ${stop}; rm -r ${directory}`,
  ]
}
