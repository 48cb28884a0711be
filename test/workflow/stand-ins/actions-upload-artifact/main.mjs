// Keeps the files of an artifact in a directory that stands for the run. Behaves as upload-facts.ts
// says.
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim()
const flag = (name) => /^true$/i.test(input(name))
const fail = (message) => {
  console.log(`::error::${message}`)
  process.exit(1)
}

const hidden = (path) => basename(path).startsWith('.') && !flag('include-hidden-files')

/** Every file under a path, links followed; what is hidden is left out with all that is in it. */
function filesUnder(path) {
  if (!existsSync(path) || hidden(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)))
}

if (/[*?[!\n]/.test(input('path'))) fail('This stand-in takes the path of one file or directory')
if (/^false$/i.test(input('archive'))) fail('This stand-in does not know archive: false')
const path = resolve(process.env.GITHUB_WORKSPACE, input('path'))
const files = filesUnder(path)
if (files.length === 0) {
  const message = `No files were found with the provided path: ${input('path')}. No artifacts will be uploaded.`
  if (input('if-no-files-found') === 'error') fail(message)
  console.log(input('if-no-files-found') === 'ignore' ? message : `::warning::${message}`)
  process.exit(0)
}

const name = input('name')
if (name === '') fail('Provided artifact name input during validation is empty')
if (/["<>|*?:\r\n\\/]/.test(name)) fail(`The artifact name is not valid: ${name}`)
const root = statSync(path).isDirectory() ? path : dirname(path)
for (const file of files)
  if (/["<>|*?:\r\n]/.test(relative(root, file)))
    fail(`The path for one of the files in artifact is not valid: ${relative(root, file)}`)

const kept = join(process.env.STAND_IN_ARTIFACTS, name)
if (flag('overwrite')) rmSync(kept, { recursive: true, force: true })
if (existsSync(kept))
  fail(
    'Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run',
  )
for (const file of files) {
  const copy = join(kept, relative(root, file))
  mkdirSync(dirname(copy), { recursive: true })
  copyFileSync(file, copy)
}
console.log(`Artifact ${name} has been successfully uploaded!`)
const digest = createHash('sha256').update(name).digest('hex')
appendFileSync(
  process.env.GITHUB_OUTPUT,
  `artifact-id=1\nartifact-digest=${digest}\nartifact-url=${process.env.GITHUB_SERVER_URL}/${process.env.GITHUB_REPOSITORY}/actions/runs/${process.env.GITHUB_RUN_ID}/artifacts/1\n`,
)
