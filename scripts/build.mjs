// Makes everything that is generated and committed: dist/ (the bundle, the Python file and the
// licences) and schema/.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { licences } from './licences.mjs'
import { undiciParts, withoutSideEffects } from './bundle-plugins.mjs'

const { version, repository } = JSON.parse(readFileSync('package.json', 'utf8'))

mkdirSync('dist', { recursive: true })
const { metafile } = await build({
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist/main.cjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  charset: 'utf8',
  legalComments: 'inline',
  loader: { '.py': 'text', '.yml': 'text' },
  plugins: [undiciParts, withoutSideEffects],
  define: { __VERSION__: JSON.stringify(version), __REPOSITORY__: JSON.stringify(repository) },
  // A dependency's browser or ESM-only branch is never what runs here.
  mainFields: ['module', 'main'],
  metafile: true,
  logLevel: 'warning',
})
copyFileSync('src/zenml-client/fork_server.py', 'dist/fork_server.py')
writeFileSync('dist/licenses.txt', licences(metafile))
execFileSync(process.execPath, ['dist/main.cjs', 'schemas', 'schema'], { stdio: 'inherit' })

if (process.argv.includes('--sizes')) {
  const bytes = new Map()
  for (const [file, { bytesInOutput }] of Object.entries(
    metafile.outputs['dist/main.cjs'].inputs,
  )) {
    const name =
      /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ??
      (file.startsWith('src/') ? 'our own code' : file.split(':')[0])
    bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput)
  }
  for (const [name, sum] of [...bytes].sort(([, a], [, b]) => b - a))
    console.log(`${name.padEnd(32)}${(sum / 1000).toFixed(1).padStart(8)} kB`)
  console.log(
    `whole bundle, gzipped${(gzipSync(readFileSync('dist/main.cjs')).length / 1000).toFixed(1).padStart(19)} kB`,
  )
}
