import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const ROOT = join(import.meta.dirname, '..', '..')
/** The bundler writes above every module where it comes from. */
const MODULE = /^(?:\/\/ |\s+")(node_modules\/(?:@[^/"]+\/)?[^/"]+)/gm

describe('dist/licenses.txt', () => {
  const text = readFileSync(join(ROOT, 'dist', 'licenses.txt'), 'utf8')
  const folders = [
    ...new Set(
      ['main', 'commands', 'demo']
        .map((bundle) => readFileSync(join(ROOT, 'dist', `${bundle}.cjs`), 'utf8'))
        .flatMap((code) => [...code.matchAll(MODULE)].map(([, folder]) => folder ?? '')),
    ),
  ]
  const sections = text
    .split(/^-{80}\n/m)
    .map((section) => section.trim())
    .filter((section) => section !== '')

  it('has every package with code in a bundle, at its version', () => {
    expect(folders.length).toBeGreaterThan(10)
    const heads = folders.map((folder) => {
      const { name, version, license } = JSON.parse(
        readFileSync(join(ROOT, folder, 'package.json'), 'utf8'),
      ) as Record<string, string>
      return `${name ?? ''} ${version ?? ''}: ${license ?? ''}`
    })
    expect(sections.map((section) => section.split('\n')[0])).toEqual(expect.arrayContaining(heads))
  })

  it('has the text of each licence, and only licences that go with Apache-2.0', () => {
    for (const section of sections) {
      expect(section).toMatch(
        /^\S+ \d\S*: (MIT|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD|BlueOak-1\.0\.0)$/m,
      )
      expect([section.split('\n')[0], /copyright|apache license/i.test(section)]).toEqual([
        section.split('\n')[0],
        true,
      ])
    }
  })

  it('is in the order of the names, so that a rebuild gives the same bytes', () => {
    expect(sections).toEqual([...sections].sort())
  })
})
