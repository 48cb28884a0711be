// Makes everything that is generated and committed: dist/ (the bundle and the Python file) and schema/.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { build } from 'esbuild'
import { undiciParts, withoutSideEffects } from './bundle-plugins.mjs'

const { version, repository } = JSON.parse(readFileSync('package.json', 'utf8'))

mkdirSync('dist', { recursive: true })
await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/main.cjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  charset: 'utf8',
  legalComments: 'inline',
  loader: { '.py': 'text' },
  plugins: [undiciParts, withoutSideEffects],
  define: { __VERSION__: JSON.stringify(version), __REPOSITORY__: JSON.stringify(repository) },
  // A dependency's browser or ESM-only branch is never what runs here.
  mainFields: ['module', 'main'],
  logLevel: 'warning'
})
copyFileSync('src/client/fork_server.py', 'dist/fork_server.py')
execFileSync(process.execPath, ['dist/main.cjs', 'schemas', 'schema'], { stdio: 'inherit' })
