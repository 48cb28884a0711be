import { tell, type Actor } from './actor.ts'
import { moveBranch } from './branches.ts'
import { nextId, now } from './clock.ts'
import { addCommit, commitsBetween, mergeBase, mergeFiles, resolve } from './git.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import type { Deployment, DeploymentState, DeploymentStatus, Repository, State } from './state.ts'
import { latestStatuses } from './statuses.ts'

const DESCRIPTION_LIMIT = 140

export interface NewDeployment {
  readonly ref: string
  readonly task?: string
  readonly environment?: string
  readonly payload?: unknown
  readonly description?: string | null
  readonly autoMerge?: boolean
  /** Left out: every status of the commit must be a success. */
  readonly requiredContexts?: readonly string[]
  readonly transient?: boolean
  readonly production?: boolean
  readonly actor: Actor
}

/** @returns the deployment, or the message of the merge that GitHub made instead of one. */
export function addDeployment(
  state: State,
  repository: Repository,
  wanted: NewDeployment,
): Deployment | string {
  const { ref, task = 'deploy', environment = 'production', actor } = wanted
  const sha = resolve(repository, ref)
  if (sha === undefined) throw new Refusal(422, `No ref found for: ${ref}`)
  refuseLongDescription('Deployment', wanted.description)
  const merged = (wanted.autoMerge ?? true) ? autoMerge(state, repository, ref, actor) : undefined
  if (merged !== undefined) return merged
  refuseStatuses(repository, sha, ref, wanted.requiredContexts)
  const at = now(state)
  const deployment: Deployment = {
    id: nextId(state),
    sha,
    ref,
    task,
    environment,
    payload: wanted.payload ?? {},
    description: wanted.description ?? null,
    transient: wanted.transient ?? false,
    production: wanted.production ?? environment === 'production',
    creator: actor.login,
    app: actor.app,
    createdAt: at,
    updatedAt: at,
    statuses: [],
  }
  repository.deployments.push(deployment)
  tell(state, repository, actor, { name: 'deployment', action: 'created', ref, sha })
  return deployment
}

export function deploymentOf(repository: Repository, id: number): Deployment {
  const deployment = repository.deployments.find((candidate) => candidate.id === id)
  if (deployment === undefined) throw notFound()
  return deployment
}

/**
 * What a deployment shows: its newest status, and `pending` without one.
 * https://docs.github.com/en/graphql/reference/enums#deploymentstate
 */
export function shownState({ statuses }: Deployment): DeploymentState {
  return statuses.at(-1)?.state ?? 'pending'
}

/**
 * Adds a status. Without an environment of its own it is about that of the status before it, else
 * about that of the deployment. `inactive` creates no event.
 * https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status
 */
export function addDeploymentStatus(
  state: State,
  repository: Repository,
  deployment: Deployment,
  wanted: {
    readonly state: DeploymentState
    readonly description?: string
    readonly logUrl?: string
    readonly environmentUrl?: string
    readonly environment?: string
    readonly autoInactive?: boolean
    readonly actor: Actor
  },
): DeploymentStatus {
  refuseLongDescription('DeploymentStatus', wanted.description)
  const { actor } = wanted
  const status: DeploymentStatus = {
    id: nextId(state),
    state: wanted.state,
    description: wanted.description ?? '',
    logUrl: wanted.logUrl ?? '',
    environmentUrl: wanted.environmentUrl ?? '',
    environment: wanted.environment ?? environmentOf(deployment),
    creator: actor.login,
    app: actor.app,
    createdAt: now(state),
  }
  deployment.statuses.push(status)
  deployment.updatedAt = status.createdAt
  if (status.state !== 'inactive')
    tell(state, repository, actor, {
      name: 'deployment_status',
      action: 'created',
      ref: deployment.ref,
      sha: deployment.sha,
    })
  if (status.state === 'success' && (wanted.autoInactive ?? true))
    retireOthers(state, repository, deployment, actor)
  return status
}

/** The environment a deployment is in now; a status may have moved it. */
export function environmentOf({ environment, statuses }: Deployment): string {
  return statuses.at(-1)?.environment ?? environment
}

/**
 * What `auto_inactive` does: every older success of the environment becomes inactive, whatever its
 * task; transient deployments and those of production stay.
 */
function retireOthers(
  state: State,
  repository: Repository,
  newest: Deployment,
  actor: Actor,
): void {
  for (const other of repository.deployments) {
    if (
      other.id >= newest.id ||
      environmentOf(other) !== environmentOf(newest) ||
      other.transient ||
      other.production ||
      shownState(other) !== 'success'
    )
      continue
    addDeploymentStatus(state, repository, other, { state: 'inactive', actor })
  }
}

/** What `auto_merge` does when the default branch has commits that the deployed branch has not. */
function autoMerge(
  state: State,
  repository: Repository,
  branch: string,
  actor: Actor,
): string | undefined {
  const [ours, theirs] = [
    repository.branches[branch],
    repository.branches[repository.defaultBranch],
  ]
  if (
    ours === undefined ||
    theirs === undefined ||
    commitsBetween(repository, ours, theirs).length === 0
  )
    return undefined
  const { files, conflicts } = mergeFiles(
    repository,
    mergeBase(repository, ours, theirs) ?? ours,
    ours,
    theirs,
  )
  if (conflicts.length > 0)
    throw new Refusal(409, `Conflict merging ${repository.defaultBranch} into ${branch}`)
  const commit = addCommit(state, repository, {
    parents: [ours, theirs],
    files,
    message: `Merge ${repository.defaultBranch} into ${branch}`,
    author: actor.login,
  })
  moveBranch(state, repository, branch, commit, actor)
  return `Auto-merged ${repository.defaultBranch} into ${branch} on deployment.`
}

function refuseStatuses(
  repository: Repository,
  sha: string,
  ref: string,
  required: readonly string[] | undefined,
): void {
  const statuses = latestStatuses(repository, sha)
  const missing =
    required === undefined
      ? statuses.filter(({ state }) => state !== 'success').map(({ context }) => context)
      : required.filter(
          (context) => statuses.find((status) => status.context === context)?.state !== 'success',
        )
  if (missing.length === 0) return
  const contexts = statuses.map(({ context, state }) => ({ context, state }))
  throw new Refusal(409, `Conflict: Commit status checks failed for ${ref}.`, {
    errors: [{ contexts, resource: 'Deployment', field: 'required_contexts', code: 'invalid' }],
  })
}

function refuseLongDescription(resource: string, description: string | null | undefined): void {
  if (Array.from(description ?? '').length <= DESCRIPTION_LIMIT) return
  throw invalid({
    resource,
    code: 'custom',
    field: 'description',
    message: `description is too long (maximum is ${DESCRIPTION_LIMIT} characters)`,
  })
}
