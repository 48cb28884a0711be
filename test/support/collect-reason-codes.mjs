// Collects the reason codes of the results that unit tests look at, for the check at the end of
// .ci/run that every code occurs. What a test expects does not count, only what the code returned.
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const file = process.env['COLLECT_REASON_CODES']
const KEYS = ['reasonCode', 'reason-code', 'code']
const DEPTH = 4

if (file !== undefined && file !== '') {
  const path = join(import.meta.dirname, '..', '..', 'schema', 'result.schema.json')
  const known = new Set(JSON.parse(readFileSync(path, 'utf8')).$defs['reason-code'].enum)
  const codesIn = (value, depth) => {
    // A word such as `planned` may be something else; one with a hyphen is a reason code.
    if (typeof value === 'string') return value.includes('-') && known.has(value) ? [value] : []
    if (typeof value !== 'object' || value === null || depth === 0) return []
    const own = KEYS.map((key) => value[key]).filter((code) => known.has(code))
    return [...own, ...Object.values(value).flatMap((child) => codesIn(child, depth - 1))]
  }
  // Jest keeps its matchers there: https://github.com/jestjs/jest/blob/v30.0.0/packages/expect/src/jestMatchersObject.ts
  const { matchers } = globalThis[Symbol.for('$$jest-matchers-object')]
  for (const name of ['toBe', 'toEqual', 'toMatchObject', 'toStrictEqual']) {
    const matcher = matchers[name]
    matchers[name] = function (received, ...rest) {
      const codes = codesIn(received, DEPTH)
      if (codes.length > 0) appendFileSync(file, `${codes.join('\n')}\n`)
      return matcher.call(this, received, ...rest)
    }
  }
}
