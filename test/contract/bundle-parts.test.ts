import { beforeAll, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'
import { join } from 'node:path'
import { bundleOptions } from '../../scripts/bundle.mjs'

const ROOT = join(import.meta.dirname, '..', '..')

/** The files with code in each bundle. */
let parts: Readonly<Record<string, readonly string[]>>

beforeAll(async () => {
  const { metafile } = await build({ ...bundleOptions, absWorkingDir: ROOT, write: false })
  parts = Object.fromEntries(
    Object.entries(metafile.outputs).map(([bundle, { inputs }]) => [
      bundle,
      Object.entries(inputs)
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .map(([path]) => path),
    ]),
  )
}, 60_000)

it('dist/main.cjs contains one package, which suggests the nearest name', () => {
  expect(parts['dist/main.cjs']?.filter((path) => !path.startsWith('src/'))).toEqual([
    'node_modules/fastest-levenshtein/esm/mod.js',
  ])
})

it('dist/commands.cjs contains nothing of the demo and its stand-in for GitHub', () => {
  expect(parts['dist/commands.cjs']?.filter((path) => path.startsWith('src/demo/'))).toEqual([])
  expect(parts['dist/demo.cjs']).toContain('src/demo/fake-github/server.ts')
})

describe.each(['dist/commands.cjs', 'dist/demo.cjs'])('%s', (bundle) => {
  it('contains one copy of undici', () => {
    const folders = (parts[bundle] ?? [])
      .filter((path) => path.includes('node_modules/undici/'))
      .map((path) => path.split('node_modules/undici/')[0])
    expect(new Set(folders)).toEqual(new Set(['']))
  })
})
