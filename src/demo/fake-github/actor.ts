import type { Event, Repository, State } from './state.ts'

/** Who does something: a person, or a bot with the app behind it. */
export interface Actor {
  readonly login: string
  readonly app: string | null
}

export const GITHUB_ACTIONS: Actor = { login: 'github-actions[bot]', app: 'github-actions' }

export function person(login: string): Actor {
  return { login, app: null }
}

/** Writes down what happened. What GITHUB_TOKEN did starts no workflow, except a dispatch. */
export function tell(
  state: State,
  repository: Repository,
  actor: Actor,
  event: Pick<Event, 'name'> & Partial<Pick<Event, 'action' | 'ref' | 'sha' | 'number'>>,
): void {
  state.events.push({
    action: null,
    ref: null,
    sha: null,
    number: null,
    ...event,
    repository: fullName(repository),
    actor: actor.login,
    startsWorkflows: actor.app !== GITHUB_ACTIONS.app || event.name === 'workflow_dispatch',
  })
}

export function fullName({ owner, name }: Pick<Repository, 'owner' | 'name'>): string {
  return `${owner}/${name}`
}
