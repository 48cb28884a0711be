import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { resultJsonSchema } from '../../src/result/json-schema.ts'

it('schema/result.schema.json is the JSON Schema of the model, as the build writes it', () => {
  const path = join(import.meta.dirname, '..', '..', 'schema', 'result.schema.json')
  const text = `${JSON.stringify(resultJsonSchema(), null, 2)}\n`
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text)
  expect(readFileSync(path, 'utf8')).toBe(text)
})
