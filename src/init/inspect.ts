import type { Environment } from '../core/environments.ts'
import { Stop } from '../core/stop.ts'
import { isSameRepository, type RepositoryName } from '../git/repository-name.ts'
import { discoverSnapshots } from '../snapshots/discover.ts'
import { pipelineSource } from '../snapshots/recorded-configuration.ts'
import type { DiscoveredSnapshot } from '../snapshots/discovered.ts'
import { normalise } from '../core/versions.ts'
import { registeredCodeRepositories } from '../stacks/code-repositories.ts'
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
  {
    environment,
    hasKey,
    repository,
  }: {
    readonly environment: Environment
    readonly hasKey: boolean
    /** The one that the files are written for. */
    readonly repository: RepositoryName | undefined
  },
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
  const own = await ownCodeRepositories(server, repository, snapshots ?? [])
  const schedules = await ifThere(readSchedules(server))
  const missing = Object.entries({ stacks, snapshots, schedules })
    .filter(([, found]) => found === undefined)
    .map(([kind]) => kind)
  return {
    ...about,
    stacks: stacks?.map(({ name }) => name).sort() ?? null,
    snapshots: snapshots?.map((snapshot) => snapshotFact(snapshot, own)) ?? null,
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

/** Ids of the code repositories that are the repository; none where the key may not see them. */
async function ownCodeRepositories(
  server: Pick<ZenmlServer, 'list'>,
  repository: RepositoryName | undefined,
  snapshots: readonly DiscoveredSnapshot[],
): Promise<ReadonlySet<string>> {
  const projectIds = new Set(
    snapshots
      .filter(({ record }) => record.resources.code_reference?.body != null)
      .map(({ projectId }) => projectId),
  )
  const found = await ifThere(registeredCodeRepositories(server, [...projectIds]))
  return new Set(
    (found ?? []).flatMap(({ id, repository: one }) =>
      one !== undefined && repository !== undefined && isSameRepository(one, repository)
        ? [id]
        : [],
    ),
  )
}

/** `own`: ids of the code repositories that are this repository. Pure. */
export function snapshotFact(
  { project, pipeline, name, record }: DiscoveredSnapshot,
  own: ReadonlySet<string>,
): SnapshotFact {
  const code = pipelineSource(record)
  const reference = record.resources.code_reference?.body
  const isOwn = own.has(reference?.code_repository?.id ?? '')
  const subdirectory = isOwn ? (reference?.subdirectory ?? null) : null
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
