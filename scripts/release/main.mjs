// The steps of release.yml that decide something: node scripts/release/main.mjs check|notes|major <tag>
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { changelogEntry, majorTag, parseTag, problems } from './rules.mjs'

const STEPS = {
  /** Ends with 1 and every reason when this commit must not be released under this tag. */
  check(tag) {
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
    const found = problems({
      tag,
      packageVersion: JSON.parse(readFileSync('package.json', 'utf8')).version,
      lockVersions: [lock.version, lock.packages[''].version],
      changelog: readFileSync('CHANGELOG.md', 'utf8'),
      onMain: spawnSync('git', ['merge-base', '--is-ancestor', 'HEAD', 'origin/main']).status === 0,
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
}

const [step = '', tag] = process.argv.slice(2)
if (!Object.hasOwn(STEPS, step) || tag === undefined) {
  console.error(`usage: node scripts/release/main.mjs ${Object.keys(STEPS).join('|')} <tag>`)
  process.exitCode = 2
} else process.exitCode = STEPS[step](tag)
