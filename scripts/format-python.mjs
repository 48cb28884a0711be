// Formats the Python files of this repository with Ruff, as a WebAssembly module: no Python needed.
// `--check` changes nothing and exits with 1 if a file is not formatted.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs'

// Copied by the build, or read by tests as they are.
const IGNORED = /^(dist|test\/fixtures)\//

const workspace = new Workspace({ 'line-length': 100 }, PositionEncoding.UTF16)
const files = execFileSync('git', ['ls-files', '*.py'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !IGNORED.test(file))
const unformatted = files.filter((file) => {
  const text = readFileSync(file, 'utf8')
  return workspace.format(text) !== text
})

if (process.argv.includes('--check')) {
  for (const file of unformatted) console.error(`${file} is not formatted`)
  if (unformatted.length > 0) {
    console.error('Run `npm run format`.')
    process.exitCode = 1
  }
} else {
  for (const file of unformatted) writeFileSync(file, workspace.format(readFileSync(file, 'utf8')))
}
