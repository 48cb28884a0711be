import { basename } from 'node:path'
import type { Environment } from '../core/environments.ts'
import { shellLine } from '../core/shell-words.ts'
import type { GithubContext } from '../github/context.ts'
import { isDefaultConfig } from '../inputs/config-path.ts'

// What only a person may do: on GitHub by the form that dispatches the workflow, elsewhere by a
// command.

interface EnvironmentOfFile {
  readonly environment: Environment
  /** Path of the configuration file. */
  readonly config: string
}

type Context = Pick<GithubContext, 'repository' | 'run' | 'urls'> | undefined

/** How a person acknowledges what an attempt lost. */
export function acknowledgeWith(
  context: Context,
  { attempt, ...about }: EnvironmentOfFile & { readonly attempt: string },
): string {
  return context === undefined
    ? commandLine('acknowledge', about, [
        ...['--attempt', attempt],
        ...['--reason', 'why this is no loss'],
      ])
    : `${form(context, about)}: run acknowledge, environment ${about.environment}, attempt ${attempt}, and a reason.`
}

/** How a person tries a version again that was rolled back, with nothing changed. */
export function retryWith(context: Context, about: EnvironmentOfFile): string {
  return context === undefined
    ? commandLine('upgrade-workspace', about, ['--override-reason', 'why it will work now'])
    : `${form(context, about)}: run upgrade, and a reason.`
}

/** How a person goes back although rows written since the backup are lost, as an imperative clause. */
export function goBackWithLoss(context: Context, about: EnvironmentOfFile): string {
  return context === undefined
    ? `run ${commandLine('upgrade-workspace', about, ['--on-failure', 'rollback-with-loss'])}`
    : `run the action upgrade-workspace for ${about.environment} with on-failure: rollback-with-loss in a job of your own`
}

/** A command between backticks, which keep it whole in a terminal and show it as code elsewhere. */
function commandLine(
  command: string,
  { environment, config }: EnvironmentOfFile,
  rest: readonly string[],
): string {
  const line = shellLine([
    ...['node', 'dist/main.cjs', command, '--environment', environment],
    ...(isDefaultConfig(config) ? [] : ['--config', config]),
    ...rest,
  ])
  return `\`${line}\``
}

function form(
  { repository, run, urls }: NonNullable<Context>,
  { environment }: EnvironmentOfFile,
): string {
  const page = [urls.server, repository.owner, repository.name, 'actions'].join('/')
  const workflow = run.workflow === undefined ? '' : `/workflows/${basename(run.workflow)}`
  return `dispatch ${page}${workflow} on the branch of ${environment}`
}
