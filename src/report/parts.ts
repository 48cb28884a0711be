import type { Evidence } from './evidence.ts'
import type { SnapshotEvidence } from './snapshot-evidence.ts'
import type { ResultOf } from '../result/result.ts'
import type { ParityReport } from '../result/stacks.ts'
import type { JobId } from './flow-jobs.ts'
import { worstOf } from '../core/outcomes.ts'
import { markOf, type Mark } from './mark.ts'
import { sameVersion } from '../core/versions.ts'
import { withEarlier } from './wording.ts'
import { CELLS, snapshotCounts } from './wording-cells.ts'
import { parityWords } from './wording-parity.ts'
import { stoppedWords, type Stopper } from './wording-stopped.ts'

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

function bare(result: Stopper): Cell {
  return { mark: markOf(result), text: stoppedWords(result) }
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
    : { ...newer, text: withEarlier(newer.text, earlier.text), since: earlier.since }
}

function server(evidence: Evidence): Cell | null {
  const { upgrade, gate, earlier, since } = evidence
  if (upgrade === undefined)
    return gate !== undefined && gate.outcome !== 'success'
      ? bare(gate)
      : notRun(evidence, 'gate', 'approve', 'upgrade')
  if (foundItDone(upgrade)) {
    const version = CELLS.version(upgrade.details?.['to-version'] ?? null)
    return {
      mark: 'passed',
      text: `${version}, ${untilWhen(upgrade, earlier.upgrade)}`,
      since: since.upgrade,
    }
  }
  const before = earlier.upgrade
  return after(
    { ...serverAfter(upgrade), since: since.upgrade },
    before && { ...serverAfter(before), since: before.ended },
  )
}

function serverAfter(upgrade: Upgrade): Cell {
  const from = upgrade.details?.['from-version'] ?? null
  const to = upgrade.details?.['to-version'] ?? null
  if (upgrade['reason-code'] === 'dry-run') return { mark: 'none', text: CELLS.planned(from, to) }
  if (upgrade['reason-code'] === 'rolled-back')
    return { mark: 'failed', text: CELLS.rolledBack(from) }
  if (upgrade.outcome === 'success') return { mark: 'passed', text: CELLS.upgraded(to, from) }
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
    return CELLS.nothingToDo
  return CELLS.wasUntil(from, work.ended)
}

function backup({ upgrade, earlier, since }: Evidence): Cell | null {
  if (upgrade === undefined) return null
  const made = madeBackup(upgrade, since.upgrade)
  if (made !== undefined) return made
  const before = earlier.upgrade && madeBackup(earlier.upgrade, earlier.upgrade.ended)
  if (upgrade['reason-code'] === 'backup-failed')
    return after({ ...bare(upgrade), since: since.upgrade }, before)
  if (before !== undefined) return before
  if (foundItDone(upgrade))
    return { mark: 'none', text: CELLS.noBackupNeeded, since: since.upgrade }
  return upgrade.details?.changed === true
    ? { mark: 'warning', text: CELLS.noBackup, since: since.upgrade }
    : null
}

function madeBackup({ details }: Upgrade, since: string | undefined): Cell | undefined {
  const made = details?.backup ?? null
  return made === null
    ? undefined
    : {
        mark: made.verified === 'not-by-us' ? 'none' : 'passed',
        text: CELLS.backup(made),
        since,
      }
}

function parity({ parity: found, stacks, upgrade, since }: Evidence): Cell | null {
  const unknown = [
    ...(upgrade?.['reason-code'] === 'parity-unknown' ? [upgrade] : []),
    ...(stacks === undefined || stacks.outcome === 'success' ? [] : [stacks]),
  ].find((result) => isNewer(result, found))
  if (found === undefined)
    return unknown === undefined
      ? null
      : { ...bare(unknown), since: unknown === stacks ? since.stacks : since.upgrade }
  const held = upgrade?.['reason-code'] === 'stacks-not-mirrored'
  const earlier = { ...parityCell(found.report, held), since: found.ended }
  if (unknown !== undefined) return after(bare(unknown), earlier)
  // A newer reading of the stacks that compared nothing takes the freshness of the comparison.
  return isNewer(stacks, found) ? earlier : { ...earlier, since: found.since }
}

function isNewer(
  result: { ended: string } | undefined,
  other: { ended: string } | undefined,
): boolean {
  return (
    result !== undefined &&
    (other === undefined || Date.parse(result.ended) > Date.parse(other.ended))
  )
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
  const cell = { ...smokeCell(result), since: since.smoke }
  if (job !== null && since.smoke !== undefined) return after(job, cell)
  const before = earlier.smoke
  return after(cell, before && { ...smokeCell(before), since: before.ended })
}

function smokeCell(result: ResultOf<'run-smoke-suite'>): Cell {
  if (result['reason-code'] === 'no-smoke-suite') return { mark: 'none', text: CELLS.noSuite }
  const {
    total = null,
    passed = null,
    failed = null,
    skipped = null,
    flaky = null,
  } = result.details ?? {}
  if (total === null || total === 0 || passed === null) return bare(result)
  return {
    mark: markOf(result),
    text: CELLS.tests({ total, passed, failed, skipped, flaky }, result),
  }
}

function snapshots(found: SnapshotEvidence, job: Cell | null): Cell | null {
  const { results, snapshots: list, missingShards, shardGaps, since } = found
  const worst = worstOf(results)
  if (worst === undefined) return null
  if (list.length === 0) {
    const measuredNone = results.every((result) => result.details?.discovered === 0)
    return measuredNone && worst.outcome === 'noop'
      ? { mark: 'none', text: CELLS.noSnapshots, since }
      : { ...bare(worst), since }
  }
  const counts = { mark: snapshotsMark(results, worst), text: snapshotCounts(list), since }
  // What has no details is newer than all that has some.
  const unmeasured = results.findLast(({ details }) => details === null)
  if (unmeasured !== undefined) return after(bare(unmeasured), counts)
  const gaps = [
    ...(missingShards.length === 0 ? [] : [CELLS.missingShards(missingShards)]),
    ...shardGaps,
  ]
  if (gaps.length > 0)
    return {
      mark: 'unknown',
      text: [...gaps, counts.text].join('; '),
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
