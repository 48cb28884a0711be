import { Stop } from '../core/stop.ts'
import type { Environment } from '../core/environments.ts'
import type { GithubEvent } from '../github/event.ts'

interface Asked {
  /** The one that is given. */
  readonly environment: Environment | undefined
  /** The branches that deploy staging and production. */
  readonly head: string
  readonly base: string
}

/**
 * Decides which environment a plan is about: the one that is given, else that of the branch that
 * the pull request goes into.
 * @throws Stop `invalid-input`
 */
export function environmentToPlan(
  { environment, head, base }: Asked,
  event: GithubEvent | undefined,
): Environment {
  if (environment !== undefined) return environment
  const into =
    event === undefined
      ? undefined
      : 'base' in event
        ? event.base.branch
        : 'branch' in event
          ? event.branch
          : undefined
  if (into === head) return 'staging'
  if (into === base) return 'production'
  throw new Stop(
    'invalid-input',
    into === undefined
      ? 'input environment is missing; allowed: staging, production'
      : `${into} is neither ${head} nor ${base}, so there is nothing to plan`,
    {
      next:
        into === undefined
          ? 'Give --environment staging or --environment production.'
          : 'Give --environment, or name the two branches by --head and --base.',
    },
  )
}
