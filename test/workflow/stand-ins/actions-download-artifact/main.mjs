// Like the original with `pattern`: every artifact into a folder of its own, unless they are
// merged; none is no error.
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] ?? ''
const kept = process.env.STAND_IN_ARTIFACTS
const target = resolve(process.env.GITHUB_WORKSPACE, input('path'))
const pattern = input('pattern')
if (input('name') !== '' || pattern === '') {
  console.log('::error::This stand-in knows pattern only')
  process.exit(1)
}
const expression = new RegExp(
  `^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`,
)
const names = existsSync(kept)
  ? readdirSync(kept)
      .filter((name) => expression.test(name))
      .sort()
  : []
mkdirSync(target, { recursive: true })
for (const name of names)
  cpSync(join(kept, name), input('merge-multiple') === 'true' ? target : join(target, name), {
    recursive: true,
  })
console.log(`Total of ${names.length} artifact(s) downloaded`)
