import type { Environment } from '../core/environments.ts'
import { shellLine } from '../core/shell-words.ts'
import type { DeploymentReport, SnapshotReport } from '../result/snapshots.ts'
import type { Config } from '../config/schema.ts'
import type { ServedDeployment } from './deployments.ts'
import type { DiscoveredSnapshot } from './discovered.ts'

/** What is known around the deployments. */
export interface AboutDeployments {
  readonly when: 'before-rebuild' | 'after-rebuild'
  readonly environment: Environment
  readonly policy: Config['deployments'][Environment]
  /** Key of the named snapshot that has, or had before it was replaced, this id. */
  readonly keyOf: (snapshotId: string) => string | undefined
  /** True: other shards may know of snapshots that are unknown here. */
  readonly isShard: boolean
  /** What became of a snapshot of this shard, by its key. */
  readonly outcomeOf: (key: string) => SnapshotReport['status'] | undefined
  /** Named snapshots as they are now, by key. */
  readonly now: ReadonlyMap<string, DiscoveredSnapshot>
}

/** What is the matter, and what to do about it. */
interface Advice {
  readonly message: string
  readonly next: string | null
}

/** What a deployment is to serve instead of what it serves. */
export interface RedeployTarget {
  readonly deployment: ServedDeployment
  readonly snapshot: DiscoveredSnapshot
}

/** The deployment was taken down on purpose; its record stays. */
const TAKEN_DOWN = 'absent'

/** A deployment as it was found. Pure. */
export function deploymentReport(
  deployment: ServedDeployment,
  about: AboutDeployments,
): DeploymentReport {
  const key = keyOf(deployment, about)
  const base: DeploymentReport = {
    id: deployment.id,
    project: deployment.project,
    name: deployment.name,
    pipeline: deployment.pipeline ?? null,
    snapshot: (key === undefined ? undefined : about.now.get(key)?.name) ?? null,
    stack: deployment.stack?.name ?? null,
    status: 'current',
    'server-status': deployment.status ?? null,
    url: deployment.url ?? null,
    version: deployment.version ?? null,
    message: null,
    next: null,
  }
  const status = statusOf(deployment)
  if (status === 'current') return base
  const problem = problemOf(deployment, about)
  const isLeftAlone = isNeverRedeployed(deployment, about)
  return {
    ...base,
    status: !isLeftAlone && mustServeTarget(deployment, about) ? 'failed' : status,
    ...(isLeftAlone ? { 'left-alone': true } : {}),
    message: problem.message,
    next: problem.next,
  }
}

/** The file wants it to serve the target by now, and what keeps it from that is known here. */
function mustServeTarget(deployment: ServedDeployment, about: AboutDeployments): boolean {
  const { when, policy, isShard } = about
  const isKnown = keyOf(deployment, about) !== undefined
  return when === 'after-rebuild' && policy === 'redeploy' && (isKnown || !isShard)
}

/** What the policy `redeploy` leaves alone on purpose. */
function isNeverRedeployed(deployment: ServedDeployment, about: AboutDeployments): boolean {
  const key = keyOf(deployment, about)
  return (
    deployment.status === TAKEN_DOWN ||
    deployment.deployer?.flavor === 'local' ||
    (key !== undefined && about.outcomeOf(key) === 'excluded')
  )
}

function statusOf(deployment: ServedDeployment): 'current' | 'old' | 'stopped' {
  if (!deployment.answers && deployment.status !== 'running') return 'stopped'
  return deployment.isOld ? 'old' : 'current'
}

function problemOf(deployment: ServedDeployment, about: AboutDeployments): Advice {
  const { name, status, version } = deployment
  if (status === TAKEN_DOWN && !deployment.answers)
    return {
      message: 'It is not provisioned, so it serves nothing.',
      next: `Provision it when it is needed: \`${provision(name)}\`.`,
    }
  const serves =
    statusOf(deployment) === 'stopped'
      ? `The server says that it is ${status ?? 'in no known state'}, and it does not answer this machine.`
      : version === undefined
        ? 'The server does not show what it serves: that was deleted, or the key may not read it.'
        : `It serves ZenML ${version}.`
  const how = howToRedeploy(deployment, about)
  return { message: `${serves} ${how.message}`.trim(), next: how.next }
}

