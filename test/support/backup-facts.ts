// What the tests of backups of real servers share: what must be the same after a restore, and what
// a user may write meanwhile.
import { rest, type Rest, type TestServer } from './zenml.ts'

/**
 * Everything that must come back: the server's id, the runs, and names with ids. Reading it also
 * logs in.
 */
export async function inventory(
  server: TestServer,
): Promise<{ id: string; runs: number; names: string[] }> {
  const api = rest(server.url, server)
  const { id } = await api.get('/info')
  const runs = (await api.get('/runs', { project: 'default' })).total
  const names: string[] = []
  for (const kind of [
    'pipelines',
    'pipeline_snapshots',
    'stacks',
    'components',
    'secrets',
    'triggers',
  ] as const) {
    const scope = kind.startsWith('pipeline') || kind === 'triggers' ? { project: 'default' } : {}
    const { items } = await api.get(`/${kind}`, { sort_by: 'asc:created', size: '100', ...scope })
    names.push(...items.map((item) => `${kind}/${item.name}/${item.id}`))
  }
  return { id, runs, names }
}

const TRIGGER = {
  name: 'to-edit',
  type: 'schedule',
  flavor: 'native schedule',
  cron_expression: '0 5 * * *',
  active: true,
  concurrency: 'skip',
}

/** What `writeAsUser` edits and deletes; made before the backup. */
export async function preparedForEdits(api: Rest): Promise<void> {
  const project = (await api.get('/projects/default')).id
  await api.post('/secrets', { name: 'to-delete', private: false, values: { key: 'value' } })
  await api.post('/secrets', { name: 'to-edit', private: false, values: { key: 'value' } })
  await api.post('/triggers', { ...TRIGGER, project })
}

/** New things, an edited one of each sort of table, a deleted one. */
export async function writeAsUser(api: Rest): Promise<void> {
  const project = (await api.get('/projects/default')).id
  await api.post('/pipelines', { name: 'made-later', project })
  await api.post('/flavors', {
    name: 'made-later',
    type: 'orchestrator',
    source: 'a.b.C',
    config_schema: {},
    integration: 'custom',
    is_custom: true,
  })
  await api.post('/secrets', { name: 'made-later', private: false, values: { key: 'value' } })
  const components = (await api.get('/components', { sort_by: 'asc:created', size: '100' })).items
  const local = (type: string) =>
    components
      .filter((component) => component.body['type'] === type && component.name === 'default')
      .map(({ id }) => id)
  await api.post('/stacks', {
    name: 'made-later',
    components: { orchestrator: local('orchestrator'), artifact_store: local('artifact_store') },
  })
  const named = async (kind: string, name: string) =>
    (
      await api.get(`/${kind}`, {
        sort_by: 'asc:created',
        size: '100',
        ...(kind === 'triggers' ? { project: 'default' } : {}),
      })
    ).items.find((item) => item.name === name || item.body['name'] === name)?.id ?? ''
  await api.put(`/secrets/${await named('secrets', 'to-edit')}`, { values: { key: 'other' } })
  // ZenML leaves `updated` of a trigger alone.
  await api.put(`/triggers/${await named('triggers', 'to-edit')}`, { ...TRIGGER, active: false })
  await api.delete(`/secrets/${await named('secrets', 'to-delete')}`)
}

/** What `writeAsUser` is counted as. */
export const WRITTEN_LATER = {
  flavor: 1,
  pipeline: 1,
  secret: 2,
  'secret (deleted)': 1,
  stack: 1,
  stack_composition: 2,
  trigger: 1,
}
