import { readFileSync } from 'node:fs'

const { version, repository } = JSON.parse(readFileSync('package.json', 'utf8'))

/** Options of esbuild for the bundles; paths are relative to the repository's root. */
export const bundleOptions = {
  // What main prints itself must start fast, so the commands are loaded only when one runs. The demo
  // and its stand-in for GitHub are loaded by no other command.
  entryPoints: {
    main: 'src/cli/main.ts',
    commands: 'src/cli/commands.ts',
    demo: 'src/cli/demo.ts',
  },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  charset: 'utf8',
  legalComments: 'inline',
  loader: { '.py': 'text', '.yml': 'text' },
  define: { __VERSION__: JSON.stringify(version), __REPOSITORY__: JSON.stringify(repository) },
  // A dependency's browser or ESM-only branch is never what runs here.
  mainFields: ['module', 'main'],
  metafile: true,
  logLevel: 'warning',
}
