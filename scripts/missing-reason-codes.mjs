// Fails if a reason code never occurred in a test run: node scripts/missing-reason-codes.mjs FILE,
// with the file that COLLECT_REASON_CODES named during the run, one code a line.
import { readFileSync } from 'node:fs'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: node scripts/missing-reason-codes.mjs FILE')
const schema = JSON.parse(readFileSync('schema/result.schema.json', 'utf8'))
const occurred = new Set(readFileSync(file, 'utf8').split('\n'))
const missing = schema.$defs['reason-code'].enum.filter((code) => !occurred.has(code))
if (missing.length > 0) {
  console.error(`These reason codes occurred in no test: ${missing.join(', ')}.`)
  console.error('Add a test that ends with each of them.')
  process.exitCode = 1
}
