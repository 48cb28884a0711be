// Takes artifacts from a directory that stands for the run. Behaves as download-facts.ts says.
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim()
const flag = (name) => /^true$/i.test(input(name))
const fail = (message) => {
  console.log(`::error::Unable to download artifact(s): ${message}`)
  process.exit(1)
}

for (const name of ['artifact-ids', 'github-token'])
  if (input(name) !== '') fail(`This stand-in does not know the input ${name}`)
if (flag('skip-decompress')) fail('This stand-in does not know the input skip-decompress')

const run = process.env.STAND_IN_ARTIFACTS
const [name, pattern] = [input('name'), input('pattern')]
if (/[^\w.*-]/.test(pattern)) fail('This stand-in knows only * in a pattern')
const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
const all = existsSync(run) ? readdirSync(run).sort() : []
const wanted =
  name !== ''
    ? all.filter((candidate) => candidate === name)
    : all.filter((candidate) => pattern === '' || expression.test(candidate))
if (name !== '' && wanted.length === 0) fail(`Artifact not found for name: ${name}`)

const target = resolve(
  (input('path') || process.env.GITHUB_WORKSPACE).replace(/^~/, () => homedir()),
)
const straight = name !== '' || flag('merge-multiple') || wanted.length === 1
const lost = []
for (const artifact of wanted) {
  const directory = straight ? target : join(target, artifact)
  mkdirSync(directory, { recursive: true })
  // A file in place of a directory stands for an artifact that is listed and cannot be fetched.
  if (statSync(join(run, artifact)).isDirectory())
    cpSync(join(run, artifact), directory, { recursive: true })
  else lost.push(artifact)
}
if (lost.length > 0) fail(`No artifacts found for ID: ${all.indexOf(lost[0]) + 1}`)
console.log(`Total of ${wanted.length} artifact(s) downloaded`)
appendFileSync(process.env.GITHUB_OUTPUT, `download-path=${target}\n`)
