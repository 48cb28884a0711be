import pMap from 'p-map'
import * as z from 'zod'
import type { InventoryComponent, InventoryStack, StackInventory } from '../result/stacks.ts'
import { Stop } from '../core/stop.ts'
import { ApiError } from '../zenml/api-error.ts'
import { snapshotSchema } from '../zenml/entities.ts'
import { projects } from '../zenml/inventory.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { componentWithFlavor, customSource } from './definition.ts'

/**
 * Of a stack only which components it has: what they are is read from the list of components, where
 * their configuration is too.
 */
const bareStack = z.looseObject({
  id: z.string(),
  name: z.string(),
  metadata: z.looseObject({
    components: z.record(
      z.string(),
      z.array(z.looseObject({ id: z.string(), name: z.string().nullish() })),
    ),
  }),
})
type BareStack = z.infer<typeof bareStack>
type Component = z.infer<typeof componentWithFlavor>

/** Read one by one, after the lists, because something changed meanwhile or is not in a list. */
const PARALLEL = 4

export interface InventoryPlace {
  readonly server: ZenmlServer
  /** Projects whose named snapshots count; left out, all that the key can see. */
  readonly projects: readonly string[] | undefined
  readonly now: () => Date
}

/**
 * The stacks of a server as plain data without a value of their configuration: three lists in
 * pages, however many stacks there are.
 * @throws Stop for what could not be read, `credentials-refused` where the key may not
 */
export async function readStackInventory({
  server,
  projects: wanted,
  now,
}: InventoryPlace): Promise<StackInventory> {
  const { id, version } = await server.info()
  const inUse = await stacksInUse(server, wanted)
  const listed = await server.list('/stacks', bareStack, { hydrate: true })
  // After the stacks: a component that is not in this list is one that changed while we read.
  const components = new Map(
    (await server.list('/components', componentWithFlavor, { hydrate: true })).map((component) => [
      component.id,
      component,
    ]),
  )

  const whole = listed.filter((stack) =>
    idsOf(stack).every((component) => components.has(component)),
  )
  const known = new Set(whole.map((stack) => stack.id))
  const again = [...new Set([...listed.map((stack) => stack.id), ...inUse])].filter(
    (stack) => !known.has(stack),
  )
  const reread = await pMap(again, (stack) => readOne(server, stack), { concurrency: PARALLEL })
  const stacks = [
    ...whole.map((stack) =>
      describe(
        stack,
        idsOf(stack).flatMap((component) => components.get(component) ?? []),
        inUse,
      ),
    ),
    ...reread.flatMap((found) =>
      found === undefined ? [] : [describe(found.stack, found.components, inUse)],
    ),
  ]
  return {
    'server-id': id,
    'server-version': version,
    read: now().toISOString(),
    stacks: stacks.sort((a, b) => order(a.name, b.name)),
  }
}

/** Ids of the stacks that named snapshots use. */
async function stacksInUse(
  server: ZenmlServer,
  wanted: readonly string[] | undefined,
): Promise<Set<string>> {
  const ids = new Set<string>()
  for (const { id: project } of await projects(server, wanted)) {
    const snapshots = await server
      .list('/pipeline_snapshots', snapshotSchema, { project, named_only: true })
      .catch(orNone([]))
    // A server that does not know `named_only` ignores it and lists what every run left.
    for (const { name, resources } of snapshots)
      if (name && resources.stack) ids.add(resources.stack.id)
  }
  return ids
}

/** Undefined when the stack was deleted meanwhile. */
async function readOne(
  server: ZenmlServer,
  id: string,
): Promise<{ readonly stack: BareStack; readonly components: readonly Component[] } | undefined> {
  const stack = await server.get(`/stacks/${id}`, bareStack).catch(orNone(undefined))
  if (stack === undefined) return undefined
  const components = await Promise.all(
    idsOf(stack).map((component) =>
      server.get(`/components/${component}`, componentWithFlavor).catch(orNone(undefined)),
    ),
  )
  const read = components.filter((component) => component !== undefined)
  if (read.length === components.length) return { stack, components: read }
  if ((await server.get(`/stacks/${id}`, bareStack).catch(orNone(undefined))) === undefined)
    return undefined
  throw new Stop(
    'unexpected-answer',
    `The stack ${JSON.stringify(stack.name)} on ${server.url} names a component that is not there: it is being changed, or damaged.`,
    { next: 'Run it again; if it stays, look at the stack in the dashboard.' },
  )
}

/** What a server answers for a thing, or a kind of thing, that it does not have. */
function orNone<T>(none: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof ApiError && (error.status === 404 || error.status === 405)) return none
    throw error
  }
}

function idsOf({ metadata }: BareStack): string[] {
  return Object.values(metadata.components).flatMap((ofType) => ofType.map(({ id }) => id))
}

function describe(
  { id, name }: BareStack,
  components: readonly Component[],
  inUse: ReadonlySet<string>,
): InventoryStack {
  return {
    name,
    'in-use': inUse.has(id),
    components: components
      .map(describeComponent)
      .sort((a, b) => order(a.type, b.type) || order(a.flavor, b.flavor) || order(a.name, b.name)),
  }
}

function describeComponent({ name, body, metadata, resources }: Component): InventoryComponent {
  const { configuration, connector } = metadata
  return {
    type: body.type,
    name,
    flavor: body.flavor_name,
    integration: body.integration ?? null,
    'flavor-source': customSource(body.integration, resources?.flavor?.body),
    connector: connector ? { type: connector.body?.connector_type ?? null } : null,
    configuration: Object.entries(configuration)
      .filter(([, value]) => value !== null)
      .map(([key]) => key)
      .sort(),
  }
}

/** By code points: the same on every machine. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
