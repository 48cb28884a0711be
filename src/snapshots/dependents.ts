import { snapshotKey } from '../core/snapshot-key.ts'
import type {
  DeploymentReport,
  SnapshotReport,
  SnapshotsDetails,
  TemplateReport,
} from '../result/snapshots.ts'
import { Stop } from '../core/stop.ts'
import type { Project } from '../zenml/entities.ts'
import { projects } from '../zenml/inventory.ts'
import {
  deploymentReport,
  keyOf,
  redeployTargets,
  type AboutDeployments,
} from './deployment-reports.ts'
import { readDeployments, type ServedDeployment } from './deployments.ts'
import type { SnapshotsDeps } from './deps.ts'
import { type DiscoveredSnapshot, type SelectedSnapshot } from './discovered.ts'
import { redeployEach } from './redeploy.ts'
import { readTemplates, templateReports } from './run-templates.ts'
import { staleBecause } from './staleness.ts'

/** What starts or serves snapshots besides triggers. */
export type Dependents = Required<Pick<SnapshotsDetails, 'templates' | 'deployments'>>

/** The snapshots around which dependents are looked for. */
export interface Surroundings {
  /** All that there were when the command began. */
  readonly before: readonly DiscoveredSnapshot[]
  /** Keys of the snapshots of this shard. */
  readonly here: ReadonlySet<string>
  /** All that there are now. */
  readonly now: ReadonlyMap<string, DiscoveredSnapshot>
  /** What became of the snapshots of this shard. */
  readonly reports: readonly SnapshotReport[]
}

/** Before the upgrade: lists what the rebuild will not move by itself. */
export async function dependentsBefore(
  deps: SnapshotsDeps,
  around: Surroundings,
): Promise<Dependents> {
  const found = await deploymentsHere(deps, around, 'before-rebuild')
  return {
    templates: await templatesHere(deps, around),
    deployments:
      found?.deployments.map((each) => deploymentReport(each, found.about)).sort(byName) ?? null,
  }
}

/** After a rebuild: lists what is left, and deploys again what the file wants to be. */
export async function dependentsAfter(
  deps: SnapshotsDeps,
  around: Surroundings,
  selected: readonly SelectedSnapshot[],
): Promise<Dependents> {
  const found = await deploymentsHere(deps, around, 'after-rebuild')
  const templates = await templatesHere(deps, around)
  if (found === undefined) return { templates, deployments: null }
  const { deployments, about } = found
  const made = await redeploy(deps, found, selected)
  return {
    templates,
    deployments: deployments
      .map((each) => made.get(each.id) ?? deploymentReport(each, about))
      .sort(byName),
  }
}

async function redeploy(
  deps: SnapshotsDeps,
  { deployments, about }: DeploymentsHere,
  selected: readonly SelectedSnapshot[],
): Promise<ReadonlyMap<string, DeploymentReport>> {
  const targets = redeployTargets(
    deployments,
    about,
    (snapshot) => staleBecause(snapshot, deps.target) === undefined,
  )
  const work = selected.flatMap((each) => {
    const snapshot = about.now.get(each.snapshot.key)
    const ofIt = targets.filter((target) => target.snapshot.key === each.snapshot.key)
    return snapshot === undefined || ofIt.length === 0
      ? []
      : [{ selected: { ...each, snapshot }, targets: ofIt }]
  })
  return work.length === 0 ? new Map() : redeployEach(deps, about, work)
}

interface DeploymentsHere {
  readonly deployments: readonly ServedDeployment[]
  readonly about: AboutDeployments
}

/** Deployments of this shard's snapshots; those of none are the first shard's. */
async function deploymentsHere(
  deps: SnapshotsDeps,
  { before, here, now, reports }: Surroundings,
  when: AboutDeployments['when'],
): Promise<DeploymentsHere | undefined> {
  const { server, machine, target, environment, file, replaced } = deps
  const known = new Map([...replaced, ...before.map(({ id, key }) => [id, key] as const)])
  for (const { id, key } of now.values()) known.set(id, key)
  const outcomes = new Map(
    reports.map(({ project, pipeline, name, status }) => [
      snapshotKey({ project, pipeline, name }),
      status,
    ]),
  )
  const about: AboutDeployments = {
    when,
    environment,
    policy: file.deployments[environment],
    keyOf: (id) => known.get(id),
    isShard: deps.shard !== undefined,
    outcomeOf: (key) => outcomes.get(key),
    now,
  }
  const snapshots = [...before, ...now.values()]
  const found = await listOf(deps, 'HTTP deployments', (all) =>
    readDeployments(server, all, { machine, target, snapshots }),
  )
  const keys = new Set(before.map(({ key }) => key))
  const isHere = (key: string | undefined) =>
    key !== undefined && keys.has(key) ? here.has(key) : isFirstShard(deps)
  return found && { deployments: found.filter((each) => isHere(keyOf(each, about))), about }
}

async function templatesHere(
  deps: SnapshotsDeps,
  { now }: Surroundings,
): Promise<TemplateReport[] | null> {
  if (!isFirstShard(deps)) return []
  const reports = await listOf(deps, 'run templates', async (all) => {
    const found = await readTemplates(deps.server, all)
    if (found === undefined) return undefined
    const { version } = await deps.server.info()
    const snapshots = new Set(now.keys())
    return templateReports(found, { serverVersion: version, target: deps.target, snapshots })
  })
  return reports ?? null
}

/**
 * Undefined for a list that cannot be read, with a warning that says why: what was rebuilt must be
 * reported all the same.
 */
async function listOf<T>(
  { server, machine, file }: SnapshotsDeps,
  what: string,
  read: (all: readonly Project[]) => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await read(await projects(server, file.projects))
  } catch (error) {
    if (!(error instanceof Stop) || machine.signal.aborted) throw error
    machine.log.warn(`the ${what} could not be listed: ${error.message}`)
    return undefined
  }
}

function isFirstShard({ shard }: SnapshotsDeps): boolean {
  return (shard?.index ?? 1) === 1
}

function byName(a: DeploymentReport, b: DeploymentReport): number {
  return `${a.project}/${a.name}` < `${b.project}/${b.name}` ? -1 : 1
}
