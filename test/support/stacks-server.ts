// A ZenML server that has stacks and named snapshots, as far as reading them goes; answers are in
// the form of ZenML 0.98.0.
import { httpServer, type HttpTestServer, type Reply, type SeenRequest } from './http-server.ts'

/** A value of a configuration: nobody may ever show it. */
export const VALUE = 'CANARY-value-of-a-key'

interface FakeComponent {
  readonly id: string
  readonly type: string
  readonly flavor: string
  readonly keys?: readonly string[]
  readonly connector?: string
}

export interface FakeStack {
  readonly id: string
  readonly name: string
  readonly components: readonly FakeComponent[]
  /** By a named snapshot. */
  readonly used?: boolean
}

/** `intercept` answers before the stacks do. */
export interface FakeStacks {
  readonly id?: string
  stacks: readonly FakeStack[]
  intercept?: (request: SeenRequest) => Reply | undefined
}

export const NOT_THERE: Reply = { status: 404, json: { detail: ['KeyError', 'not there'] } }
export const FORBIDDEN: Reply = {
  status: 403,
  json: { detail: ['IllegalOperationError', 'Insufficient permissions'] },
}

export function cloudStack(name: string, changes: Partial<FakeStack> = {}): FakeStack {
  const component = (
    type: string,
    flavor: string,
    more: Partial<FakeComponent> = {},
  ): FakeComponent => ({ id: `${name}-${type}`, type, flavor, ...more })
  return {
    id: `id-of-${name}`,
    name,
    used: true,
    components: [
      component('orchestrator', 'kubernetes', { keys: ['kubernetes_context'], connector: 'aws' }),
      component('artifact_store', 's3', { keys: ['path', 'secret'] }),
    ],
    ...changes,
  }
}

export function stacksServer(data: FakeStacks): Promise<HttpTestServer> {
  return httpServer((request) => data.intercept?.(request) ?? answer(data, request))
}

function answer({ id = 'server', stacks }: FakeStacks, { path, query }: SeenRequest): Reply {
  const [, list = '', one] = /^\/api\/v1\/([^/]+)(?:\/(.+))?$/.exec(path) ?? []
  switch (list) {
    case 'login':
      return { json: { access_token: 'token', expires_in: null } }
    case 'info':
      return { json: { id, version: '0.98.0', active: true } }
    case 'projects':
      return page([{ id: 'project-1', name: 'default' }], query)
    case 'pipeline_snapshots':
      return page(
        stacks
          .filter(({ used }) => used)
          .map((stack) => ({
            id: `snapshot-of-${stack.id}`,
            name: `of-${stack.name}`,
            body: { created: '2026-11-23T00:00:00', runnable: true, project_id: 'project-1' },
            resources: { stack: { id: stack.id, name: stack.name } },
          })),
        query,
      )
    case 'stacks':
      return one === undefined
        ? page(stacks.map(stackAnswer), query)
        : found(stacks.filter((stack) => stack.id === one).map(stackAnswer))
    case 'components': {
      const all = stacks.flatMap(({ components }) => components)
      return one === undefined
        ? page(all.map(componentAnswer), query)
        : found(all.filter((component) => component.id === one).map(componentAnswer))
    }
    default:
      return NOT_THERE
  }
}

const nameOf = ({ type, flavor }: FakeComponent) => `${flavor}-${type}`

function stackAnswer({ id, name, components }: FakeStack) {
  const byType: Record<string, unknown[]> = {}
  for (const component of components)
    (byType[component.type] ??= []).push({
      id: component.id,
      name: nameOf(component),
      body: { type: component.type, flavor_name: component.flavor, integration: component.flavor },
      metadata: null,
    })
  return { id, name, metadata: { components: byType } }
}

function componentAnswer(component: FakeComponent) {
  const { id, type, flavor, keys = [], connector } = component
  return {
    id,
    name: nameOf(component),
    body: { type, flavor_name: flavor, integration: flavor },
    metadata: {
      configuration: { ...Object.fromEntries(keys.map((key) => [key, VALUE])), not_set: null },
      connector:
        connector === undefined
          ? null
          : {
              id: `connector-of-${id}`,
              name: 'connector',
              body: { connector_type: connector },
              metadata: { configuration: { token: VALUE } },
            },
    },
    resources: { flavor: { body: { source: 'zenml.Flavor', is_custom: false } } },
  }
}

function found(items: readonly unknown[]): Reply {
  return items.length === 0 ? NOT_THERE : { json: items[0] }
}

function page(items: readonly unknown[], query: URLSearchParams): Reply {
  const [index, size] = [Number(query.get('page') ?? 1), Number(query.get('size') ?? 20)]
  return {
    json: {
      index,
      max_size: size,
      total_pages: Math.max(1, Math.ceil(items.length / size)),
      total: items.length,
      items: items.slice((index - 1) * size, index * size),
    },
  }
}
