// Makes everything that is generated and committed: dist/ (the bundles, the Python package and the
// licences) and schema/. `--sizes` reports what each package weighs in each bundle.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { bundleOptions } from './bundle.mjs'
import { licences } from './licences.mjs'

const PYTHON_PACKAGE = 'zenml_upgrade_fork_server'

mkdirSync('dist', { recursive: true })
const { metafile } = await build(bundleOptions)
// Removed first: a module that is gone from the sources must not be shipped.
rmSync(`dist/${PYTHON_PACKAGE}`, { recursive: true, force: true })
cpSync(`src/zenml-client/${PYTHON_PACKAGE}`, `dist/${PYTHON_PACKAGE}`, {
  recursive: true,
  filter: (source) => basename(source) !== '__pycache__',
})
writeFileSync('dist/licenses.txt', licences(metafile))
const { writeSchemas } = await import('../dist/commands.cjs')
await writeSchemas('schema')

if (process.argv.includes('--sizes')) {
  for (const [path, output] of Object.entries(metafile.outputs)) reportSizes(path, output.inputs)
}

function reportSizes(path, inputs) {
  const bytes = new Map()
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const name =
      /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ??
      (file.startsWith('src/') ? 'our own code' : file.split(':')[0])
    bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput)
  }
  const row = (name, size) =>
    console.log(`${name.padEnd(32)}${(size / 1000).toFixed(1).padStart(8)} kB`)
  console.log(path)
  for (const [name, sum] of [...bytes].sort(([, a], [, b]) => b - a)) row(name, sum)
  row('together', readFileSync(path).length)
  row('together, gzipped', gzipSync(readFileSync(path)).length)
}
