import type { InventoryComponent, ParityFinding } from '../result/stacks.ts'
import { quoted } from './words.ts'

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

type ComponentFinding = Pick<ParityFinding, 'kind' | 'message'>

/** What differs between two counterparts. Of another flavor all else follows, so it is not told. */
export function compareComponents(
  production: InventoryComponent,
  staging: InventoryComponent,
): ComponentFinding[] {
  if (production.flavor !== staging.flavor)
    return [{ kind: 'flavor', message: `flavor ${both(production.flavor, staging.flavor)}` }]
  const name = quoted(production.flavor)
  const [source, ofStaging] = [production['flavor-source'], staging['flavor-source']]
  return [
    ...(source === ofStaging
      ? []
      : [
          {
            kind: 'flavor' as const,
            message: `the custom flavor ${name} is ${both(source, ofStaging)}`,
          },
        ]),
    ...(production.integration === staging.integration
      ? []
      : [
          {
            kind: 'integration' as const,
            message: `the integration of ${name} is ${both(production.integration, staging.integration)}`,
          },
        ]),
    ...compareConnectors(production.connector, staging.connector),
    ...compareConfigurations(name, production.configuration, staging.configuration),
  ]
}

function compareConnectors(
  production: InventoryComponent['connector'],
  staging: InventoryComponent['connector'],
): ComponentFinding[] {
  if (production === null && staging === null) return []
  if (production === null || staging === null) {
    const [with_, without] =
      production === null ? ['staging', 'production'] : ['production', 'staging']
    const type = (production ?? staging)?.type ?? null
    return [
      {
        kind: 'connector',
        message: `a service connector${type === null ? '' : ` of type ${quoted(type)}`} is attached in ${with_}, none in ${without}`,
      },
    ]
  }
  if (production.type === null || staging.type === null)
    return [
      {
        kind: 'not-read',
        message: `the key may not read the service connector in ${production.type === null ? 'production' : 'staging'}, so its type was not compared`,
      },
    ]
  return production.type === staging.type
    ? []
    : [
        {
          kind: 'connector',
          message: `the service connector is of type ${both(production.type, staging.type)}`,
        },
      ]
}

/** Buckets and contexts differ by right, and so may what is set at all. */
function compareConfigurations(
  flavor: string,
  production: readonly string[],
  staging: readonly string[],
): ComponentFinding[] {
  const only = (
    side: string,
    mine: readonly string[],
    others: readonly string[],
  ): ComponentFinding[] => {
    const keys = mine.filter((key) => !others.includes(key))
    return keys.length === 0
      ? []
      : [{ kind: 'configuration', message: `only ${side} sets ${listedKeys(keys)} of ${flavor}` }]
  }
  return [...only('production', production, staging), ...only('staging', staging, production)]
}

const MOST_KEYS = 10

function listedKeys(keys: readonly string[]): string {
  const more = keys.length > MOST_KEYS ? ` and ${keys.length - MOST_KEYS} more` : ''
  return `${keys.slice(0, MOST_KEYS).map(quoted).join(', ')}${more}`
}

function both(production: string | null, staging: string | null): string {
  const name = (value: string | null) => (value === null ? 'none' : quoted(value))
  return `${name(production)} in production and ${name(staging)} in staging`
}
