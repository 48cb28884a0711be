import { wentWell } from '../core/outcomes.ts'
import type { Environment } from '../core/environments.ts'
import type { SmokeDetails } from '../result/smoke.ts'
import type { SnapshotsDetails } from '../result/snapshots.ts'
import { outcomeOf, type ReasonCode } from '../core/reasons.ts'
import { sameVersion } from '../core/versions.ts'
import {
  openAttempt,
  type Attempt,
  type AttemptStore,
  type Entry,
  type EntryOf,
} from './attempt.ts'
import type { SourceRevision, UpgradeInputs } from './content-digest.ts'

/** What an attempt is about: the same for every command of one push. */
export interface Subject {
  readonly environment: Environment
  readonly tested: string
  readonly sources: readonly SourceRevision[]
  readonly inputs: UpgradeInputs
  readonly sha: string | null
  readonly targetVersion: string
  readonly serverId: string
  readonly serverUrl: string
  readonly now: Date
}

/**
 * Makes an id that sorts behind those of `earlier`: by the time, and where the clock was set back,
 * by the time of the newest one. The suffix keeps two of one millisecond apart.
 */
export function attemptId(
  now: Date,
  targetVersion: string,
  earlier: readonly Pick<Attempt, 'id'>[],
): string {
  const newest = Math.max(0, ...earlier.map(({ id }) => timeOfId(id)))
  const at = new Date(Math.max(now.getTime(), newest + 1))
  return `${at.toISOString().replaceAll(/[-:]/g, '')}-${targetVersion}`
}

/** Milliseconds since the epoch; 0 for an id that we did not make. */
function timeOfId(id: string): number {
  const time = id.replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)-.*$/,
    '$1-$2-$3T$4:$5:$6',
  )
  return Date.parse(time) || 0
}

/** The newest attempt for exactly this content and version, if any. */
export function attemptFor(
  attempts: readonly Attempt[],
  { tested, targetVersion }: Pick<Subject, 'tested' | 'targetVersion'>,
): Attempt | undefined {
  return attempts.findLast(
    (attempt) => attempt.tested === tested && sameVersion(attempt['target-version'], targetVersion),
  )
}

/**
 * Opens an attempt for content that needs no upgrade, so that what the next commands find out has a
 * place.
 */
export async function beginWithoutUpgrade(
  store: AttemptStore,
  subject: Subject,
  earlier: readonly Attempt[],
): Promise<Attempt> {
  const at = subject.now.toISOString()
  const attempt: Attempt = {
    'schema-version': 1,
    id: attemptId(subject.now, subject.targetVersion, earlier),
    environment: subject.environment,
    started: at,
    sha: subject.sha,
    ...testedOf(subject),
    'server-id': subject.serverId,
    'server-url': subject.serverUrl,
    'from-version': subject.targetVersion,
    'target-version': subject.targetVersion,
    entries: [{ kind: 'closed', at, 'reason-code': 'already-at-target', details: null }],
  }
  await store.begin(attempt)
  return attempt
}

/** What an attempt says of the content it is about. */
export function testedOf({
  tested,
  inputs,
  sources,
}: Pick<Subject, 'tested' | 'inputs' | 'sources'>): Pick<Attempt, 'tested' | 'inputs' | 'sources'> {
  return {
    tested,
    inputs: inputs.digest,
    ...(sources.length === 0 ? {} : { sources: [...sources] }),
  }
}

export interface Finding {
  readonly command: EntryOf<'evidence'>['command']
  readonly mode: EntryOf<'evidence'>['mode']
  readonly reasonCode: ReasonCode
  readonly summary: string
  readonly zenmlVersion: string | null
  readonly discovered: number | null
  readonly smoke?: SmokeDetails
  readonly snapshots?: SnapshotsDetails
}

/**
 * Adds what a command found out to the attempt for this content; gives the id of that attempt, or
 * undefined while another attempt is unfinished: it says nothing about that one.
 */
export async function recordFinding(
  store: AttemptStore,
  subject: Subject,
  finding: Finding,
): Promise<string | undefined> {
  const attempts = await store.list(subject.environment)
  // What another server answers says nothing about this one.
  const ofServer = attempts.filter((attempt) => attempt['server-id'] === subject.serverId)
  const known = attemptFor(ofServer, subject)
  if (known === undefined && openAttempt(attempts) !== undefined) return undefined
  const attempt = known ?? (await beginWithoutUpgrade(store, subject, attempts))
  await store.append(subject.environment, attempt.id, {
    kind: 'evidence',
    at: subject.now.toISOString(),
    command: finding.command,
    mode: finding.mode,
    'reason-code': finding.reasonCode,
    summary: finding.summary,
    'zenml-version': finding.zenmlVersion,
    discovered: finding.discovered,
    ...(finding.smoke === undefined ? {} : { smoke: finding.smoke }),
    ...(finding.snapshots === undefined ? {} : { snapshots: finding.snapshots }),
  })
  return attempt.id
}

function isMeasure(entry: Entry): entry is EntryOf<'evidence'> {
  return (
    entry.kind === 'evidence' &&
    entry.discovered !== null &&
    wentWell(outcomeOf(entry['reason-code']))
  )
}

/**
 * The newest attempt with good evidence of how many named snapshots there are. Evidence that lost
 * some is no measure.
 */
export function measuringAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.findLast(({ entries }) => entries.some(isMeasure))
}

/**
 * How many named snapshots there are by the newest good record of the environment; null when none
 * says so.
 */
export function snapshotBaseline(attempts: readonly Attempt[]): number | null {
  return measuringAttempt(attempts)?.entries.findLast(isMeasure)?.discovered ?? null
}
