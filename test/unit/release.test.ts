import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  changelogEntry,
  majorTag,
  parseTag,
  problems,
  withRelease,
} from '../../scripts/release/rules.mjs'
import { recordingPrograms, type Programs, type RunOptions } from '../support/recording-programs.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string
}
const CHANGELOG =
  '# Changelog\n\n## 1.3.0\n\n- Newer.\n\n## [1.2.0] - 2026-11-01\n\n- First line.\n- Second line.\n\n### Fixed\n\n- A thing.\n\n## 1.1.0\n'

describe('a tag', () => {
  it.each([
    ['v1.2.3', '1.2.3', [1, 2, 3], false],
    ['v0.1.0', '0.1.0', [0, 1, 0], false],
    ['v2.0.0-rc.1', '2.0.0-rc.1', [2, 0, 0], true],
  ] as const)('%s is one', (tag, text, numbers, prerelease) => {
    expect(parseTag(tag)).toEqual({ version: text, numbers, prerelease })
  })

  it.each(['1.2.3', 'v1.2', 'v1', 'v01.2.3', 'v1.2.3.4', 'v1.2.3 ', 'v1.2.3-', 'v1.2.3;rm'])(
    '%s is none',
    (tag) => {
      expect(parseTag(tag)).toBeUndefined()
    },
  )
})

describe('the changelog', () => {
  it('gives what stands under a version, with its smaller headings', () => {
    expect(changelogEntry(CHANGELOG, '1.2.0')).toBe(
      '- First line.\n- Second line.\n\n### Fixed\n\n- A thing.',
    )
    expect(changelogEntry(CHANGELOG, '1.1.0')).toBe('')
    expect(changelogEntry(CHANGELOG, '1.2')).toBeUndefined()
  })

  it('has an entry for the version of this repository', () => {
    expect(changelogEntry(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), version)).toMatch(/\w/)
  })
})

describe('a release', () => {
  const facts = {
    tag: 'v1.2.0',
    packageVersion: '1.2.0',
    lockVersions: ['1.2.0', '1.2.0'],
    changelog: CHANGELOG,
    onMain: true,
  }

  it('is made when everything agrees', () => {
    expect(problems(facts)).toEqual([])
  })

  it.each([
    ['the tag is none', { tag: 'v1.2' }, 'the tag v1.2 is not of the form v1.2.3'],
    [
      'package.json has another version',
      { packageVersion: '1.1.9' },
      'package.json says 1.1.9, the tag says 1.2.0',
    ],
    [
      'the lock file has another version',
      { lockVersions: ['1.2.0', '1.1.9'] },
      'package-lock.json says 1.1.9, the tag says 1.2.0: run npm install',
    ],
    [
      'the changelog does not know it',
      { changelog: '# Changelog\n' },
      'CHANGELOG.md has no heading "## 1.2.0"',
    ],
    [
      'the changelog says nothing about it',
      { changelog: '## 1.2.0\n\n## 1.1.0\n\n- Old.\n' },
      'CHANGELOG.md says nothing under "## 1.2.0"',
    ],
    ['its commit is elsewhere', { onMain: false }, 'the commit is not on main'],
  ])('is not made when %s', (_why, difference, problem) => {
    expect(problems({ ...facts, ...difference })).toEqual([problem])
  })

  it('is refused with every reason at once', () => {
    expect(
      problems({
        ...facts,
        packageVersion: '1.0.0',
        lockVersions: ['1.0.0', '1.0.0'],
        onMain: false,
      }),
    ).toHaveLength(3)
  })
})

describe('the major tag', () => {
  it.each([
    ['the first release of a major version', 'v1.0.0', ['v0.9.0', 'v1.0.0'], 'v1'],
    ['the newest', 'v1.10.0', ['v1.9.9', 'v1.10.0', 'v1.2.0'], 'v1'],
    ['the newest of an old major version', 'v1.4.1', ['v2.0.0', 'v1.4.0', 'v1.4.1'], 'v1'],
    ['a fix of an old minor version', 'v1.9.10', ['v1.10.0', 'v1.9.10'], undefined],
    ['a prerelease', 'v2.0.0-rc.1', ['v1.0.0'], undefined],
    ['a release after whose version only a prerelease came', 'v1.0.0', ['v1.1.0-rc.1', 'v1'], 'v1'],
  ])('after %s', (_what, tag, released, expected) => {
    expect(majorTag(tag, released)).toBe(expected)
  })
})

