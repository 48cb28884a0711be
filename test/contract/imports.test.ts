import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const SRC = resolve(import.meta.dirname, '..', '..', 'src')
const DOMAIN = [
  'upgrade',
  'stacks',
  'smoke',
  'snapshots',
  'schedules',
  'promotion',
  'watch',
  'demo',
  'init',
] as const
const SHARED = ['runs', 'client', 'record'] as const
const EDGE = ['zenml', 'github', 'runner'] as const
const LEAVES = ['config', 'report', 'versions.ts', 'globals.d.ts'] as const

/** What a room may import besides itself and the leaves. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['commands', 'runner'],
  commands: [...DOMAIN, ...SHARED, ...EDGE, 'github-fake'],
  ...Object.fromEntries(DOMAIN.map((room) => [room, [...SHARED, ...EDGE]])),
  // The demo starts and stops its servers with the driver that upgrades them.
  demo: [...SHARED, ...EDGE, 'upgrade', 'github-fake'],
  // What init says of snapshots is what a rebuild will find: it looks with the same eyes.
  init: [...SHARED, ...EDGE, 'snapshots'],
  ...Object.fromEntries(SHARED.map((room) => [room, EDGE])),
  ...Object.fromEntries(EDGE.map((room) => [room, ['runner']])),
  github: ['runner', 'record', 'zenml'],
  'github-fake': [],
  config: [],
  report: [],
  'versions.ts': [],
}

/** Where a package may be imported; others everywhere. */
const PACKAGES: readonly { readonly name: RegExp; readonly rooms: readonly string[] }[] = [
  { name: /^undici$/, rooms: ['zenml'] },
  { name: /^(@actions|@octokit)\//, rooms: ['runner', 'github'] },
]

interface Import {
  readonly file: string
  readonly room: string
  readonly target: string
}

function imports(): Import[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  return files.flatMap((file) => {
    const text = readFileSync(join(SRC, file), 'utf8')
    const specifiers = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
      (match) => match[1] ?? '',
    )
    return specifiers.map((specifier) => ({
      file,
      room: roomOf(file),
      target: specifier.startsWith('.')
        ? roomOf(relative(SRC, resolve(SRC, file, '..', specifier)))
        : specifier,
    }))
  })
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? path
}

describe('imports', () => {
  it('are found', () => {
    expect(imports().length).toBeGreaterThan(300)
  })

  it('go one way between the rooms', () => {
    const wrong = imports().filter(({ file, room, target }) => {
      const isRoom = target in MAY_IMPORT || (LEAVES as readonly string[]).includes(target)
      if (!isRoom || target === room || (LEAVES as readonly string[]).includes(target)) return false
      // The leaves are leaves for each other too: the report needs the environments of the file,
      // the file the errors of the report.
      return (
        !(MAY_IMPORT[room] ?? []).includes(target) &&
        !(file === 'runner/git.ts' && target === 'report')
      )
    })
    expect(wrong).toEqual([])
  })

  it('of a package are where it belongs', () => {
    const wrong = imports().filter(({ room, target }) =>
      PACKAGES.some(({ name, rooms }) => name.test(target) && !rooms.includes(room)),
    )
    expect(wrong).toEqual([])
  })
})
