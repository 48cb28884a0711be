import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { Exchange } from '../../src/demo/fake-github/exchange.ts'
import { testCache } from './environments.ts'

type Json = Record<string, unknown>
interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: AnySchemaObject
}
interface Content {
  content?: Record<string, { schema?: AnySchemaObject }>
}
interface Operation {
  parameters?: Parameter[]
  requestBody?: Content & { required?: boolean }
  responses: Record<string, Content | undefined>
}
interface Reference {
  $ref: string
}
interface Description {
  paths: Record<string, Record<string, Json | undefined> | undefined>
  components: Record<string, Record<string, Json> | undefined>
}
/**
 * One operation, and by their addresses all schemas that it needs, in JSON Schema. Null: GitHub
 * does not have it.
 */
type Piece = {
  readonly operation: Operation
  readonly schemas: Record<string, AnySchemaObject>
} | null

const JSON_TYPE = 'application/json'
/** Where a schema of the description gets its address. */
const ADDRESS = 'https://api.github.com/schemas/'
const ERROR: AnySchemaObject = { $ref: `${ADDRESS}basic-error` }

const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
addFormats.default(ajv)
const known = new Map<string, Piece>()
const compiled = new Map<string, ValidateFunction>()

/**
 * What of one exchange is not as GitHub's OpenAPI description has it: the route, the parameters,
 * the request's body and the answer. An injected answer is not checked.
 */
export function violationsOf(exchange: Exchange): string[] {
  const { method, route, path } = exchange
  const operation = route === null ? undefined : operationOf(method, route)
  if (route === null || operation === undefined)
    return [
      `${method} ${path}: ${route === null ? 'the fake does not have this route' : 'GitHub does not have this route'}`,
    ]
  const problems = [
    ...parameterProblems(operation, exchange),
    ...bodyProblems(operation, exchange),
    ...(exchange.injected ? [] : answerProblems(operation, exchange)),
  ]
  return problems.map((problem) => `${method} ${path} → ${exchange.status}: ${problem}`)
}

/** All routes of the description, as `GET /user`. */
export function hasRoute(method: string, route: string): boolean {
  return operationOf(method, route) !== undefined
}

function parameterProblems(
  { parameters = [] }: Operation,
  { method, route, params, query }: Exchange,
): string[] {
  const sent = { path: params, query }
  const problems = parameters.flatMap((parameter) => {
    if (parameter.in === 'header') return []
    const { name, required = false, schema } = parameter
    const value = sent[parameter.in][name]
    if (value === undefined) return required ? [`${parameter.in} parameter ${name} is missing`] : []
    return judge(
      `${method} ${route ?? ''} parameter ${name}`,
      schema,
      typed(value, schema),
      `${parameter.in} parameter ${name}`,
    )
  })
  const names = new Set(parameters.map((parameter) => parameter.name))
  return [
    ...problems,
    ...Object.keys(query)
      .filter((name) => !names.has(name))
      .map((name) => `query parameter ${name} does not exist`),
  ]
}

/** The value of a parameter as the type its schema has. */
function typed(value: string, { type }: AnySchemaObject): unknown {
  if (type === 'integer' && /^-?\d+$/.test(value)) return Number(value)
  return type === 'boolean' && /^(true|false)$/.test(value) ? value === 'true' : value
}

function bodyProblems({ requestBody }: Operation, { method, route, body }: Exchange): string[] {
  const schema = requestBody?.content?.[JSON_TYPE]?.schema
  if (body === undefined) return requestBody?.required === true ? ['the request has no body'] : []
  if (schema === undefined) return ['the request must have no body']
  const known = schema['properties'] as Json | undefined
  const unknown =
    known === undefined || typeof body !== 'object' || body === null
      ? []
      : Object.keys(body).filter((name) => !(name in known))
  return [
    ...judge(`${method} ${route ?? ''} body`, schema, body, 'request'),
    ...unknown.map((name) => `request: ${name} does not exist`),
  ]
}

function answerProblems(
  { responses }: Operation,
  { method, route, status, answer, answerHeaders }: Exchange,
): string[] {
  const documented = responses[String(status)]
  if (status === 204)
    return [
      ...(documented === undefined ? ['204 is not documented'] : []),
      ...(answer === undefined ? [] : ['204 has a body']),
    ]
  if (!(answerHeaders['content-type'] ?? JSON_TYPE).startsWith(JSON_TYPE)) return []
  // Permissions, limits and some refusals are documented for no route; then it is GitHub's common
  // error.
  const schema = documented?.content?.[JSON_TYPE]?.schema ?? (status >= 400 ? ERROR : undefined)
  return schema === undefined
    ? [`${status} is not documented`]
    : judge(`${method} ${route ?? ''} ${status}`, schema, answer, 'answer')
}

