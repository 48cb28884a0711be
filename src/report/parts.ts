import type { Evidence, SnapshotEvidence } from './evidence.ts'
import type { ResultOf } from '../result/result.ts'
import type { JobId } from './flow-jobs.ts'
import { worstOf } from '../core/outcomes.ts'
import { markOf, type Mark } from './mark.ts'
import { outcomeOf } from '../core/reasons.ts'
import { sameVersion } from '../core/versions.ts'
import { CELLS, parityWords, snapshotCounts } from './wording.ts'
import { stoppedWords, type Stopper } from './wording-stopped.ts'

/** One cell of the report's table. `text` is not escaped. */
export interface Cell {
  readonly mark: Mark
  readonly text: string
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
      : snapshots(evidence.snapshots),
}

function bare(result: Stopper): Cell {
  return { mark: markOf(result), text: stoppedWords(result) }
}

/** A part without a result: the job that should have left it, where that did not end well. */
function notRun({ jobs }: Evidence, ...ids: readonly JobId[]): Cell | null {
  const job = jobs.findLast(({ id }) => ids.includes(id))
  return job === undefined ? null : bare(job)
}

function server(evidence: Evidence): Cell | null {
  const { upgrade, gate } = evidence
  if (upgrade === undefined)
    return gate !== undefined && gate.outcome !== 'success'
      ? bare(gate)
      : notRun(evidence, 'gate', 'approve', 'upgrade')
  const from = upgrade.details?.['from-version'] ?? null
  const to = upgrade.details?.['to-version'] ?? null
  if (foundItDone(upgrade))
    return { mark: 'passed', text: `${CELLS.version(to)}, ${since(upgrade)}` }
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
function since(upgrade: Upgrade): string {
  const work = upgrade['last-work'] ?? null
  const from = work?.details['from-version'] ?? null
  if (
    work === null ||
    from === null ||
    outcomeOf(work['reason-code']) !== 'success' ||
    !sameVersion(work.details['to-version'] ?? '', upgrade.details?.['to-version'] ?? '')
  )
    return CELLS.nothingToDo
  return CELLS.wasUntil(from, work.ended)
}

function backup({ upgrade }: Evidence): Cell | null {
  if (upgrade === undefined) return null
  const made = upgrade.details?.backup ?? upgrade['last-work']?.details.backup ?? null
  if (made !== null) {
    return {
      mark: made.verified === 'not-by-us' ? 'none' : 'passed',
      text: CELLS.backup(made),
    }
  }
  if (upgrade['reason-code'] === 'backup-failed') return bare(upgrade)
  if (foundItDone(upgrade)) return { mark: 'none', text: CELLS.noBackupNeeded }
  return upgrade.details?.changed === true ? { mark: 'warning', text: CELLS.noBackup } : null
}

function parity({ parity: report, stacks, upgrade }: Evidence): Cell | null {
  if (report !== undefined)
    return {
      mark:
        report.differences > 0
          ? upgrade?.['reason-code'] === 'stacks-not-mirrored'
            ? 'held'
            : 'warning'
          : report.compared > 0
            ? 'passed'
            : 'none',
      text: parityWords(report),
    }
  if (upgrade?.['reason-code'] === 'parity-unknown') return bare(upgrade)
  return stacks === undefined || stacks.outcome === 'success' ? null : bare(stacks)
}

function smoke(evidence: Evidence): Cell | null {
  const { smoke: result } = evidence
  if (result === undefined) return notRun(evidence, 'smoke')
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

function snapshots({ results, snapshots: list, missingShards }: SnapshotEvidence): Cell | null {
  const worst = worstOf(results)
  if (worst === undefined) return null
  const counts = snapshotCounts(list)
  if (list.length === 0) {
    const measuredNone = results.every((result) => result.details?.discovered === 0)
    return measuredNone && worst.outcome === 'noop'
      ? { mark: 'none', text: CELLS.noSnapshots }
      : bare(worst)
  }
  if (missingShards.length > 0)
    return { mark: 'unknown', text: `${CELLS.missingShards(missingShards)}; ${counts}` }
  const good =
    worst.outcome === 'noop' && worst['reason-code'] !== 'dry-run' ? 'passed' : markOf(worst)
  const planned = results.every((result) => result.details?.mode === 'plan')
  return { mark: planned && good === 'passed' ? 'none' : good, text: counts }
}
