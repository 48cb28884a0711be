import { tell, type Actor } from './actor.ts'
import { nextId, now } from './clock.ts'
import { invalid, Refusal } from './refusal.ts'
import type { CommitStatus, Repository, State } from './state.ts'

const STATUSES_PER_CONTEXT = 1000
const DESCRIPTION_LIMIT = 140

type WantedStatus = Pick<CommitStatus, 'sha' | 'state'> &
  Partial<Pick<CommitStatus, 'context' | 'description' | 'targetUrl'>>

/** Adds a commit status. @throws Refusal 422 in GitHub's words */
export function addStatus(
  state: State,
  repository: Repository,
  wanted: WantedStatus,
  actor: Actor,
): CommitStatus {
  const { sha, context = 'default', description = null, targetUrl = null } = wanted
  if (repository.commits[sha] === undefined)
    throw new Refusal(422, `No commit found for SHA: ${sha}`)
  refuseFields(description, targetUrl)
  refuseTooMany(repository, sha, context)
  const status: CommitStatus = {
    id: nextId(state),
    sha,
    context,
    state: wanted.state,
    description,
    targetUrl,
    creator: actor.login,
    createdAt: now(state),
  }
  repository.statuses.push(status)
  tell(state, repository, actor, { name: 'status', sha })
  return status
}

/** @throws Refusal 422 for a long description, or a link that is not of the web */
function refuseFields(description: string | null, targetUrl: string | null): void {
  if (Array.from(description ?? '').length > DESCRIPTION_LIMIT) {
    throw invalid({
      resource: 'Status',
      code: 'custom',
      field: 'description',
      message: `description is too long (maximum is ${DESCRIPTION_LIMIT} characters)`,
    })
  }
  if (targetUrl !== null && !/^https?:\/\//.test(targetUrl)) {
    throw invalid({
      resource: 'Status',
      code: 'custom',
      field: 'target_url',
      message: 'target_url must use http(s) scheme',
    })
  }
}

/** @throws Refusal 422 when a commit has as many statuses of a context as it may have */
function refuseTooMany({ statuses }: Repository, sha: string, context: string): void {
  const known = statuses.filter((status) => status.sha === sha && status.context === context)
  if (known.length < STATUSES_PER_CONTEXT) return
  throw invalid({
    resource: 'Status',
    code: 'custom',
    message: 'This SHA and context has reached the maximum number of statuses.',
  })
}

/** The newest status of each context. */
export function latestStatuses(repository: Repository, sha: string): CommitStatus[] {
  const newest = new Map<string, CommitStatus>()
  for (const status of repository.statuses)
    if (status.sha === sha) newest.set(status.context, status)
  return [...newest.values()]
}

/** `failure` when one failed, `success` when all succeeded, else (none at all, too) `pending`. */
export function combinedState(
  statuses: readonly CommitStatus[],
): 'failure' | 'pending' | 'success' {
  if (statuses.some(({ state }) => state === 'failure' || state === 'error')) return 'failure'
  return statuses.length === 0 || statuses.some(({ state }) => state === 'pending')
    ? 'pending'
    : 'success'
}
