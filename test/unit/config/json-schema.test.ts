import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import { configJsonSchema, type JsonSchema } from '../../../src/config/json-schema.ts'
import { configSchema } from '../../../src/config/schema.ts'
import { SMALLEST_FILE } from '../../../src/config/load.ts'
import { VALID, withStaging } from './files.ts'

const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const ajv = new Ajv2020({ strict: true, allErrors: true })
addFormats.default(ajv)
const validate = ajv.compile(configJsonSchema())

/** Every schema below, with the keys that lead to it. */
function* nodes(schema: JsonSchema, path: string): Generator<[string, JsonSchema]> {
  yield [path, schema]
  for (const [key, child] of Object.entries(schema.properties ?? {}))
    yield* nodes(child as JsonSchema, `${path}.${key}`)
  for (const child of [schema.items, ...(schema.anyOf ?? [])])
    if (typeof child === 'object' && !Array.isArray(child)) yield* nodes(child, path)
}

describe('the JSON Schema', () => {
  it('is committed as it is generated', () => {
    expect(read('schema/zenml-upgrade.schema.json')).toBe(
      `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    )
  })

  it('is draft 2020-12, and explains every key', () => {
    expect(configJsonSchema().$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    const silent = [...nodes(configJsonSchema(), '')].flatMap(([path, schema]) =>
      Object.entries(schema.properties ?? {})
        .filter(([, child]) => (child as JsonSchema).description === undefined)
        .map(([key]) => `${path}.${key}`),
    )
    expect(silent).toEqual([])
  })

  it('has no key that the docs do not name', () => {
    const docs = read('docs/configuration.md')
    const keys = new Set(
      [...nodes(configJsonSchema(), '')].flatMap(([, schema]) =>
        Object.keys(schema.properties ?? {}),
      ),
    )
    expect(
      [...keys].filter((key) => !new RegExp(`\`[^\`\\n]*\\b${key}\\b[^\`\\n]*\``).test(docs)),
    ).toEqual([])
  })

  it('says what is not built yet', () => {
    const { properties } = configJsonSchema()
    expect(properties?.['schedules']).toMatchObject({
      description: 'what is special about some schedules. Not built yet: schedules',
    })
    expect(properties?.['sources']).toMatchObject({
      description: 'where pipeline code lives; left out, this repository at its root',
    })
  })
})

describe('the JSON Schema and the reader agree', () => {
  const docs = read('docs/configuration.md')
  const example = (name: string): string =>
    new RegExp(`<!-- example: ${name} -->\n+\`\`\`yaml\n([^]*?)\`\`\``).exec(docs)?.[1] ?? ''
  const more = (line: string): string => `${VALID}${line}\n`

  it.each([
    ['the full example', example('full')],
    ['the smallest example', SMALLEST_FILE],
    ['a version elsewhere', VALID.replace('0.98.0', '{ from: a, path: b }')],
    ['the server decides', VALID.replace('0.98.0', '{ follow: server }')],
    [
      'what is not built yet',
      withStaging(
        '    server: https://a.example\n    deploy: { pro: { workspace: a } }\n    backup: { managed: { by: zenml-pro } }',
      ),
    ],
    [
      'any parameters',
      more('snapshots: [{ name: a, smoke: { parameters: { x: { y: [1, null, "z", true] } } } }]'),
    ],
    [
      'a freeze window',
      more('promotion: { freeze: ["Fri 15:00 – Mon 07:00 Europe/Berlin"], soak: 30m, watch: 4h }'),
    ],
  ])('good: %s', (_, text) => {
    const data: unknown = parse(text)
    expect(validate(data) ? [] : validate.errors).toEqual([])
    expect(configSchema.safeParse(data).success).toBe(true)
  })

  it.each([
    ['nothing', '{}'],
    ['a list', '[]'],
    ['the wrong example', example('wrong')],
    ['an unknown key', more('quux: 1')],
    ['a version as a number', VALID.replace('0.98.0', '0.98')],
    ['half a place', VALID.replace('0.98.0', '{ from: a }')],
    ['one environment', VALID.slice(0, VALID.indexOf('  production'))],
    ['an unknown driver', withStaging('    deploy: { nomad: {} }')],
    ['a port too high', withStaging('    deploy: { local: { directory: a, port: 70000 } }')],
    [
      'a variable that is none',
      withStaging('    deploy: { local: { directory: a, port: 1, database-url-env: a-b } }'),
    ],
    ['a duration as a number', more('smoke: [{ command: x, timeout: 30 }]')],
    ['a duration of days', more('smoke: [{ command: x, timeout: 1d }]')],
    ['no projects', more('projects: []')],
    ['a wrong choice', more('execute: { staging: some }')],
    ['an excuse missing', more('exclude: [{ pattern: a }]')],
    ['a window without a zone', more('promotion: { freeze: ["Fri 15:00 – Mon 07:00"] }')],
  ])('bad: %s', (_, text) => {
    const data: unknown = parse(text)
    expect(validate(data)).toBe(false)
    expect(configSchema.safeParse(data).success).toBe(false)
  })

  it.each(['{}', '{ local: { directory: a, port: 1 }, gitops: { tool: flux, name: a } }'])(
    'counts drivers in the editor: %s',
    (deploy) => {
      expect(validate(parse(withStaging(`    deploy: ${deploy}`)))).toBe(false)
    },
  )
})