describe('the release that files name', () => {
  const release = { version: '1.2.0', commit: 'c'.repeat(40) }
  const pinned = `@${'c'.repeat(40)} # v1.2.0`

  it.each([
    [
      'a workflow',
      'uses: acme/up/.github/workflows/a.yml@v1',
      `uses: acme/up/.github/workflows/a.yml${pinned}`,
    ],
    [
      'an action at the last release',
      `- uses: acme/up/actions/a@${'0'.repeat(40)} # v0.0.0`,
      `- uses: acme/up/actions/a${pinned}`,
    ],
    [
      'the root action, before a line',
      'uses: acme/up@v1\n  with: {}',
      `uses: acme/up${pinned}\n  with: {}`,
    ],
    [
      'the constant',
      "LAST_RELEASE: Release = {\n  version: '0.0.0',\n  commit: '0',\n}",
      `LAST_RELEASE: Release = {\n  version: '1.2.0',\n  commit: '${'c'.repeat(40)}',\n}`,
    ],
  ])('is written into %s', (_what, text, written) => {
    expect(withRelease(text, 'acme/up', release)).toBe(written)
    expect(withRelease(written, 'acme/up', release)).toBe(written)
  })

  it.each(['uses: actions/checkout@v7', 'uses: acme/upgrade@v1', 'see acme/up@v1', 'acme/up'])(
    'leaves %s alone',
    (text) => {
      expect(withRelease(text, 'acme/up', release)).toBe(text)
    },
  )

  it('is written by main.mjs pin into every file of a clone that names one', () => {
    const clone = mkdtempSync(join(tmpdir(), 'release-'))
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', clone, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        encoding: 'utf8',
      })
    mkdirSync(join(clone, 'src', 'core'), { recursive: true })
    cpSync(join(ROOT, 'src', 'core', 'release.ts'), join(clone, 'src', 'core', 'release.ts'))
    writeFileSync(join(clone, 'package.json'), '{"repository":"acme/up"}')
    writeFileSync(join(clone, 'README.md'), '      - uses: acme/up@v1\n')
    git('init', '--quiet')
    git('add', '.')
    git('commit', '--quiet', '--message', 'one')
    git('tag', 'v1.2.0')
    const commit = git('rev-parse', 'HEAD').trim()
    const pin = (tag: string) =>
      execFileSync(process.execPath, [join(ROOT, 'scripts/release/main.mjs'), 'pin', tag], {
        cwd: clone,
        encoding: 'utf8',
        stdio: 'pipe',
      })
    expect(pin('v1.2.0')).toBe('README.md\nsrc/core/release.ts\n')
    expect(readFileSync(join(clone, 'README.md'), 'utf8')).toBe(
      `      - uses: acme/up@${commit} # v1.2.0\n`,
    )
    expect(readFileSync(join(clone, 'src', 'core', 'release.ts'), 'utf8')).toContain(
      `  version: '1.2.0',\n  commit: '${commit}',\n`,
    )
    expect(() => pin('v9.9.9')).toThrow(/there is no release tag v9\.9\.9 in this clone/)
    rmSync(clone, { recursive: true })
  })
})

