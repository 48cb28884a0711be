import { describe, expect, it } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { resultJsonSchema } from '../../../src/result/json-schema.ts'
import { resultSchema, type Result } from '../../../src/result/result.ts'
import { gate, GREEN_STAGING, PLANNED_PRODUCTION } from '../report/results.ts'

const ajv = new Ajv2020({ strict: true, allErrors: true })
formats.default(ajv)
const validate = ajv.compile(resultJsonSchema())

describe('the JSON Schema of a result', () => {
  it('is draft 2020-12 and the same every time', () => {
    expect(resultJsonSchema()['$schema']).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(JSON.stringify(resultJsonSchema())).toBe(JSON.stringify(resultJsonSchema()))
  })

  const results: Result[] = [
    ...GREEN_STAGING,
    ...PLANNED_PRODUCTION,
    gate({ environment: 'production', code: 'gate-open', summary: '' }, []),
    { ...GREEN_STAGING[0], details: null } as Result,
  ]
  it('agrees with the model about results', () => {
    for (const result of results)
      expect([validate(result), validate.errors, resultSchema.safeParse(result).success]).toEqual([
        true,
        null,
        true,
      ])
  })

  const [first] = GREEN_STAGING
  const wrong: readonly [string, unknown][] = [
    ['an unknown key', { ...first, extra: 1 }],
    ['an unknown outcome', { ...first, outcome: 'maybe' }],
    ['an unknown command', { ...first, command: 'deploy' }],
    ['another schema version', { ...first, 'schema-version': 2 }],
    ['details of another command', { ...first, details: GREEN_STAGING[1]?.details }],
    ['a missing time', { ...first, ended: undefined }],
  ]
  for (const [name, value] of wrong) {
    it(`agrees with the model about ${name}`, () => {
      const plain: unknown = JSON.parse(JSON.stringify(value))
      expect([validate(plain), resultSchema.safeParse(plain).success]).toEqual([false, false])
    })
  }
})
