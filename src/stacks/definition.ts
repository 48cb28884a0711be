import * as z from 'zod'
import { remember } from '../core/once.ts'
import type { ComponentDefinition, JsonObject, StackDefinition } from '../zenml-client/protocol.ts'
import { componentSchema, stackSchema } from '../zenml/entities.ts'
import { ApiError } from '../zenml/api-error.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { integrationsOf } from './integrations.ts'

/** A component with what its flavor says about where it comes from. */
export const componentWithFlavor = componentSchema.extend({
  resources: z
    .looseObject({
      flavor: z
        .looseObject({
          body: z
            .looseObject({ source: z.string().nullish(), is_custom: z.boolean().nullish() })
            .nullish(),
        })
        .nullish(),
    })
    .nullish(),
})

/** A stack as planning needs it: what it is made of, and what must be installed to use it. */
export interface StackInUse {
  readonly id: string
  readonly definition: StackDefinition
  /** ZenML integrations whose requirements its components need, sorted. */
  readonly integrations: readonly string[]
}

/**
 * Reads one stack with the configuration of its components; undefined when there is none of this
 * id. Service connectors are not read.
 */
async function readStack(server: ZenmlServer, id: string): Promise<StackInUse | undefined> {
  const stack = await server.get(`/stacks/${id}`, stackSchema).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  })
  if (stack === undefined) return undefined
  const components: ComponentDefinition[] = []
  for (const { id: componentId } of Object.values(stack.metadata.components).flat()) {
    components.push(
      definitionOf(await server.get(`/components/${componentId}`, componentWithFlavor)),
    )
  }
  return {
    id: stack.id,
    definition: { name: stack.name, components },
    integrations: integrationsOf(components),
  }
}

/** Reads each stack once, however many snapshots use it. */
export function stackReader(server: ZenmlServer): (id: string) => Promise<StackInUse | undefined> {
  const known = new Map<string, Promise<StackInUse | undefined>>()
  return (id) => remember(known, id, () => readStack(server, id))
}

function definitionOf({
  name,
  body,
  metadata,
  resources,
}: z.infer<typeof componentWithFlavor>): ComponentDefinition {
  return {
    type: body.type,
    name,
    flavor: body.flavor_name,
    integration: body.integration ?? null,
    flavorSource: customSource(body.integration, resources?.flavor?.body),
    configuration: withoutSecrets(metadata.configuration),
  }
}

/** Where the code of a custom flavor is; null for ZenML's own, whose code is part of the client. */
export function customSource(
  integration: string | null | undefined,
  flavor:
    | {
        readonly source?: string | null | undefined
        readonly is_custom?: boolean | null | undefined
      }
    | null
    | undefined,
): string | null {
  const isCustom = flavor?.is_custom === true || integration === 'custom'
  return isCustom ? (flavor?.source ?? null) : null
}

/** Names of keys whose plain values are secrets more often than not. */
const SENSITIVE = /secret|password|passphrase|token|credential|private|(?:^|_)key(?:_|$)/i
/** `{{name.key}}` names a secret and is none. */
const REFERENCE = /^\s*\{\{[^{}]+\}\}\s*$/

/**
 * The configuration with placeholders for what may be a secret: whether a value is one is known to
 * its flavor only, so the key decides.
 */
export function withoutSecrets(configuration: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => [
      key,
      typeof value === 'string' && SENSITIVE.test(key) && !REFERENCE.test(value)
        ? 'placeholder'
        : value,
    ]),
  )
}
