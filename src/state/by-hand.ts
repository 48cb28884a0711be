import { basename } from 'node:path'
import type { Environment } from '../core/environments.ts'
import type { GithubContext } from '../github/context.ts'
import { acknowledgeLine, commandLine, retryLine } from '../inputs/command-line.ts'

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
    ? code(acknowledgeLine(about, attempt))
    : `${form(context, about)}: run acknowledge, environment ${about.environment}, attempt ${attempt}, and a reason.`
}

/** How a person tries a version again that was rolled back, with nothing changed. */
export function retryWith(context: Context, about: EnvironmentOfFile): string {
  return context === undefined
    ? code(retryLine(about))
    : `${form(context, about)}: run upgrade, and a reason.`
}

/** How a person goes back although rows written since the backup are lost, as an imperative clause. */
export function goBackWithLoss(context: Context, about: EnvironmentOfFile): string {
  return context === undefined
    ? `run ${code(commandLine('upgrade-workspace', about, ['--on-failure', 'rollback-with-loss']))}`
    : `run the action upgrade-workspace for ${about.environment} with on-failure: rollback-with-loss in a job of your own`
}

/** Backticks keep a command whole in a terminal, and show it as code elsewhere. */
function code(line: string): string {
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
