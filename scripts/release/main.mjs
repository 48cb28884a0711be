// The steps of release.yml that decide something, and what follows a release in this repository:
// node scripts/release/main.mjs check|notes|major|pin <tag>
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { changelogEntry, majorTag, parseTag, problems, withRelease } from './rules.mjs'

const STEPS = {
  /** Ends with 1 and every reason when this commit must not be released under this tag. */
  check(tag) {
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
    const found = problems({
      tag,
      packageVersion: JSON.parse(readFileSync('package.json', 'utf8')).version,
      lockVersions: [lock.version, lock.packages[''].version],
      changelog: readFileSync('CHANGELOG.md', 'utf8'),
      onMain: git('merge-base', '--is-ancestor', 'HEAD', 'origin/main').status === 0,
    })
    for (const problem of found) console.error(problem)
    return found.length === 0 ? 0 : 1
  },

  /** Prints the changelog's entry. */
  notes(tag) {
    const entry = changelogEntry(readFileSync('CHANGELOG.md', 'utf8'), parseTag(tag)?.version ?? '')
    if (entry === undefined) {
      console.error(`CHANGELOG.md has no entry for ${tag}`)
      return 1
    }
    console.log(entry)
    return 0
  },

  /**
   * Reads the tags of all releases, one a line, and prints the major tag that must follow; nothing
   * when none must.
   */
  major(tag) {
    const released = readFileSync(0, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
    const major = majorTag(tag, released)
    if (major !== undefined) console.log(major)
    return 0
  },

  /**
   * Names the release and its commit wherever users copy from: README, docs, examples, and the
   * constant that init reads. Afterwards `npm run build`, and a commit on main.
   */
  pin(tag) {
    const version = parseTag(tag)?.version
    const found = git('rev-parse', '--verify', '--quiet', `refs/tags/${tag}^{commit}`)
    if (version === undefined || found.status !== 0) {
      console.error(`there is no release tag ${tag} in this clone: git fetch --tags`)
      return 1
    }
    const { repository } = JSON.parse(readFileSync('package.json', 'utf8'))
    const release = { version, commit: found.stdout.trim() }
    for (const path of git('ls-files', '--', ...PINNED)
      .stdout.trim()
      .split('\n')) {
      const text = readFileSync(path, 'utf8')
      const pinned = withRelease(text, repository, release)
      if (pinned === text) continue
      writeFileSync(path, pinned)
      console.log(path)
    }
    return 0
  },
}

/** What names the last release. */
const PINNED = ['*.md', '*.yml', 'src/core/release.ts', ':!test/']

function git(...args) {
  return spawnSync('git', args, { encoding: 'utf8' })
}

const [step = '', tag] = process.argv.slice(2)
if (!Object.hasOwn(STEPS, step) || tag === undefined) {
  console.error(`usage: node scripts/release/main.mjs ${Object.keys(STEPS).join('|')} <tag>`)
  process.exitCode = 2
} else process.exitCode = STEPS[step](tag)
