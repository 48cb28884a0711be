import * as z from 'zod'
import { NOT_BUILT } from './not-built.ts'
import { configSchema } from './schema.ts'

export type JsonSchema = z.core.JSONSchema.BaseSchema

let made: JsonSchema | undefined

/**
 * The JSON Schema (draft 2020-12) of `zenml-upgrade.yml`, for editors. One object, made at the
 * first call; not to be changed.
 */
export function configJsonSchema(): JsonSchema {
  made ??= make()
  return made
}

function make(): JsonSchema {
  // `input`: what the user writes, durations as text and defaults left out.
  const schema = JSON.parse(
    JSON.stringify(z.toJSONSchema(configSchema, { target: 'draft-2020-12', io: 'input' })),
  ) as JsonSchema
  for (const { at, what } of NOT_BUILT) {
    // What is refused from a position on is told at the list itself.
    const told = /^\d+$/.test(at.at(-1) ?? '') ? at.slice(0, -1) : at
    for (const node of nodesAt(schema, told))
      if (node.description !== undefined) node.description += `. Not built yet: ${what}`
  }
  return schema
}

/**
 * The schemas of what stands at a path of the file; several where it may have one of several
 * shapes. `*` is any key or position.
 */
export function nodesAt(schema: JsonSchema, path: readonly (string | number)[]): JsonSchema[] {
  const [key, ...rest] = path
  if (key === undefined) return [schema]
  const below = shapes(schema).flatMap((shape) => {
    if (shape.type === 'array') return [shape.items]
    const properties = shape.properties ?? {}
    if (key === '*') return Object.values(properties)
    return Object.hasOwn(properties, key) ? [properties[key]] : [shape.additionalProperties]
  })
  return below.filter(isSchema).flatMap((next) => nodesAt(next, rest))
}

/** The keys that are allowed in a mapping of the file; empty where any key is. */
export function keysOf(nodes: readonly JsonSchema[]): string[] {
  return nodes.flatMap(shapes).flatMap((shape) => Object.keys(shape.properties ?? {}))
}

function shapes(schema: JsonSchema): JsonSchema[] {
  return schema.anyOf === undefined ? [schema] : schema.anyOf.filter(isSchema)
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