describe('the scripts of release.yml', () => {
  let programs: Programs
  beforeAll(async () => {
    programs = await recordingPrograms(['gh'])
  })
  afterAll(() => programs.close())

  const run = async (command: string, options: Pick<RunOptions, 'answers' | 'failing'> = {}) => {
    const { exitCode, output, calls } = await programs.run(command, {
      cwd: ROOT,
      env: {},
      ...options,
    })
    return {
      exitCode,
      output,
      calls: calls.map(({ command: call }) =>
        call.replace(/--notes-file \S+/, '--notes-file NOTES'),
      ),
    }
  }
  const tag = `v${version}`
  const isDraft = `gh release view ${tag} --json isDraft --jq .isDraft`
  const isImmutable = `gh release view ${tag} --json isImmutable --jq .isImmutable`
  const create = `gh release create ${tag} --draft --verify-tag --title ${tag} --notes-file NOTES dist/main.cjs`
  const publish = `gh release edit ${tag} --draft=false`

  describe('publish.sh', () => {
    it('makes a draft with its files, publishes it, and looks whether it can still be changed', async () => {
      const done = await run(`scripts/release/publish.sh ${tag} dist/main.cjs`, {
        failing: [isDraft],
        answers: [[isImmutable, 'true']],
      })
      expect(done).toMatchObject({ exitCode: 0, calls: [isDraft, create, publish, isImmutable] })
    })

    it('throws away the draft that an earlier attempt left', async () => {
      const done = await run(`scripts/release/publish.sh ${tag} dist/main.cjs`, {
        answers: [
          [isDraft, 'true'],
          [isImmutable, 'true'],
        ],
      })
      expect(done).toMatchObject({
        exitCode: 0,
        calls: [isDraft, `gh release delete ${tag} --yes`, create, publish, isImmutable],
      })
    })

    it('leaves a published release alone', async () => {
      const done = await run(`scripts/release/publish.sh ${tag} dist/main.cjs`, {
        answers: [
          [isDraft, 'false'],
          [isImmutable, 'true'],
        ],
      })
      expect(done).toMatchObject({ exitCode: 0, calls: [isDraft, isImmutable] })
    })

    it('fails when the release can still be changed', async () => {
      const done = await run(`scripts/release/publish.sh ${tag} dist/main.cjs`, {
        answers: [
          [isDraft, 'false'],
          [isImmutable, 'false'],
        ],
      })
      expect(done).toMatchObject({
        exitCode: 1,
        output: expect.stringContaining('switch on immutable releases'),
      })
    })

    it.each([
      ['a version without an entry', 'v9.9.9', []],
      ['a draft that cannot be made', tag, ['gh release create']],
    ])('publishes nothing for %s', async (_what, which, failing) => {
      const done = await run(`scripts/release/publish.sh ${which} dist/main.cjs`, {
        failing: ['gh release view', ...failing],
      })
      expect(done.exitCode).not.toBe(0)
      expect(done.calls.filter((call) => call.startsWith('gh release edit'))).toEqual([])
    })
  })

  describe('move-major.sh', () => {
    const list = 'gh release list --limit 1000 --exclude-drafts --json tagName --jq .[].tagName'
    const find = 'gh api repos/{owner}/{repo}/git/ref/tags/v1 --silent'
    const move =
      'gh api --method PATCH repos/{owner}/{repo}/git/refs/tags/v1 --raw-field sha=abc --field force=true --silent'
    const make =
      'gh api --method POST repos/{owner}/{repo}/git/refs --raw-field ref=refs/tags/v1 --raw-field sha=abc --silent'

    it.each([
      ['moves a tag that is there', [], move],
      ['makes one that is not', [find], make],
    ])('%s', async (_what, failing, last) => {
      expect(
        await run('scripts/release/move-major.sh v1.2.0 abc', {
          answers: [[list, 'v1.2.0']],
          failing,
        }),
      ).toMatchObject({ exitCode: 0, calls: [list, find, last] })
    })

    it('moves nothing when a newer release has it', async () => {
      expect(
        await run('scripts/release/move-major.sh v1.2.0 abc', { answers: [[list, 'v1.3.0']] }),
      ).toMatchObject({
        exitCode: 0,
        calls: [list],
        output: expect.stringContaining('no tag is moved'),
      })
    })

    it('moves nothing when the releases cannot be listed', async () => {
      expect(
        await run('scripts/release/move-major.sh v1.2.0 abc', { failing: ['gh release list'] }),
      ).toMatchObject({ exitCode: 7, calls: [list] })
    })
  })

  it('main.mjs check tells every reason, and how it is called', async () => {
    const wrong = await run('node scripts/release/main.mjs check v9.9.9')
    expect(wrong.exitCode).toBe(1)
    expect(wrong.output).toContain(
      `package.json says ${version}, the tag says 9.9.9\npackage-lock.json says ${version}, the tag says 9.9.9: run npm install\nCHANGELOG.md has no heading "## 9.9.9"\n`,
    )
    expect(await run('node scripts/release/main.mjs')).toMatchObject({
      exitCode: 2,
      output: expect.stringContaining(
        'usage: node scripts/release/main.mjs check|notes|major|pin <tag>',
      ),
    })
  })
})
