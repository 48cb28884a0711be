import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { Exchange } from '../../src/demo/fake-github/exchange.ts'

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
  parameters?: (Parameter | Reference)[]
  requestBody?: Content & { required?: boolean }
  responses: Record<string, Content | Reference>
}
interface Reference {
  $ref: string
}
interface Description {
  paths: Record<string, Record<string, Operation | undefined> | undefined>
  components: {
    schemas: Json
    parameters: Record<string, Parameter>
    responses: Record<string, Content>
  }
}

const JSON_TYPE = 'application/json'
const ERROR: AnySchemaObject = { $ref: '#/components/schemas/basic-error' }

let loaded: { description: Description; ajv: Ajv } | undefined
const compiled = new Map<string, ValidateFunction>()

/**
 * What of one exchange is not as GitHub's OpenAPI description has it: the route, the parameters,
 * the request's body and the answer. An injected answer is not checked.
 */
export function violationsOf(exchange: Exchange): string[] {
  const { method, route, path } = exchange
  const operation =
    route === null ? undefined : load().description.paths[route]?.[method.toLowerCase()]
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
  return load().description.paths[route]?.[method.toLowerCase()] !== undefined
}

function parameterProblems(
  { parameters = [] }: Operation,
  { method, route, params, query }: Exchange,
): string[] {
  const known = parameters.map((parameter) =>
    '$ref' in parameter
      ? load().description.components.parameters[parameter.$ref.split('/').at(-1) ?? '']
      : parameter,
  )
  const sent = { path: params, query }
  const problems = known.flatMap((parameter) => {
    if (parameter === undefined || parameter.in === 'header') return []
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
  const names = new Set(known.map((parameter) => parameter?.name))
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
  const response =
    documented !== undefined && '$ref' in documented
      ? load().description.components.responses[documented.$ref.split('/').at(-1) ?? '']
      : documented
  // Permissions, limits and some refusals are documented for no route; then it is GitHub's common
  // error.
  const schema = response?.content?.[JSON_TYPE]?.schema ?? (status >= 400 ? ERROR : undefined)
  return schema === undefined
    ? [`${status} is not documented`]
    : judge(`${method} ${route ?? ''} ${status}`, schema, answer, 'answer')
}

function judge(key: string, schema: AnySchemaObject, value: unknown, what: string): string[] {
  const { ajv } = load()
  const validate =
    compiled.get(key) ??
    ajv.compile(
      JSON.parse(
        JSON.stringify(schema).replaceAll('"#/components/', '"github#/components/'),
      ) as AnySchemaObject,
    )
  compiled.set(key, validate)
  return validate(value)
    ? []
    : (validate.errors ?? []).map(
        (error) => `${what}${error.instancePath} ${error.message ?? 'is wrong'}`,
      )
}

function load(): { description: Description; ajv: Ajv } {
  if (loaded !== undefined) return loaded
  const file = createRequire(import.meta.url).resolve(
    '@octokit/openapi/generated/api.github.com.json',
  )
  const description = JSON.parse(readFileSync(file, 'utf8')) as Description
  toJsonSchema(description)
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'github', components: description.components })
  loaded = { description, ajv }
  return loaded
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