function judge(key: string, schema: AnySchemaObject, value: unknown, what: string): string[] {
  const validate = compiled.get(key) ?? ajv.compile(schema)
  compiled.set(key, validate)
  return validate(value)
    ? []
    : (validate.errors ?? []).map(
        (error) => `${what}${error.instancePath} ${error.message ?? 'is wrong'}`,
      )
}

function operationOf(method: string, route: string): Operation | undefined {
  const key = `${method} ${route}`
  let piece = known.get(key)
  if (piece === undefined) {
    piece = cached(key, method, route)
    known.set(key, piece)
    // Added, not compiled: that happens to those that a value is held against.
    for (const [address, schema] of Object.entries(piece?.schemas ?? {}))
      if (ajv.schemas[address] === undefined) ajv.addSchema(schema, address)
  }
  return piece?.operation
}

let description: Description | undefined

/**
 * The description has 13 MB, and to read and to change it costs every file of tests about half a
 * second: what is needed of it is kept in the test cache.
 */
function cached(key: string, method: string, route: string): Piece {
  const file = createRequire(import.meta.url).resolve(
    '@octokit/openapi/generated/api.github.com.json',
  )
  const { version } = JSON.parse(
    readFileSync(join(dirname(file), '..', 'package.json'), 'utf8'),
  ) as { version: string }
  // Also of this file: what it keeps may be another thing in its next version.
  const digest = createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .digest('hex')
    .slice(0, 16)
  const folder = join(testCache(), 'github-openapi', `${version}-${digest}`)
  const path = join(folder, `${encodeURIComponent(key)}.json`)
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Piece
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  description ??= JSON.parse(readFileSync(file, 'utf8')) as Description
  const piece = cut(description, description.paths[route]?.[method.toLowerCase()])
  mkdirSync(folder, { recursive: true })
  // Another process may do the same now.
  const temporary = `${path}.${process.pid}.part`
  writeFileSync(temporary, JSON.stringify(piece))
  renameSync(temporary, path)
  return piece
}

const SCHEMA = '#/components/schemas/'

function cut({ components }: Description, found: Json | undefined): Piece {
  if (found === undefined) return null
  // Parameters and answers that several operations share are laid in; schemas may refer to
  // themselves and keep their names.
  const whole = (value: unknown) => {
    const { $ref } = value as Partial<Reference>
    if ($ref === undefined) return value
    const [, , kind = '', name = ''] = $ref.split('/')
    return components[kind]?.[name]
  }
  const { parameters = [], responses = {} } = found as { parameters?: unknown[]; responses?: Json }
  const operation = readdressed({
    ...found,
    parameters: parameters.map(whole),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [status, whole(response)]),
    ),
  })
  const schemas: Record<string, AnySchemaObject> = {}
  const waiting = ['basic-error', ...operation.names]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (schemas[`${ADDRESS}${name}`] !== undefined) continue
    const schema = readdressed(components['schemas']?.[name] ?? {})
    schemas[`${ADDRESS}${name}`] = schema.value as AnySchemaObject
    waiting.push(...schema.names)
  }
  return { operation: operation.value as Operation, schemas }
}

/**
 * A copy in JSON Schema whose references are addresses; and the names of the schemas it refers to.
 */
function readdressed(part: Json): { value: unknown; names: string[] } {
  const text = JSON.stringify(part)
  const value = JSON.parse(text.replaceAll(`"${SCHEMA}`, `"${ADDRESS}`)) as unknown
  toJsonSchema(value)
  return {
    value,
    names: [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? ''),
  }
}

/**
 * OpenAPI 3.0 says `nullable`, JSON Schema does not know it. A default of '' is allowed though the
 * format forbids it: GitHub answers it.
 */
function toJsonSchema(node: unknown): void {
  if (typeof node !== 'object' || node === null) return
  for (const value of Object.values(node)) toJsonSchema(value)
  const schema = node as Json
  if (schema['default'] === '' && typeof schema['format'] === 'string')
    alternative(schema, { const: '' })
  if (schema['nullable'] === true) {
    delete schema['nullable']
    alternative(schema, { type: 'null' })
  }
}

function alternative(schema: Json, other: Json): void {
  const whole = { ...schema }
  for (const key of Object.keys(schema)) Reflect.deleteProperty(schema, key)
  schema['anyOf'] = [whole, other]
}
