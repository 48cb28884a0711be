import { snapshotKey } from '../core/snapshot-key.ts'
import { Stop } from '../core/stop.ts'
import type { DeploymentReport } from '../result/snapshots.ts'
import { ApiError } from '../zenml/api-error.ts'
import { servedSnapshot } from './deployment-info.ts'
import {
  deploymentReport,
  type AboutDeployments,
  type RedeployTarget,
} from './deployment-reports.ts'
import { readDeployment, type Deployment } from './deployments.ts'
import type { SnapshotsDeps } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { logPathOf } from './log-path.ts'
import { proveRedeployed, type Redeployed } from './redeploy-proof.ts'
import { currentReport } from './reports.ts'
import { NO_TALLY } from './tally.ts'
import { workOn, type Workplace } from './workplace.ts'

/** Those of one snapshot. */
interface Redeployment {
  readonly selected: SelectedSnapshot
  readonly targets: readonly RedeployTarget[]
}

/** For how long the requests of a new deployment may still reach the one before it, in seconds. */
const SWITCH_SECONDS = 30
const PAUSE_SECONDS = 2

/**
 * Deploys rebuilt snapshots where their old ones were deployed, and asks each deployment what it
 * serves then. The reports are by the id of the deployment.
 */
export async function redeployEach(
  deps: SnapshotsDeps,
  about: AboutDeployments,
  work: readonly Redeployment[],
): Promise<ReadonlyMap<string, DeploymentReport>> {
  const made = new Map<string, DeploymentReport>()
  const targetsOf = (key: string) =>
    work.find(({ selected }) => selected.snapshot.key === key)?.targets ?? []
  const finish = (target: RedeployTarget, result: Redeployed) => {
    const report = {
      ...deploymentReport(target.deployment, about),
      snapshot: target.snapshot.name,
      ...result,
    }
    made.set(target.deployment.id, report)
    logFinished(deps, report)
  }
  const reports = await workOn(deps, {
    planning: true,
    failedAt: 'rebuild',
    snapshots: work.map(({ selected }) => selected),
    tally: NO_TALLY,
    async on(place, selected) {
      for (const target of targetsOf(selected.snapshot.key))
        finish(target, await redeploy(deps, place, target))
      return currentReport(selected)
    },
  }).catch((error: unknown) => {
    // What was rebuilt and deployed before must be reported all the same.
    if (!(error instanceof Stop) || deps.machine.signal.aborted) throw error
    deps.machine.log.warn(`not every deployment could be deployed again: ${error.message}`)
    return []
  })
  // No client could be started for these, or their stack is gone.
  for (const { status, project, pipeline, name, message, next } of reports) {
    if (status !== 'failed') continue
    for (const target of targetsOf(snapshotKey({ project, pipeline, name })))
      finish(target, {
        status: 'failed',
        message: `It was not deployed again: ${message ?? ''}`,
        next,
      })
  }
  return made
}

async function redeploy(
  deps: SnapshotsDeps,
  { client, stack, job }: Workplace,
  target: RedeployTarget,
): Promise<Redeployed> {
  const { deployment, snapshot } = target
  const logPath = logPathOf(deps.logDirectory, { ...snapshot, name: deployment.name }, 'deploy')
  const result = await client.run({
    op: 'deploy',
    ...job,
    logPath,
    configuration: null,
    stack: stack.id,
    project: snapshot.projectId,
    deployment: deployment.id,
    snapshot: snapshot.id,
    env: deps.jobVariables,
  })
  const now = await deploymentNow(deps, deployment)
  return proveRedeployed(target, {
    failure: result.ok ? undefined : result,
    logPath,
    now,
    servedId: now === undefined ? undefined : await settledSnapshot(deps, now, snapshot.id),
    target: deps.target,
  })
}

async function deploymentNow(
  { server }: SnapshotsDeps,
  deployment: Deployment,
): Promise<Deployment | undefined> {
  try {
    return await readDeployment(server, deployment)
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

/** What a deployment serves once it answers with the new snapshot, or after a while. */
async function settledSnapshot(
  { machine }: SnapshotsDeps,
  now: Deployment,
  wanted: string,
): Promise<string | undefined> {
  const end = machine.monotonic() + SWITCH_SECONDS
  for (;;) {
    const served = await servedSnapshot(now, machine)
    if (served === undefined || served === wanted || machine.monotonic() >= end) return served
    await machine.sleep(PAUSE_SECONDS)
  }
}

function logFinished({ machine }: SnapshotsDeps, report: DeploymentReport): void {
  const line = `deployment ${report.name} ${report.status}`
  if (report.status === 'failed') machine.log.fail(`${line} · ${report.message ?? ''}`)
  else machine.log.pass(line)
}
