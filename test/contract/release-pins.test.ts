import { execFileSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import { LAST_RELEASE } from '../../src/core/release.ts'
import { read, ROOT, SLUG } from '../support/workflow-files.ts'

// Whatever users copy names one release of this repository, in one spelling.

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--', ':!test/', ':!dist/', ':!*.png'],
  { cwd: ROOT, encoding: 'utf8' },
)
  .trim()
  .split('\n')
const references = files.flatMap((path) =>
  [...read(path).matchAll(new RegExp(`${SLUG}(?:/[\\w./<>-]+)?@(.*)$`, 'gm'))].map(
    ([, rest = '']) => ({ path, rest }),
  ),
)

describe('the last release', () => {
  it('is named by README, examples and actions, each time by its commit with the version behind', () => {
    expect(new Set(references.map(({ path }) => path.split('/')[0]))).toEqual(
      new Set(['README.md', 'actions', 'examples']),
    )
    const spelling = `${LAST_RELEASE.commit} # v${LAST_RELEASE.version}`
    expect(references.filter(({ rest }) => rest !== spelling)).toEqual([])
  })

  it('is a commit, and forty zeros only while there is no release', () => {
    expect(LAST_RELEASE.commit).toMatch(/^[0-9a-f]{40}$/)
    expect(LAST_RELEASE.commit === '0'.repeat(40)).toBe(LAST_RELEASE.version === '0.0.0')
  })

  it('stands on a line of its own, where Renovate and Dependabot find it', () => {
    for (const path of files.filter((name) => /\.(md|yml)$/.test(name)))
      for (const line of read(path)
        .split('\n')
        .filter((each) => each.includes(`${SLUG}/actions`) && each.includes('uses:')))
        expect(line).toMatch(/^\s*(?:- )?uses: \S+@[0-9a-f]{40} # v\S+$/)
  })

  it('is named as missing above the workflow of the README until there is one', () => {
    const [above = ''] = read('README.md').split('```yaml')
    expect(above.includes('There is no release yet')).toBe(LAST_RELEASE.version === '0.0.0')
  })
})

it('secrets of GitHub have the name of their environment wherever users copy from', () => {
  const old = /secrets\.ZENML_(?:STORE_API_KEY|DATABASE_URL|UPGRADE_ENV)\b|secrets: inherit$/m
  expect(files.filter((path) => /\.(md|yml)$/.test(path) && old.test(read(path)))).toEqual([])
})