function howToRedeploy(deployment: ServedDeployment, about: AboutDeployments): Advice {
  const { when, policy, environment } = about
  const target = redeployTarget(deployment, about)
  if ('message' in target) return target
  const command = provisionCommand(target)
  if (policy === 'redeploy')
    return {
      message:
        when === 'before-rebuild'
          ? 'After the rebuild it is deployed again.'
          : 'It was not deployed again.',
      next: when === 'before-rebuild' ? null : `Run \`${command}\` with the new client.`,
    }
  const byHand = `\`${command}\` with the new client`
  return {
    message: when === 'before-rebuild' ? 'A rebuild does not change that.' : '',
    next: `${when === 'before-rebuild' ? 'After the rebuild run' : 'Run'} ${byHand}, or set \`deployments.${environment}\` to \`redeploy\`.`,
  }
}

/** The command that lets a deployment serve another snapshot. */
export function provisionCommand({ deployment, snapshot }: RedeployTarget): string {
  const { name, pipeline } = snapshot
  return provision(deployment.name, '--snapshot', name, '--pipeline', pipeline)
}

function provision(name: string, ...options: readonly string[]): string {
  return shellLine(['zenml', 'deployment', 'provision', name, ...options])
}

/** The snapshot that a deployment is to serve, or why there is none that it can. Pure. */
function redeployTarget(
  deployment: ServedDeployment,
  about: AboutDeployments,
): RedeployTarget | Advice {
  const { stack, deployer, pipeline = '' } = deployment
  const key = keyOf(deployment, about)
  const snapshot = key === undefined ? undefined : about.now.get(key)
  if (key === undefined)
    return {
      message:
        'No named snapshot is known that it was made from: an interrupted rebuild replaced that, or it was deployed from code.',
      next: `Run \`${provision(deployment.name, '--snapshot', 'NAME')}\` with the new client and the name of its rebuilt snapshot, or deploy the pipeline ${pipeline} from its code again.`.replace(
        '  ',
        ' ',
      ),
    }
  const outcome = about.outcomeOf(key)
  if (outcome === 'excluded')
    return {
      message: `The snapshot ${key} is excluded, so the deployment is left alone.`,
      next: null,
    }
  if (outcome === 'failed')
    return {
      message: `The snapshot ${key} failed, so the deployment is left as it is.`,
      next: 'Fix what failed, then run this again.',
    }
  if (snapshot === undefined)
    return {
      message: `The snapshot ${key} that it was made from is gone.`,
      next: 'Create the snapshot again, then deploy it.',
    }
  if (stack !== undefined && snapshot.stack?.id !== stack.id)
    return {
      message: `It runs on the stack ${stack.name}, and the snapshot ${key} is of ${snapshot.stack === undefined ? 'a deleted stack' : `the stack ${snapshot.stack.name}`}: ZenML deploys a snapshot on its own stack only.`,
      next: `Create the snapshot again on the stack ${stack.name}, or delete the deployment and deploy the snapshot anew.`,
    }
  // It would run on this machine, and ZenML would end the process here that has the number of the
  // one there (0.98.0 local_deployer.py, lines 199 to 207).
  if (deployer?.flavor === 'local')
    return {
      message: `Its deployer ${deployer.name} runs it on the machine that deployed it.`,
      next: `Run \`${provisionCommand({ deployment, snapshot })}\` there with the new client.`,
    }
  return { deployment, snapshot }
}

/** Deployments that the file wants to serve a rebuilt snapshot, and that do not. Pure. */
export function redeployTargets(
  deployments: readonly ServedDeployment[],
  about: AboutDeployments,
  isCurrent: (snapshot: DiscoveredSnapshot) => boolean,
): RedeployTarget[] {
  if (about.policy !== 'redeploy' || about.when === 'before-rebuild') return []
  return deployments
    .filter((each) => statusOf(each) !== 'current' && each.status !== TAKEN_DOWN)
    .flatMap((deployment) => {
      const target = redeployTarget(deployment, about)
      return 'message' in target || !isCurrent(target.snapshot) ? [] : [target]
    })
}

/** What it serves says it; where the server's record alone has a name, that does. */
export function keyOf(
  { servedId, snapshotId }: ServedDeployment,
  about: Pick<AboutDeployments, 'keyOf'>,
): string | undefined {
  return (
    (servedId === undefined ? undefined : about.keyOf(servedId)) ??
    (snapshotId === undefined ? undefined : about.keyOf(snapshotId))
  )
}
