import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const SRC = resolve(import.meta.dirname, '..', '..', 'src')

/**
 * The directories of `src` by floor, the lowest first. A file imports from its own directory and
 * from lower floors; directories on one floor do not import each other.
 */
const FLOORS = [
  ['core'],
  ['runtime', 'inputs', 'config'],
  ['git', 'http', 'result'],
  ['report'],
  ['backup', 'smoke', 'zenml', 'zenml-client', 'github'],
  ['deploy', 'runs', 'stacks', 'state'],
  ['upgrade', 'snapshots', 'promotion'],
  ['session', 'init'],
  ['commands'],
  ['demo'],
  ['cli'],
] as const

/** Directories in which a package may be imported; a package that is not listed has no limit. */
const PACKAGES: readonly { readonly name: RegExp; readonly directories: readonly string[] }[] = [
  { name: /^undici$/, directories: ['http'] },
  { name: /^@actions\/core$/, directories: ['runtime'] },
  { name: /^@actions\/exec$/, directories: ['git'] },
  { name: /^@actions\/github$/, directories: ['github'] },
  { name: /^@octokit\//, directories: ['github'] },
]

interface Import {
  readonly file: string
  /** A file of `src`, or the name of a package. */
  readonly target: string
}

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)

const IMPORTS: readonly Import[] = FILES.flatMap((file) =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
    ([, specifier = '']) => ({
      file,
      target: specifier.startsWith('.')
        ? relative(SRC, resolve(SRC, dirname(file), specifier))
        : specifier,
    }),
  ),
)

/** The imports between the modules of one Python package; all of them are relative. */
const PYTHON_IMPORTS: readonly Import[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.py'))
  .flatMap((file) =>
    [...readFileSync(join(SRC, file), 'utf8').matchAll(/^\s*from \.(\w+) import/gm)].map(
      ([, module]) => ({ file, target: `${dirname(file)}/${module ?? ''}.py` }),
    ),
  )

const directoryOf = (path: string): string => path.split('/')[0] ?? path
const floorOf = (path: string): number =>
  FLOORS.findIndex((directories) => (directories as readonly string[]).includes(directoryOf(path)))

describe('the directories of src', () => {
  it('are the ones that have a floor', () => {
    const directories = readdirSync(SRC, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )
    expect(directories.map(({ name }) => name).sort()).toEqual([...FLOORS.flat()].sort())
  })
})

describe('imports', () => {
  it('are found', () => {
    expect(IMPORTS.length).toBeGreaterThan(300)
    expect(PYTHON_IMPORTS.length).toBeGreaterThan(20)
  })

  it('lead to lower floors', () => {
    const upwards = IMPORTS.filter(
      ({ file, target }) =>
        floorOf(target) !== -1 &&
        directoryOf(target) !== directoryOf(file) &&
        floorOf(target) >= floorOf(file),
    )
    expect(upwards).toEqual([])
  })

  it('never form a circle between files', () => {
    expect(circles(IMPORTS)).toEqual([])
    expect(circles(PYTHON_IMPORTS)).toEqual([])
  })

  it('of a package are where it belongs', () => {
    const misplaced = IMPORTS.filter(({ file, target }) =>
      PACKAGES.some(
        ({ name, directories }) => name.test(target) && !directories.includes(directoryOf(file)),
      ),
    )
    expect(misplaced).toEqual([])
  })
})

describe('the search for circles', () => {
  it('finds one of two files and one of three', () => {
    const edge = (file: string, target: string): Import => ({ file, target })
    expect(circles([edge('a', 'b'), edge('b', 'a')])).toEqual(['a → b → a'])
    expect(circles([edge('a', 'b'), edge('b', 'c'), edge('c', 'a')])).toEqual(['a → b → c → a'])
    expect(circles([edge('a', 'b'), edge('a', 'c'), edge('b', 'c')])).toEqual([])
  })
})

/** Every circle that a depth-first search meets, as `a → b → a`. */
function circles(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>()
  for (const { file, target } of imports) targets.set(file, [...(targets.get(file) ?? []), target])
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    if (done.has(file)) return
    for (const target of targets.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of targets.keys()) visit(file, [])
  return found
}
