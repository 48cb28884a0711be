import type { Evidence } from './evidence.ts'
import type { SnapshotEvidence } from './snapshot-evidence.ts'
import type { BackupReport } from '../result/upgrade.ts'
import type { Result, ResultOf } from '../result/result.ts'
import type { ParityReport } from '../result/stacks.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import type { JobId } from './flow-jobs.ts'
import { parityWords } from './parity-section.ts'
import { minute, plural, size } from '../core/text.ts'
import { gravityOf, type Outcome } from '../core/outcomes.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { sameVersion } from '../core/versions.ts'

/** `none`: nothing was measured, so nothing may look good or bad. */
export type Mark = 'passed' | 'failed' | 'warning' | 'held' | 'unknown' | 'none'

/** One cell of the report's table. `text` is not escaped. */
export interface Cell {
  readonly mark: Mark
  readonly text: string
  /** When an earlier run than the newest one measured it, in ISO 8601. */
  readonly since?: string | undefined
}

type Upgrade = ResultOf<'upgrade-workspace'>

/** The rows of the report, in the order of the work; null where nothing is known. */
export const PARTS: Readonly<Record<string, (evidence: Evidence) => Cell | null>> = {
  Server: server,
  Backup: backup,
  'Stack parity': parity,
  'Smoke suite': smoke,
  Snapshots: (evidence) =>
    evidence.snapshots === undefined
      ? notRun(evidence, 'plan-snapshots', 'snapshots')
      : snapshots(evidence.snapshots, notRun(evidence, 'snapshots')),
}

const MARK_OF: Readonly<Record<Outcome, Mark>> = {
  success: 'passed',
  noop: 'none',
  failure: 'failed',
  invalid: 'failed',
  held: 'held',
  inconclusive: 'unknown',
  cancelled: 'unknown',
}

export function markOf({ outcome }: Pick<Result, 'outcome'>): Mark {
  return MARK_OF[outcome]
}

/** A reason code as words; they are chosen to be read. */
function label(code: ReasonCode): string {
  return code.replaceAll('-', ' ')
}

function bare(result: Pick<Result, 'outcome' | 'reason-code'>): Cell {
  return { mark: markOf(result), text: label(result['reason-code']) }
}

/** A part without a result: the job that should have left it, where that did not end well. */
function notRun({ jobs }: Evidence, ...ids: readonly JobId[]): Cell | null {
  const job = jobs.findLast(({ id }) => ids.includes(id))
  return job === undefined ? null : bare(job)
}

/** What a newer run did not measure comes first; what an earlier one did is shown with its time. */
function after(newer: Cell, earlier: Cell | undefined): Cell {
  return earlier === undefined
    ? newer
    : { ...newer, text: `${newer.text}; earlier: ${earlier.text}`, since: earlier.since }
}

function server(evidence: Evidence): Cell | null {
  const { upgrade, gate, earlier, since } = evidence
  if (upgrade === undefined)
    return gate !== undefined && gate.outcome !== 'success'
      ? bare(gate)
      : notRun(evidence, 'gate', 'approve', 'upgrade')
  if (foundItDone(upgrade))
    return {
      mark: 'passed',
      text: `${version(upgrade.details?.['to-version'] ?? null)}, ${untilWhen(upgrade, earlier.upgrade)}`,
    }
  const now = { ...serverAfter(upgrade), since: since.upgrade }
  return earlier.upgrade === undefined
    ? now
    : after(now, { ...serverAfter(earlier.upgrade), since: earlier.upgrade.ended })
}

function serverAfter(upgrade: Upgrade): Cell {
  const from = upgrade.details?.['from-version'] ?? null
  const to = upgrade.details?.['to-version'] ?? null
  if (upgrade['reason-code'] === 'dry-run')
    return { mark: 'none', text: `planned: ${version(from)} to ${to ?? 'unknown'}` }
  if (upgrade['reason-code'] === 'rolled-back')
    return { mark: 'failed', text: `rolled back to ${version(from)}` }
  if (upgrade.outcome === 'success')
    return { mark: 'passed', text: `${version(to)}, was ${from ?? 'unknown'}` }
  return bare(upgrade)
}

/** Whether the upgrade found the target on the server. */
function foundItDone({ 'reason-code': code }: Upgrade): boolean {
  return code === 'already-at-target' || code === 'already-green'
}

/** Tells when the version came there, where the record says so. */
function untilWhen(upgrade: Upgrade, work: Evidence['earlier']['upgrade']): string {
  const from = work?.details['from-version'] ?? null
  if (
    work === undefined ||
    from === null ||
    work.outcome !== 'success' ||
    !sameVersion(work.details['to-version'] ?? '', upgrade.details?.['to-version'] ?? '')
  )
    return 'nothing to do'
  return `was ${from} until ${minute(work.ended)}`
}

function version(number: string | null): string {
  return `ZenML ${number ?? 'of an unknown version'}`
}

const VERIFIED: Readonly<Record<BackupReport['verified'], string>> = {
  checksum: 'read back, checksum equal',
  restore: 'restored into a scratch database and compared',
  command: 'checked by your command',
  'not-by-us': 'made by ZenML Pro, not verified by us',
}

function backup({ upgrade, earlier, since }: Evidence): Cell | null {
  if (upgrade === undefined) return null
  const made = madeBackup(upgrade, since.upgrade)
  if (made !== null) return made
  const before = earlier.upgrade && madeBackup(earlier.upgrade, earlier.upgrade.ended)
  if (upgrade['reason-code'] === 'backup-failed')
    return after({ ...bare(upgrade), since: since.upgrade }, before ?? undefined)
  if (before != null) return before
  if (foundItDone(upgrade)) return { mark: 'none', text: 'not needed' }
  return upgrade.details?.changed === true
    ? { mark: 'warning', text: 'none was made', since: since.upgrade }
    : null
}

