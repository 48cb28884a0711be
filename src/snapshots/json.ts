import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../zenml-client/protocol.ts'

export type Json = JsonObject[string]

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectAt(value: JsonObject, key: string): JsonObject {
  const found = value[key]
  return isObject(found) ? found : {}
}

/**
 * Mappings are merged key by key; anything else of `above` replaces what is below. The way ZenML
 * lays one configuration over another.
 */
export function layOver(below: JsonObject, above: JsonObject): JsonObject {
  const merged: JsonObject = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const under = merged[key]
    merged[key] = isObject(under) && isObject(value) ? layOver(under, value) : value
  }
  return merged
}

/** The least that laid over `below` gives `above`, as far as laying over can. */
export function difference(above: JsonObject, below: JsonObject): JsonObject {
  const found: JsonObject = {}
  for (const [key, value] of Object.entries(above)) {
    const under = below[key]
    if (isDeepStrictEqual(value, under)) continue
    if (!isObject(value) || !isObject(under)) found[key] = value
    else {
      const inner = difference(value, under)
      if (Object.keys(inner).length > 0) found[key] = inner
    }
  }
  return found
}
