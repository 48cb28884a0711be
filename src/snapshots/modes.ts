import { snapshotKey } from '../core/snapshot-key.ts'
import type { SnapshotReport, SnapshotsDetails } from '../result/snapshots.ts'
import { pipelineRecordOf } from './compare-records.ts'
import {
  dependentsAfter,
  dependentsBefore,
  type Dependents,
  type Surroundings,
} from './dependents.ts'
import type { SnapshotsDeps } from './deps.ts'
import { discoverAgain, discoverSnapshots } from './discover.ts'
import type { DiscoveredSnapshot, SelectedSnapshot } from './discovered.ts'
import { executeEach } from './execute.ts'
import type { Candidate } from './execute-context.ts'
import { countsOf, judge, NOT_COUNTED, type Mode, type Verdict } from './judge.ts'
import { planEach } from './plan.ts'
import { isToExecute, logPlannedRuns, withPlannedRuns } from './planned-runs.ts'
import { moveTriggers, rebuildEach } from './rebuild.ts'
import { currentReport, failed, foundReport, settledReports } from './reports.ts'
import { resolveSources } from './resolve-sources.ts'
import { selectSnapshots, type Selection } from './select.ts'
import { membersOf, shardText } from './shard.ts'
import { smokeProblem } from './smoke-names.ts'
import { staleBecause } from './staleness.ts'
import { withTally } from './tally.ts'
import { readAttachments, type Attachment } from './triggers.ts'

/** What a mode found out; the command adds the frame of the result. */
export interface SnapshotsOutcome extends Verdict {
  readonly details: SnapshotsDetails
}

/**
 * Before the upgrade: can every stale snapshot be made again with the target client? Changes
 * nothing.
 */
export async function planSnapshots(deps: SnapshotsDeps): Promise<SnapshotsOutcome> {
  const found = await survey(deps)
  const { stale, current } = byStaleness(found.selection.selected, deps.target)
  const planned = await withTally(deps.machine, ['plan', stale.length], (tally) =>
    planEach(deps, stale, tally),
  )
  const { selected } = found.selection
  logPlannedRuns(
    deps,
    selected.filter((each) => isToExecute(each, deps)),
  )
  const reports = [
    ...withPlannedRuns(
      [...planned, ...current.map((each) => plannedCurrent(each, deps))],
      selected,
      deps,
    ),
    ...settledReports(found.selection),
  ]
  const now = new Map(found.all.map((snapshot) => [snapshot.key, snapshot]))
  const dependents = await dependentsBefore(deps, surroundings(found, now, reports))
  return outcome(deps, 'plan', found, reports, dependents)
}

/**
 * After the upgrade: makes every stale snapshot again. Killed and run again, it does what is left.
 */
export async function rebuildSnapshots(deps: SnapshotsDeps): Promise<SnapshotsOutcome> {
  const found = await survey(deps)
  const { reports, now } = await rebuilt(deps, found)
  const around = surroundings(found, now, reports)
  const dependents = await dependentsAfter(deps, around, found.selection.selected)
  return outcome(deps, 'rebuild', found, reports, dependents)
}

/**
 * Runs the snapshots that the file asks for, to their end. One that carries another client than the
 * target's is a failure.
 */
export async function executeSnapshots(deps: SnapshotsDeps): Promise<SnapshotsOutcome> {
  const found = await survey(deps)
  const wanted = found.selection.selected.filter((selected) => isToExecute(selected, deps))
  const { stale, current } = byStaleness(wanted, deps.target)
  const notRebuilt = stale.map((selected) =>
    failed(currentReport(selected), 'execute', {
      message: `It cannot be run: ${staleBecause(selected.snapshot, deps.target) ?? ''}.`,
      next: 'Rebuild it first.',
    }),
  )
  const reported = current.map((selected) => ({ selected, report: reportOf(selected, deps) }))
  const candidates = reported.filter(({ report }) => report.status === 'current')
  const changed = reported.map(({ report }) => report).filter(({ status }) => status === 'failed')
  const executed = await executeAll(deps, candidates)
  const others = found.selection.selected
    .filter((selected) => !wanted.includes(selected))
    .map((selected) => reportOf(selected, deps))
  return outcome(deps, 'execute', found, [
    ...executed,
    ...changed,
    ...notRebuilt,
    ...others,
    ...settledReports(found.selection),
  ])
}

