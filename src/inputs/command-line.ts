import type { Environment } from '../core/environments.ts'
import { shellLine } from '../core/shell-words.ts'
import { isDefaultConfig } from './config-path.ts'
import type { CommandName } from './inputs.ts'

/** What a command line is about. */
interface About {
  /** null where the command is about none. */
  readonly environment: Environment | null
  /** Path of the configuration file. */
  readonly config: string
}

/** Returns a command line that a person can copy; the API key comes from the environment. */
export function commandLine(
  command: CommandName,
  { environment, config }: About,
  rest: readonly string[] = [],
): string {
  return shellLine([
    ...['node', 'dist/main.cjs', command],
    ...(environment === null ? [] : ['--environment', environment]),
    ...(isDefaultConfig(config) ? [] : ['--config', config]),
    ...rest,
  ])
}

/** Returns the command line by which a person accepts what an attempt lost. */
export function acknowledgeLine(about: About, attempt: string): string {
  const reason = ['--reason', 'why this is no loss']
  return commandLine('acknowledge', about, ['--attempt', attempt, ...reason])
}

/** Returns the command line that tries a version again that was rolled back, with nothing changed. */
export function retryLine(about: About): string {
  return commandLine('upgrade-workspace', about, ['--override-reason', 'why it will work now'])
}
