import type { Environment } from '../core/environments.ts'
import type { ComponentFact } from '../report/parity-fact.ts'
import type { InventoryComponent } from '../result/stacks.ts'

type Pair = readonly [production: InventoryComponent, staging: InventoryComponent]

export interface Paired {
  readonly pairs: readonly Pair[]
  /** Of production, without a counterpart. */
  readonly missing: readonly InventoryComponent[]
  /** Of staging, without a counterpart. */
  readonly extra: readonly InventoryComponent[]
}

/**
 * What makes two components of one type counterparts, the strictest first: where a stack has
 * several, the likest are compared.
 */
const LIKENESS: readonly ((a: InventoryComponent, b: InventoryComponent) => boolean)[] = [
  (a, b) => sameKind(a, b) && a.name === b.name,
  sameKind,
  (a, b) => a.flavor === b.flavor && a.name === b.name,
  (a, b) => a.flavor === b.flavor,
  () => true,
]

/**
 * Pairs the components of one type; both lists are sorted, so that the same stacks always give the
 * same pairs.
 */
export function pairComponents(
  production: readonly InventoryComponent[],
  staging: readonly InventoryComponent[],
): Paired {
  const pairs: Pair[] = []
  let missing = [...production]
  const extra = [...staging]
  for (const alike of LIKENESS) {
    missing = missing.filter((component) => {
      const index = extra.findIndex((candidate) => alike(component, candidate))
      const [counterpart] = index < 0 ? [] : extra.splice(index, 1)
      if (counterpart !== undefined) pairs.push([component, counterpart])
      return counterpart === undefined
    })
  }
  return { pairs, missing, extra }
}

function sameKind(a: InventoryComponent, b: InventoryComponent): boolean {
  return (
    a.flavor === b.flavor &&
    a.integration === b.integration &&
    a['flavor-source'] === b['flavor-source'] &&
    a.connector?.type === b.connector?.type
  )
}

/** Finds what differs between two counterparts. What differs with another flavor follows from it. */
export function compareComponents(
  production: InventoryComponent,
  staging: InventoryComponent,
): ComponentFact[] {
  const { flavor } = production
  if (flavor !== staging.flavor)
    return [{ kind: 'flavor', production: flavor, staging: staging.flavor }]
  return [
    ...difference('flavor-source', flavor, production['flavor-source'], staging['flavor-source']),
    ...difference('integration', flavor, production.integration, staging.integration),
    ...compareConnectors(production.connector, staging.connector),
    ...compareConfigurations(flavor, production.configuration, staging.configuration),
  ]
}

function difference(
  kind: 'flavor-source' | 'integration',
  flavor: string,
  production: string | null,
  staging: string | null,
): ComponentFact[] {
  return production === staging ? [] : [{ kind, flavor, production, staging }]
}

function compareConnectors(
  production: InventoryComponent['connector'],
  staging: InventoryComponent['connector'],
): ComponentFact[] {
  const attached = production ?? staging
  if (attached === null) return []
  if (production === null || staging === null) {
    const environment = production === null ? 'staging' : 'production'
    return [{ kind: 'connector-on-one-side', environment, connector: attached.type }]
  }
  if (production.type === null || staging.type === null)
    return [
      {
        kind: 'connector-not-read',
        environment: production.type === null ? 'production' : 'staging',
      },
    ]
  return production.type === staging.type
    ? []
    : [{ kind: 'connector-type', production: production.type, staging: staging.type }]
}

/** Buckets and contexts differ by right, and so may what is set at all. */
function compareConfigurations(
  flavor: string,
  production: readonly string[],
  staging: readonly string[],
): ComponentFact[] {
  const only = (
    environment: Environment,
    own: readonly string[],
    others: readonly string[],
  ): ComponentFact[] => {
    const keys = own.filter((key) => !others.includes(key))
    return keys.length === 0 ? [] : [{ kind: 'configuration', environment, flavor, keys }]
  }
  return [...only('production', production, staging), ...only('staging', staging, production)]
}