/** Rebuilds, then executes what was not a failure, then deploys what did not fail there either. */
export async function rebuildAndExecuteSnapshots(deps: SnapshotsDeps): Promise<SnapshotsOutcome> {
  const found = await survey(deps)
  const { reports, now } = await rebuilt(deps, found)
  const byKey = new Map(reports.map((report) => [snapshotKey(report), report]))
  const candidates: Candidate[] = []
  for (const selected of found.selection.selected.filter((candidate) =>
    isToExecute(candidate, deps),
  )) {
    const report = byKey.get(selected.snapshot.key)
    const snapshot = now.get(selected.snapshot.key)
    if (snapshot === undefined || (report?.status !== 'rebuilt' && report?.status !== 'current'))
      continue
    candidates.push({ selected: { ...selected, snapshot }, report })
  }
  const executed = await executeAll(deps, candidates)
  const keys = new Set(executed.map(snapshotKey))
  const all = [...executed, ...reports.filter((report) => !keys.has(snapshotKey(report)))]
  const around = surroundings(found, now, all)
  const dependents = await dependentsAfter(deps, around, found.selection.selected)
  return outcome(deps, 'all', found, all, dependents)
}

function executeAll(
  deps: SnapshotsDeps,
  candidates: readonly Candidate[],
): Promise<SnapshotReport[]> {
  logPlannedRuns(
    deps,
    candidates.map(({ selected }) => selected),
  )
  return withTally(deps.machine, ['run', candidates.length], (tally) =>
    executeEach(deps, candidates, tally),
  )
}

/** A snapshot that needs no rebuild; failed where it could not be run as the file says. */
function plannedCurrent(selected: SelectedSnapshot, deps: SnapshotsDeps): SnapshotReport {
  const { snapshot, declaration } = selected
  const report = reportOf(selected, deps)
  const problem = isToExecute(selected, deps)
    ? smokeProblem(declaration, pipelineRecordOf(snapshot.record))
    : undefined
  return problem === undefined || report.status === 'failed'
    ? report
    : failed(report, 'plan', problem)
}

/** A snapshot that carries the target; failed where an earlier rebuild made another one of it. */
function reportOf(selected: SelectedSnapshot, { changed }: SnapshotsDeps): SnapshotReport {
  const report = currentReport(selected)
  const why = changed.get(selected.snapshot.id)
  return why === undefined
    ? report
    : failed({ ...report, 'new-id': selected.snapshot.id, changed: true }, 'rebuild', {
        message: `An earlier run made it, and it is not what it was: ${why}`,
        next: 'Make the snapshot again under this name, as it was.',
      })
}

interface Survey {
  readonly all: readonly DiscoveredSnapshot[]
  /** Of this shard. */
  readonly discovered: readonly DiscoveredSnapshot[]
  /** Of the whole server; null where the server is too old to have snapshots. */
  readonly total: number | null
  readonly selection: Selection
}

async function survey(deps: SnapshotsDeps): Promise<Survey> {
  const all = await discoverSnapshots(deps.server, deps.file.projects)
  if (all === undefined)
    return {
      all: [],
      discovered: [],
      total: null,
      selection: { selected: [], excluded: [], misfits: [], undecided: [] },
    }
  // Selected over all: a declaration may be ambiguous or missing only when every snapshot is known.
  // The first shard tells about those.
  const selection = selectSnapshots(all, deps.file, deps.environment)
  const here = membersOf(deps.shard, deps.knownSeconds)
  return {
    all,
    discovered: all.filter(({ key }) => here(key)),
    total: all.length,
    selection: await resolveSources(deps, {
      selected: selection.selected.filter(({ snapshot }) => here(snapshot.key)),
      excluded: selection.excluded.filter(({ snapshot }) => here(snapshot.key)),
      misfits: selection.misfits.filter(({ snapshot }) =>
        snapshot === undefined ? (deps.shard?.index ?? 1) === 1 : here(snapshot.key),
      ),
      undecided: selection.undecided.filter(({ snapshot }) => here(snapshot.key)),
    }),
  }
}

