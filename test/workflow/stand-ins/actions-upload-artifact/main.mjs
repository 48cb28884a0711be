// Like the original: refuses names that it refuses, and a second artifact of the same name in a
// run.
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] ?? ''
const fail = (message) => {
  console.log(`::error::${message}`)
  process.exit(1)
}

const [name, path] = [input('name'), resolve(process.env.GITHUB_WORKSPACE, input('path'))]
if (/["<>|*?:\r\n\\/]/.test(name) || name === '') fail(`The artifact name is not valid: ${name}`)
if (input('path').includes('\n') || /[*?[!]/.test(input('path')))
  fail(`This stand-in takes one file or folder, not ${input('path')}`)
if (!existsSync(path)) {
  if (input('if-no-files-found') === 'error')
    fail(`No files were found with the provided path: ${path}.`)
  console.log(`No files were found with the provided path: ${path}. No artifacts will be uploaded.`)
  process.exit(0)
}
const kept = join(process.env.STAND_IN_ARTIFACTS, name)
if (existsSync(kept) && input('overwrite') !== 'true')
  fail(
    `Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run`,
  )
mkdirSync(kept, { recursive: true })
// The name of a folder is not part of the artifact; that of a file is.
cpSync(path, statSync(path).isDirectory() ? kept : join(kept, basename(path)), { recursive: true })
console.log(`Artifact ${name} has been successfully uploaded!`)
