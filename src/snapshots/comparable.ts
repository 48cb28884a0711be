import type { JsonObject } from '../zenml-client/protocol.ts'
import { isObject, type Json } from './json.ts'
import { isCompared } from './not-compared.ts'
import { withoutVersions } from './pinned-client.ts'

/** Lists whose order and repetitions mean nothing: ZenML appends to them whenever it applies one. */
const SETS = ['tags', 'secrets']

/**
 * A record in one spelling: what is not compared is left out, and what releases of ZenML write in
 * different ways is written in one way. Pure.
 */
export function comparable(record: JsonObject): JsonObject {
  return objectOf(record, [])
}

function objectOf(value: JsonObject, path: readonly string[]): JsonObject {
  const found: JsonObject = {}
  for (const [key, entry] of Object.entries(value)) {
    const inner = [...path, key]
    if (isCompared(inner)) found[key] = valueOf(entry, inner)
  }
  return found
}

function valueOf(value: Json, path: readonly string[]): Json {
  const [key = '', owner = ''] = [path.at(-1), path.at(-2)]
  if (Array.isArray(value)) {
    if (SETS.includes(key)) return asSet(value)
    // From ZenML 0.97 on, an input that is one artifact is no list.
    if (owner === 'inputs' && value.length === 1) return valueOf(value[0] ?? null, path)
    return value.map((entry) => valueOf(entry, [...path, '*']))
  }
  if (!isObject(value)) return value
  const source = sourcePath(value)
  if (source !== undefined) return source
  if (key === 'docker' && owner === 'settings') return withoutVersions(value)
  return objectOf(key === 'settings' ? byComponentType(value) : value, path)
}

/** A mapping, so that entries are compared one by one. */
function asSet(values: readonly Json[]): JsonObject {
  const names = values.map((value) => {
    const name = isObject(value) ? value['name'] : value
    return typeof name === 'string' ? name : JSON.stringify(value)
  })
  return Object.fromEntries(names.map((name) => [name, true]))
}

/** `module.attribute` of a reference to code; where that code comes from is not compared. */
function sourcePath({ module, attribute, type }: JsonObject): string | undefined {
  return typeof module === 'string' && typeof attribute === 'string' && typeof type === 'string'
    ? `${module}.${attribute}`
    : undefined
}

/**
 * The settings of a component are recorded as `orchestrator.kubernetes` (by flavor) up to ZenML
 * 0.94.2 and as `orchestrator:prod` (by name) from then on, and code may write just `orchestrator`.
 * Where there are several of a type, they keep their names.
 */
function byComponentType(settings: JsonObject): JsonObject {
  const typeOf = (key: string) => key.split(/[.:]/)[0] ?? key
  const types = Object.keys(settings).map(typeOf)
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => {
      const type = typeOf(key)
      return [types.filter((other) => other === type).length === 1 ? type : key, value]
    }),
  )
}