function surroundings(
  { all, discovered }: Survey,
  now: ReadonlyMap<string, DiscoveredSnapshot>,
  reports: readonly SnapshotReport[],
): Surroundings {
  return { before: all, here: new Set(discovered.map(({ key }) => key)), now, reports }
}

async function rebuilt(
  deps: SnapshotsDeps,
  { all, discovered, total, selection }: Survey,
): Promise<{ reports: SnapshotReport[]; now: ReadonlyMap<string, DiscoveredSnapshot> }> {
  const unfinished = await finishOpenMoves(deps, discovered)
  const { stale, current } = byStaleness(selection.selected, deps.target)
  const attachments: Attachment[] = []
  for (const projectId of new Set(discovered.map((snapshot) => snapshot.projectId)))
    attachments.push(...(await readAttachments(deps.server, projectId)))
  const made = await withTally(deps.machine, ['rebuild', stale.length], (tally) =>
    rebuildEach(deps, stale, attachments, tally),
  )
  const again = total === null ? [] : await discoverAgain(deps.server, deps.file.projects, all)
  const now = new Map(again.map((snapshot) => [snapshot.key, snapshot]))
  const lost = discovered.filter(({ key }) => !now.has(key))
  const unchanged = current.map((selected) => {
    const message = unfinished.get(selected.snapshot.key)
    return message === undefined
      ? reportOf(selected, deps)
      : failed(currentReport(selected), 'rebuild', {
          message,
          next: 'Attach the trigger to the snapshot by hand.',
        })
  })
  const reports = [...made, ...unchanged, ...settledReports(selection)].filter(
    (report) => !lost.some(({ key }) => key === snapshotKey(report)),
  )
  return { reports: [...reports, ...lost.map(lostReport)], now }
}

/**
 * Finishes what a killed rebuild left: triggers whose snapshot was replaced and that start nothing
 * new yet. Gives what cannot be finished, by snapshot.
 */
async function finishOpenMoves(
  deps: SnapshotsDeps,
  discovered: readonly DiscoveredSnapshot[],
): Promise<ReadonlyMap<string, string>> {
  const unfinished = new Map<string, string>()
  for (const move of await deps.triggerMoves.open()) {
    const now = discovered.find(({ key }) => key === move.snapshot)
    if (now === undefined) continue
    const { told, problems } = await moveTriggers(deps, [move], now)
    for (const sentence of told) deps.machine.log.pass(`${move.snapshot}: ${sentence}`)
    for (const sentence of problems)
      unfinished.set(
        move.snapshot,
        [unfinished.get(move.snapshot), sentence].filter(Boolean).join(' '),
      )
  }
  return unfinished
}

function byStaleness(
  selected: readonly SelectedSnapshot[],
  target: string,
): { stale: SelectedSnapshot[]; current: SelectedSnapshot[] } {
  return {
    stale: selected.filter(({ snapshot }) => staleBecause(snapshot, target) !== undefined),
    current: selected.filter(({ snapshot }) => staleBecause(snapshot, target) === undefined),
  }
}

function lostReport(snapshot: DiscoveredSnapshot): SnapshotReport {
  return {
    ...foundReport(snapshot, { source: null, declared: false, status: 'lost' }),
    message: 'It was there at the start and is gone.',
    next: 'Find out who deleted or renamed it; create it again.',
  }
}

function outcome(
  deps: SnapshotsDeps,
  mode: Mode,
  { discovered, total }: Survey,
  reports: readonly SnapshotReport[],
  dependents?: Dependents,
): SnapshotsOutcome {
  const snapshots = [...reports].sort((a, b) => (snapshotKey(a) < snapshotKey(b) ? -1 : 1))
  const about = {
    target: deps.target,
    discovered: total,
    baseline: deps.baseline,
    policy: deps.file.deployments[deps.environment],
    ...dependents,
  }
  return {
    ...judge(mode, snapshots, about),
    details: {
      mode,
      'zenml-version': deps.target,
      shard: deps.shard === undefined ? null : shardText(deps.shard),
      discovered: total === null ? null : discovered.length,
      ...(deps.shard === undefined ? {} : { 'discovered-on-server': total }),
      ...(total === null ? NOT_COUNTED : countsOf(mode, snapshots)),
      snapshots,
      ...dependents,
    },
  }
}
