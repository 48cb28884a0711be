import type { SnapshotReport } from '../result/snapshots.ts'
import type { DiscoveredSnapshot, SelectedSnapshot } from './discovered.ts'
import type { Misfit, Selection } from './select.ts'
import type { Problem } from './blueprint.ts'

type FailedAt = NonNullable<SnapshotReport['failed-at']>

const NOTHING_YET = {
  'failed-at': null,
  message: null,
  next: null,
  'version-after': null,
  'new-id': null,
  'executed-on': null,
  run: null,
  'not-checked': [],
  'code-changed': null,
  seconds: null,
} as const

/** A snapshot as it was found. */
export function foundReport(
  snapshot: DiscoveredSnapshot,
  about: { source: string | null; declared: boolean; status: SnapshotReport['status'] },
): SnapshotReport {
  return {
    project: snapshot.project,
    pipeline: snapshot.pipeline,
    name: snapshot.name,
    stack: snapshot.stack?.name ?? null,
    source: about.source,
    declared: about.declared,
    status: about.status,
    'version-before': snapshot.version,
    'old-id': snapshot.id,
    ...NOTHING_YET,
    'not-checked': [],
  }
}

/** A selected snapshot before anything is done to it: it already carries the target. */
export function currentReport({ snapshot, source, declaration }: SelectedSnapshot): SnapshotReport {
  const report = foundReport(snapshot, {
    source: source.name,
    declared: declaration !== undefined,
    status: 'current',
  })
  return { ...report, 'version-after': snapshot.version }
}

export function failed(
  report: SnapshotReport,
  at: FailedAt,
  problem: { readonly message: string; readonly next: string | null },
): SnapshotReport {
  return {
    ...report,
    status: 'failed',
    'failed-at': at,
    message: problem.message,
    next: problem.next,
  }
}

/** What the selection itself already decides: the excluded ones and the misfits. */
export function settledReports({ excluded, misfits }: Selection): SnapshotReport[] {
  return [
    ...excluded.map(({ snapshot, declared, reason }) => ({
      ...foundReport(snapshot, { source: null, declared, status: 'excluded' }),
      message: reason,
    })),
    ...misfits.map(misfitReport),
  ]
}

function misfitReport(misfit: Misfit): SnapshotReport {
  const { snapshot, declaration } = misfit
  const problem: Problem = misfit
  if (snapshot !== undefined)
    return failed(
      foundReport(snapshot, {
        source: null,
        declared: declaration !== undefined,
        status: 'failed',
      }),
      'plan',
      problem,
    )
  const unknown: SnapshotReport = {
    project: declaration?.project ?? '',
    pipeline: declaration?.pipeline ?? '',
    name: declaration?.name ?? '',
    stack: null,
    source: null,
    declared: true,
    status: 'failed',
    'version-before': '',
    'old-id': '',
    ...NOTHING_YET,
    'not-checked': [],
  }
  return failed(unknown, 'plan', problem)
}
