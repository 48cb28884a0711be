// What must be true of a release, and what follows from its tag. Pure functions; main.mjs reads the
// files.

const TAG =
  /^v(?<version>(?<major>0|[1-9]\d*)\.(?<minor>0|[1-9]\d*)\.(?<patch>0|[1-9]\d*)(?:-(?<prerelease>[0-9A-Za-z.-]+))?)$/

/** The parts of a tag such as v1.2.3 or v2.0.0-rc.1; undefined when it is none. */
export function parseTag(tag) {
  const groups = TAG.exec(tag)?.groups
  if (groups === undefined) return undefined
  const { version, major, minor, patch, prerelease } = groups
  return {
    version,
    numbers: [Number(major), Number(minor), Number(patch)],
    prerelease: prerelease !== undefined,
  }
}

/**
 * What stands under the heading of a version in the changelog; undefined when there is no such
 * heading.
 */
export function changelogEntry(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1)
  const section = sections.find((text) => /^\[?([^\]\s]+)/.exec(text)?.[1] === version)
  return section === undefined ? undefined : section.slice(section.indexOf('\n') + 1).trim()
}

/** Everything that speaks against releasing this commit under this tag; empty when nothing does. */
export function problems({ tag, packageVersion, lockVersions, changelog, onMain }) {
  const parsed = parseTag(tag)
  if (parsed === undefined) return [`the tag ${tag} is not of the form v1.2.3`]
  const { version } = parsed
  const found = []
  if (packageVersion !== version)
    found.push(`package.json says ${packageVersion}, the tag says ${version}`)
  for (const lockVersion of new Set(lockVersions)) {
    if (lockVersion !== version)
      found.push(`package-lock.json says ${lockVersion}, the tag says ${version}: run npm install`)
  }
  const entry = changelogEntry(changelog, version)
  if (entry === undefined) found.push(`CHANGELOG.md has no heading "## ${version}"`)
  else if (entry === '') found.push(`CHANGELOG.md says nothing under "## ${version}"`)
  if (!onMain) found.push('the commit is not on main')
  return found
}

/**
 * The major tag that must point at this release: the newest of its major version that is no
 * prerelease. Otherwise undefined.
 */
export function majorTag(tag, released) {
  const parsed = parseTag(tag)
  if (parsed === undefined || parsed.prerelease) return undefined
  const newer = released
    .map(parseTag)
    .filter(
      (other) =>
        other !== undefined &&
        !other.prerelease &&
        other.numbers[0] === parsed.numbers[0] &&
        compare(other.numbers, parsed.numbers) > 0,
    )
  return newer.length > 0 ? undefined : `v${parsed.numbers[0]}`
}

function compare(left, right) {
  const at = left.findIndex((number, index) => number !== right[index])
  return at < 0 ? 0 : left[at] - right[at]
}

/**
 * The text with every `uses` of an action or workflow of this repository at a release, and with the
 * constant of the last release, where it has them.
 */
export function withRelease(text, repository, { version, commit }) {
  return text
    .replace(
      new RegExp(`(\\buses: ${repository}(?:/[\\w./-]+)?)@[\\w.]+(?: # v\\S+)?`, 'g'),
      `$1@${commit} # v${version}`,
    )
    .replace(
      /(LAST_RELEASE: Release = \{\s+version: )'[^']*'(,\s+commit: )'[^']*'/,
      (_, first, second) => `${first}'${version}'${second}'${commit}'`,
    )
}
