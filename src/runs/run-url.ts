import { remember } from '../core/once.ts'
import { projectSchema } from '../zenml/entities.ts'
import { isPro } from '../zenml/info.ts'
import type { HydratedRun } from '../zenml/run-entities.ts'
import type { ZenmlServer } from '../zenml/types.ts'

/**
 * Where the dashboard shows the runs of a project; asked for once, because it is the same for all
 * runs.
 */
const places = new WeakMap<ZenmlServer, Map<string, Promise<string>>>()

/** Returns where a person looks at a run, spelt as ZenML's own client spells it. */
export async function runUrl(server: ZenmlServer, run: HydratedRun): Promise<string> {
  const project = run.body.project_id
  const known = places.get(server) ?? new Map<string, Promise<string>>()
  places.set(server, known)
  const place = await remember(known, project, () => projectUrl(server, project))
  return `${place}/runs/${run.id}`
}

async function projectUrl(server: ZenmlServer, projectId: string): Promise<string> {
  const info = await server.info()
  // An address that is not configured is null or empty.
  const base = (text: string | null | undefined) =>
    (text === null || text === undefined || text === '' ? server.url : text).replace(/\/+$/, '')
  if (isPro(info)) return `${base(info.dashboard_url)}/projects/${projectId}`
  const { name } = await server.get(`/projects/${projectId}`, projectSchema)
  return `${base(info.server_url)}/projects/${encodeURIComponent(name)}`
}