function madeBackup({ details }: Upgrade, since: string | undefined): Cell | null {
  const made = details?.backup ?? null
  if (made === null) return null
  const bytes = made.bytes === null ? '' : `${size(made.bytes)}, `
  return {
    mark: made.verified === 'not-by-us' ? 'none' : 'passed',
    text: `${bytes}${VERIFIED[made.verified]}`,
    since,
  }
}

function parity({ parity: found, stacks, upgrade }: Evidence): Cell | null {
  const unknown = [
    ...(upgrade?.['reason-code'] === 'parity-unknown' ? [upgrade] : []),
    ...(stacks === undefined || stacks.outcome === 'success' ? [] : [stacks]),
  ].find((result) => found === undefined || Date.parse(result.ended) > Date.parse(found.ended))
  if (found === undefined) return unknown === undefined ? null : bare(unknown)
  const held = upgrade?.['reason-code'] === 'stacks-not-mirrored'
  const cell = { ...parityCell(found.report, held), since: found.since }
  return unknown === undefined ? cell : after(bare(unknown), { ...cell, since: found.ended })
}

function parityCell(report: ParityReport, held: boolean): Cell {
  const text = parityWords(report)
  if (report.differences > 0) return { mark: held ? 'held' : 'warning', text }
  return { mark: report.compared > 0 ? 'passed' : 'none', text }
}

function smoke(evidence: Evidence): Cell | null {
  const { smoke: result, earlier, since } = evidence
  const job = notRun(evidence, 'smoke')
  if (result === undefined) return job
  if (job !== null && since.smoke !== undefined)
    return after(job, { ...smokeCell(result), since: since.smoke })
  const before = earlier.smoke
  return after(
    { ...smokeCell(result), since: since.smoke },
    before && { ...smokeCell(before), since: before.ended },
  )
}

function smokeCell(result: ResultOf<'run-smoke-suite'>): Cell {
  if (result['reason-code'] === 'no-smoke-suite')
    return { mark: 'none', text: 'no suite in the file' }
  const {
    total = null,
    passed = null,
    failed = null,
    skipped = null,
    flaky = null,
  } = result.details ?? {}
  if (total === null || total === 0 || passed === null) return bare(result)
  const rest = [
    [skipped, 'skipped'],
    [flaky, 'flaky'],
  ]
    .filter(([amount]) => amount !== null && amount !== 0)
    .map(([amount, word]) => `${amount ?? ''} ${word ?? ''}`)
  const first =
    failed !== null && failed > 0
      ? `${failed} of ${total} failed`
      : result.outcome === 'success'
        ? `${passed} passed`
        : `${label(result['reason-code'])}, ${passed} passed`
  return { mark: markOf(result), text: [first, ...rest].join(', ') }
}

function snapshots(found: SnapshotEvidence, job: Cell | null): Cell | null {
  const { results, snapshots: list, missingShards, since } = found
  const worst = worstOf(results)
  if (worst === undefined) return null
  if (list.length === 0) {
    const measuredNone = results.every((result) => result.details?.discovered === 0)
    return measuredNone && worst.outcome === 'noop'
      ? { mark: 'none', text: 'none on the server' }
      : bare(worst)
  }
  const counts = { mark: snapshotsMark(results, worst), text: snapshotCounts(list), since }
  // What has no details is newer than all that has some.
  const unmeasured = results.findLast(({ details }) => details === null)
  if (unmeasured !== undefined) return after(bare(unmeasured), counts)
  if (missingShards.length > 0)
    return {
      mark: 'unknown',
      text: `shard ${missingShards.join(', ')} has no result; ${counts.text}`,
      since,
    }
  return job !== null && since !== undefined ? after(job, counts) : counts
}

function snapshotsMark(
  results: SnapshotEvidence['results'],
  worst: ResultOf<'rebuild-snapshots'>,
): Mark {
  const good =
    worst.outcome === 'noop' && worst['reason-code'] !== 'dry-run' ? 'passed' : markOf(worst)
  const planned = results.every((result) => result.details?.mode === 'plan')
  return planned && good === 'passed' ? 'none' : good
}

/** The result that decides: the gravest outcome, the newest among equals. */
export function worstOf<R extends Pick<Result, 'outcome'>>(results: readonly R[]): R | undefined {
  return [...results].sort((a, b) => gravityOf(a.outcome) - gravityOf(b.outcome)).at(-1)
}

const SNAPSHOT_WORDS: readonly (readonly [SnapshotReport['status'], string])[] = [
  ['executed', 'rebuilt and run'],
  ['rebuilt', 'rebuilt'],
  ['current', 'already current'],
  ['planned', 'can be rebuilt'],
  ['excluded', 'excluded'],
]

/** `2 of 9 failed, 7 rebuilt and run`. */
export function snapshotCounts(list: readonly SnapshotReport[]): string {
  const amount = (status: SnapshotReport['status']) =>
    list.filter((snapshot) => snapshot.status === status).length
  const bad = (['failed', 'lost'] as const)
    .filter((status) => amount(status) > 0)
    .map((status) => `${amount(status)} of ${list.length} ${status}`)
  const rest = SNAPSHOT_WORDS.filter(([status]) => amount(status) > 0).map(
    ([status, words]) => `${amount(status)} ${words}`,
  )
  return [...bad, ...rest].join(', ') || plural(0, 'snapshot')
}
