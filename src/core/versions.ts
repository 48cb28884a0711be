import { compare as comparePep440, explain } from '@renovatebot/pep440'

// Versions of ZenML are PEP 440 (`0.95.0rc1`, `0.95.0.dev20260401`), which the libraries for
// semantic versions refuse.

/**
 * Gives the one spelling of a version, as ZenML writes its own: `v0.98` and `0.98.0.0` are `0.98.0`.
 * What comes from a file, an input or a server is normalised once, where it enters. undefined for
 * what is no version.
 */
export function normalise(version: string): string | undefined {
  const known = explain(version.trim())
  if (known === null) return undefined
  const { epoch, release, public: spelled } = known
  const numbers = [...release]
  while (numbers.length > 3 && numbers.at(-1) === 0) numbers.pop()
  while (numbers.length < 3) numbers.push(0)
  const before = epoch === 0 ? '' : `${epoch}!`
  return `${before}${numbers.join('.')}${spelled.slice(`${before}${release.join('.')}`.length)}`
}

function certain(version: string): string {
  const known = normalise(version)
  if (known === undefined) throw new TypeError(`${JSON.stringify(version)} is no version`)
  return known
}

/**
 * Negative when `a` is older than `b`, in PEP 440 order; for `sort`. Throws TypeError for what is
 * no version.
 */
export function compare(a: string, b: string): number {
  return comparePep440(certain(a), certain(b))
}

/** Tells whether two texts are the same version; what is no version equals none. */
export function sameVersion(a: string, b: string): boolean {
  const [left, right] = [normalise(a), normalise(b)]
  return left !== undefined && right !== undefined && comparePep440(left, right) === 0
}

/** Whether `a` is older than `b`. */
export function isOlder(a: string, b: string): boolean {
  return compare(a, b) < 0
}

export interface KnownBreak {
  /** The first version that has it. */
  readonly version: string
  readonly sentence: string
  /** Where ZenML says so. */
  readonly source: string
}

const release = (version: string) => `https://github.com/zenml-io/zenml/releases/tag/${version}`

/**
 * What ZenML's release notes say that matters to servers, snapshots and schedules; oldest first.
 */
const BREAKS: readonly KnownBreak[] = [
  ['0.70.0', 'Many migrations of the database run at once: back up first, and allow for time.'],
  ['0.80.0', 'Workspaces became projects, and pipelines, runs and artifacts belong to one.'],
  [
    '0.84.0',
    'The Kubernetes orchestrator needs exactly the same version in the client and in its pods.',
  ],
  [
    '0.90.0',
    'Snapshots replaced run templates, which must be made anew; client and server must be upgraded together.',
  ],
  ['0.91.0', 'Python 3.9 is no longer supported.'],
  [
    '0.93.1',
    'Deleting a schedule archives it, and the API demands to be told which of the two is meant.',
  ],
  [
    '0.94.0',
    'Event sources, actions and the old triggers are gone; triggers with schedules took their place.',
  ],
  ['0.94.2', 'The values of the Helm chart moved from `zenml:` to `server:`.'],
  [
    '0.95.0',
    'The header X-Forwarded-For is no longer trusted unless the server is told to, and hooks were reworked.',
  ],
  ['0.97.0', 'The migration is started in another way, and clients need click 8.3.3 or later.'],
].map(([version = '', sentence = '']) => ({ version, sentence, source: release(version) }))

/** Breaks after `from`, up to and including `to`; none for a way back. */
export function knownBreaks(from: string, to: string): KnownBreak[] {
  return BREAKS.filter(({ version }) => isOlder(from, version) && !isOlder(to, version))
}

/** Python minors with the ZenML version that began and the one that ended their support. */
const PYTHONS: readonly {
  readonly python: string
  readonly since?: string
  readonly until?: string
}[] = [
  { python: '3.9', until: '0.91.0' },
  { python: '3.10' },
  { python: '3.11' },
  { python: '3.12' },
  { python: '3.13', since: '0.91.0' },
  { python: '3.14', since: '0.95.0' },
]

/** Python minors such as `3.11` that a ZenML version from 0.85.0 on runs on, oldest first. */
export function supportedPythons(version: string): string[] {
  return PYTHONS.filter(
    ({ since, until }) =>
      (since === undefined || !isOlder(version, since)) &&
      (until === undefined || isOlder(version, until)),
  ).map(({ python }) => python)
}
