import { beforeAll, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { undiciParts, withoutSideEffects } from '../../scripts/bundle-plugins.mjs'

const ROOT = join(import.meta.dirname, '..', '..')

let parts: string[]

beforeAll(async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/main.cjs',
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    charset: 'utf8',
    legalComments: 'inline',
    loader: { '.py': 'text', '.yml': 'text' },
    mainFields: ['module', 'main'],
    plugins: [undiciParts, withoutSideEffects],
    define: { __VERSION__: '"0.0.0"', __REPOSITORY__: '"a/b"' },
  })
  parts = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  )
}, 60_000)

describe('the bundle', () => {
  it('holds of undici only what sends requests', () => {
    const undici = parts.filter((path) => path.includes('node_modules/undici/'))
    expect(
      undici.filter((path) => /\/undici\/(index\.js|lib\/(web|mock)\/)|simd/.test(path)),
    ).toEqual([])
    expect(undici).toEqual(
      expect.arrayContaining([
        expect.stringContaining('lib/dispatcher/agent.js'),
        expect.stringContaining('lib/dispatcher/proxy-agent.js'),
      ]),
    )
  })

  it('holds one copy of undici, and nothing of the toolkit that nobody calls', () => {
    expect(
      new Set(
        parts
          .filter((path) => path.includes('node_modules/undici/'))
          .map((path) => path.split('node_modules/undici/')[0]),
      ).size,
    ).toBe(1)
    expect(parts.filter((path) => /@actions\/(http-client|exec|io)\//.test(path))).toEqual([])
  })

  it('has every part of undici that the sources import', () => {
    const imported = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        [
          ...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(
            /import \{([^}]+)\} from 'undici'/g,
          ),
        ].flatMap((match) => (match[1] ?? '').split(',').map((name) => name.trim())),
      )
      .filter((name) => name !== '' && !name.startsWith('type '))
    expect(new Set(imported)).toEqual(new Set(['Agent', 'ProxyAgent']))
  })
})
