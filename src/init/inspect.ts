import type { Environment } from '../core/environments.ts'
import { Stop } from '../core/stop.ts'
import { discoverSnapshots } from '../snapshots/discover.ts'
import { pipelineSource } from '../snapshots/recorded-configuration.ts'
import type { DiscoveredSnapshot } from '../snapshots/discovered.ts'
import { normalise } from '../core/versions.ts'
import { scheduleSchema, stackSummarySchema } from '../zenml/entities.ts'
import { isPro } from '../zenml/info.ts'
import { ifThere, projects } from '../zenml/inventory.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import type { ScheduleFact, ServerFacts, SnapshotFact } from './facts.ts'

const NOTHING = { stacks: null, snapshots: null, schedules: null } as const

/**
 * Reads what a live server tells; changes nothing. Without a key that is its version and kind only.
 */
export async function look(
  server: ZenmlServer,
  { environment, hasKey }: { environment: Environment; hasKey: boolean },
): Promise<ServerFacts> {
  const about = { environment, ...(await describe(server)) }
  if (!hasKey)
    return {
      ...about,
      ...NOTHING,
      notLooked: `${environment}: its stacks, snapshots and schedules were not looked at, because there is no key: set ZENML_${environment.toUpperCase()}_API_KEY.`,
    }
  const stacks = await ifThere(server.list('/stacks', stackSummarySchema))
  const snapshots = await ifThere(discoverSnapshots(server))
  const schedules = await ifThere(readSchedules(server))
  const missing = Object.entries({ stacks, snapshots, schedules })
    .filter(([, found]) => found === undefined)
    .map(([kind]) => kind)
  return {
    ...about,
    stacks: stacks?.map(({ name }) => name).sort() ?? null,
    snapshots: snapshots?.map(snapshotFact) ?? null,
    schedules: schedules ?? null,
    notLooked:
      missing.length === 0
        ? null
        : `${environment}: the key may not see ${missing.join(', ')}, or the server has none of that kind.`,
  }
}

async function describe(
  server: ZenmlServer,
): Promise<Pick<ServerFacts, 'url' | 'id' | 'version' | 'database' | 'workspace'>> {
  const info = await server.info()
  const version = normalise(info.version)
  if (version === undefined)
    throw new Stop(
      'unexpected-answer',
      `${server.url} reports the version ${JSON.stringify(info.version)}, which is none`,
    )
  return {
    url: server.url,
    id: info.id,
    version,
    database: info.database_type ?? null,
    workspace: isPro(info)
      ? (info.pro_workspace_name ?? info.pro_workspace_id ?? 'of ZenML Pro')
      : null,
  }
}

function snapshotFact({ project, pipeline, name, record }: DiscoveredSnapshot): SnapshotFact {
  const code = pipelineSource(record)
  const subdirectory = record.resources.code_reference?.body?.subdirectory ?? null
  if ('why' in code) return { project, pipeline, name, module: null, subdirectory, why: code.why }
  return {
    project,
    pipeline,
    name,
    subdirectory,
    module: code.source.slice(0, code.source.lastIndexOf('.')),
    why: null,
  }
}

async function readSchedules(server: ZenmlServer): Promise<ScheduleFact[]> {
  const found: ScheduleFact[] = []
  for (const { id, name: project } of await projects(server)) {
    const schedules = await server.list('/schedules', scheduleSchema, { project: id })
    found.push(
      ...schedules
        .filter(({ body }) => !body.is_archived)
        .map(({ name, body }) => ({ project, name, active: body.active })),
    )
  }
  return found
}
