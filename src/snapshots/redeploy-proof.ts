import { sentence } from '../core/text.ts'
import type { DeploymentReport } from '../result/snapshots.ts'
import type { JobFailure } from '../zenml-client/job-values.ts'
import { provisionCommand, type RedeployTarget } from './deployment-reports.ts'
import type { Deployment } from './deployments.ts'

/** What became of a deployment that was provisioned again. */
export type Redeployed = Pick<DeploymentReport, 'status' | 'message' | 'next'> &
  Partial<Pick<DeploymentReport, 'server-status' | 'url' | 'version'>>

interface Seen {
  /** Why the client could not provision it; undefined where it said that it did. */
  readonly failure: Pick<JobFailure, 'error' | 'next'> | undefined
  /** What the client printed. */
  readonly logPath: string
  /** The deployment as the server has it now; undefined when it is gone. */
  readonly now: Deployment | undefined
  /** What the deployment itself says it serves; undefined when it does not answer. */
  readonly servedId: string | undefined
  /** ZenML version of the snapshot that it is to serve. */
  readonly target: string
}

/**
 * Judges whether a deployment serves the new snapshot: its own words count, the server's record only
 * where it does not answer this machine. Pure.
 */
export function proveRedeployed(target: RedeployTarget, seen: Seen): Redeployed {
  const { now, servedId, failure } = seen
  const { snapshot } = target
  if (now === undefined)
    return {
      status: 'failed',
      message: 'It was deleted on the server meanwhile.',
      next: 'Deploy the snapshot anew if it is still needed.',
    }
  const facts = { 'server-status': now.status ?? null, url: now.url ?? null }
  const serves = { status: 'redeployed', version: seen.target, next: null, ...facts } as const
  if (servedId === snapshot.id)
    return {
      ...serves,
      message:
        failure === undefined ? null : `It serves the new snapshot, although ${failure.error}`,
    }
  const isRecorded = now.snapshotId === snapshot.id && now.status === 'running'
  if (failure === undefined && servedId === undefined && isRecorded)
    return {
      ...serves,
      message:
        'The server says that it runs with the new snapshot. It does not answer this machine, so it could not be asked itself.',
    }
  return {
    status: 'failed',
    ...facts,
    message: [why(failure, now), what(target, servedId, now)].join(' '),
    next: failure?.next ?? `Read ${seen.logPath}, then run \`${provisionCommand(target)}\`.`,
  }
}

function why(failure: Seen['failure'], now: Deployment): string {
  if (failure !== undefined) return `It could not be deployed again: ${sentence(failure.error)}`
  return `ZenML deployed it again, and the server says that it is ${now.status ?? 'in no known state'}.`
}

function what(
  { deployment, snapshot }: RedeployTarget,
  servedId: string | undefined,
  now: Deployment,
): string {
  const recorded =
    now.snapshotId === snapshot.id ? ' The server already names the new snapshot for it.' : ''
  if (servedId === undefined)
    return `Nothing that this machine can reach answers at ${now.url ?? deployment.url ?? 'its address'}.${recorded}`
  const which = servedId === deployment.servedId ? 'the old one' : 'another snapshot'
  return `It still serves ${which}.${recorded}`
}
