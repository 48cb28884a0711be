import { basename } from 'node:path'
import type { Environment } from '../core/environments.ts'
import { shellLine } from '../core/shell-words.ts'
import type { GithubContext } from '../github/context.ts'
import { isDefaultConfig } from '../inputs/config-path.ts'

interface AttemptOfFile {
  readonly environment: Environment
  readonly attempt: string
  /** Path of the configuration file. */
  readonly config: string
}

/**
 * How a person acknowledges what an attempt lost: on GitHub the page with the form that dispatches
 * the workflow, elsewhere a command.
 */
export function acknowledgeWith(
  context: Pick<GithubContext, 'repository' | 'run' | 'urls'> | undefined,
  { environment, attempt, config }: AttemptOfFile,
): string {
  if (context === undefined)
    return shellLine([
      ...['node', 'dist/main.cjs', 'acknowledge', '--environment', environment],
      ...(isDefaultConfig(config) ? [] : ['--config', config]),
      ...['--attempt', attempt, '--reason', 'why this is no loss'],
    ])
  const { repository, run, urls } = context
  const page = [urls.server, repository.owner, repository.name, 'actions'].join('/')
  const workflow = run.workflow === undefined ? '' : `/workflows/${basename(run.workflow)}`
  return `dispatch ${page}${workflow} on the branch of ${environment}: run acknowledge, environment ${environment}, attempt ${attempt}, and a reason.`
}
