import type { SnapshotReport } from '../result/snapshots.ts'
import { fileTail } from '../runs/log-tail.ts'
import type { JobResult } from '../zenml-client/job-values.ts'
import type { PipelineRecord } from '../zenml-client/protocol.ts'
import { BuildChecks } from './build-checks.ts'
import { BuildTurns, type BuildTurn } from './build-turns.ts'
import { buildKey, endingOf, reportedBuild, sharedProblem } from './builds.ts'
import { checkCompiled, reasonsFor } from './check-compiled.ts'
import {
  asJson,
  asSnapshot,
  describeDifference,
  differences,
  explain,
  type Reasons,
} from './compare-records.ts'
import { findSnapshot } from './discover.ts'
import type { SnapshotsDeps } from './deps.ts'
import type { DiscoveredSnapshot, SelectedSnapshot } from './discovered.ts'
import { lostAbilities, lostReference, stillStale } from './proof.ts'
import { currentReport, failed } from './reports.ts'
import type { TriggerMove } from '../state/local/trigger-moves.ts'
import type { Tally } from './tally.ts'
import { moveTrigger, planMove, type Attachment } from './triggers.ts'
import { jobProblem, workOn, type Workplace } from './workplace.ts'

/** Snapshots that may wait for the build of another one, for each that is worked on. */
const AHEAD = 4

/** What all snapshots of a rebuild share. */
interface Rebuild {
  readonly deps: SnapshotsDeps
  readonly attachments: readonly Attachment[]
  readonly checks: BuildChecks
  readonly turns: BuildTurns
}

/**
 * Makes each snapshot again under its name with the client of the live server, proves it by asking
 * the server, and moves its triggers.
 */
export function rebuildEach(
  deps: SnapshotsDeps,
  snapshots: readonly SelectedSnapshot[],
  attachments: readonly Attachment[],
  tally: Tally,
): Promise<SnapshotReport[]> {
  const rebuild: Rebuild = {
    deps,
    attachments,
    checks: new BuildChecks(deps),
    turns: new BuildTurns(),
  }
  return workOn(deps, {
    planning: true,
    ahead: AHEAD,
    failedAt: 'rebuild',
    snapshots,
    tally,
    on: (place, selected) => rebuildOne(rebuild, place, selected),
  })
}

/** Compiles first: a snapshot that would become another one is not touched. */
async function rebuildOne(
  rebuild: Rebuild,
  place: Workplace,
  selected: SelectedSnapshot,
): Promise<SnapshotReport> {
  const { deps, checks } = rebuild
  const { blueprint, job } = place
  const check = await checkCompiled(deps, place, selected)
  const base = {
    ...currentReport(selected),
    'version-after': null,
    seconds: check.seconds,
    'not-checked': [...blueprint.notCarried, ...(check.ok ? check.notes : [])],
    warnings: check.ok ? check.value.notes : [],
  }
  // Code that asks the server is compiled against the live one only.
  if (!check.ok && check.kind !== 'needs-server')
    return failed(base, 'rebuild', jobProblem(check, job.logPath))
  if (check.ok && check.problem !== undefined) return failed(base, 'rebuild', check.problem)
  if (!check.ok) return replaceInTurn(rebuild, place, selected, { base, key: null, ofCode: null })
  const { problem, notes } = await checks.of(place, selected, check.value)
  if (problem !== undefined) return failed(base, 'rebuild', problem)
  return replaceInTurn(rebuild, place, selected, {
    base: { ...base, 'not-checked': [...base['not-checked'], ...notes] },
    key: buildKey(place, check.value.plannedBuild),
    ofCode: check.value.records?.ofCode ?? null,
  })
}

interface Replacement {
  readonly base: SnapshotReport
  /** Of its build; null where no other snapshot can have the same. */
  readonly key: string | null
  /** The record of the code without any configuration, where it could be compiled alone. */
  readonly ofCode: PipelineRecord | null
}

/** Replaces a snapshot as soon as no other one builds what it needs. */
async function replaceInTurn(
  rebuild: Rebuild,
  place: Workplace,
  selected: SelectedSnapshot,
  replacement: Replacement,
): Promise<SnapshotReport> {
  const turn = await rebuild.turns.next(replacement.key)
  if (turn.kind === 'broken') return failed(replacement.base, 'rebuild', sharedProblem(turn.by))
  try {
    return await replace(rebuild, place, selected, { ...replacement, turn })
  } finally {
    // Only where it was interrupted: the first ending counts.
    turn.finish('unknown')
  }
}

async function replace(
  { deps, attachments }: Rebuild,
  place: Workplace,
  selected: SelectedSnapshot,
  { base, ofCode, turn }: Replacement & { readonly turn: Extract<BuildTurn, { kind: 'begin' }> },
): Promise<SnapshotReport> {
  const { snapshot: old } = selected
  const { job } = place
  const moves = await beginMoves(deps, old, attachments)
  const result = await createAgain(deps, place, old)
  turn.finish(endingOf(result, old.key))
  const report = await withJob(base, result, job.logPath)
  const rebuilt = await findSnapshot(deps.server, old)
  // Also after a failure: a job that was ended may have replaced the snapshot before.
  const moved = await moveTriggers(deps, moves, rebuilt)
  if (!result.ok) return failed(report, 'rebuild', jobProblem(result, job.logPath))
  if (rebuilt === undefined || rebuilt.id === old.id) {
    return failed(report, 'rebuild', {
      message: 'The command succeeded, but the server still has the old snapshot under this name.',
      next: `Read ${job.logPath}.`,
    })
  }
  const reasons = {
    ...reasonsFor(place, selected),
    ofCode: ofCode === null ? null : asSnapshot(ofCode),
  }
  return proveRebuilt(report, { old, rebuilt, moved, target: deps.target, reasons })
}

/** Adds what the job on the live server took and built, or what a failed build printed last. */
async function withJob(
  base: SnapshotReport,
  result: JobResult<'create'>,
  logPath: string,
): Promise<SnapshotReport> {
  const report = { ...base, seconds: (base.seconds ?? 0) + result.seconds }
  if (result.ok) return { ...report, build: reportedBuild(result.value.build) }
  return result.kind === 'build' ? { ...report, 'log-tail': await fileTail(logPath) } : report
}

async function beginMoves(
  deps: SnapshotsDeps,
  old: DiscoveredSnapshot,
  attachments: readonly Attachment[],
): Promise<TriggerMove[]> {
  const moves: TriggerMove[] = []
  for (const attachment of attachments.filter(({ snapshotId }) => snapshotId === old.id)) {
    const move = await planMove(deps.server, attachment, old)
    await deps.triggerMoves.begin(move)
    moves.push(move)
  }
  return moves
}

function createAgain(
  deps: SnapshotsDeps,
  { client, stack, blueprint, job }: Workplace,
  old: DiscoveredSnapshot,
) {
  return client.run({
    op: 'create',
    ...job,
    configuration: blueprint.configuration,
    name: old.name,
    description: old.record.metadata.description ?? undefined,
    tags: old.record.resources.tags.map(({ name }) => name),
    replace: true,
    stack: stack.id,
    project: old.projectId,
    env: deps.jobVariables,
  })
}

interface Rebuilt {
  readonly old: DiscoveredSnapshot
  readonly rebuilt: DiscoveredSnapshot
  readonly moved: MovedTriggers
  readonly target: string
  readonly reasons: Reasons
}

/** Judges what the server has now under the name of the old snapshot. */
function proveRebuilt(
  base: SnapshotReport,
  { old, rebuilt, moved, target, reasons }: Rebuilt,
): SnapshotReport {
  const report: SnapshotReport = {
    ...base,
    status: 'rebuilt',
    'new-id': rebuilt.id,
    'version-after': rebuilt.version,
    'code-changed': reasons.codeChanged,
  }
  const staleness = stillStale(rebuilt, target)
  if (staleness !== undefined) return failed(report, 'rebuild', staleness)

  const { unexplained, explained } = explain(
    differences(asJson(old.record), asJson(rebuilt.record)),
    reasons,
  )
  const notes = [
    ...report['not-checked'],
    ...explained,
    ...lostReference(old.record, rebuilt.record),
  ]
  const complete = {
    ...report,
    message: moved.told.length === 0 ? null : moved.told.join(' '),
    'not-checked': [...new Set(notes)],
  }
  const changes = [
    ...lostAbilities(old.record, rebuilt.record),
    ...unexplained.map((difference) => `${describeDifference(difference)}.`),
  ]
  const problems = [...changes, ...moved.problems]
  if (problems.length === 0) return complete
  return failed({ ...complete, changed: changes.length > 0 }, 'rebuild', {
    message: ['It was rebuilt with the new client, and is another one now.', ...problems].join(' '),
    next: 'Put right what is named; the snapshot itself carries the new client.',
  })
}

/** What became of the triggers of a snapshot, as sentences. */
interface MovedTriggers {
  readonly told: string[]
  readonly problems: string[]
}

/**
 * Finishes the moves to what has the name now. A move that the server refuses stays open for the
 * next run.
 */
export async function moveTriggers(
  deps: Pick<SnapshotsDeps, 'server' | 'triggerMoves'>,
  moves: readonly TriggerMove[],
  now: DiscoveredSnapshot | undefined,
): Promise<MovedTriggers> {
  const told: string[] = []
  const problems: string[] = []
  for (const move of moves) {
    if (now === undefined) {
      problems.push(`The trigger ${move['trigger-name']} starts nothing: its snapshot is gone.`)
      continue
    }
    // Not replaced: the trigger is where it was.
    const problem =
      now.id === move['old-id'] ? undefined : await moveTrigger(deps.server, move, now)
    if (problem !== undefined) {
      problems.push(problem)
      continue
    }
    await deps.triggerMoves.finish(move)
    if (now.id !== move['old-id'])
      told.push(`The trigger ${move['trigger-name']} now starts the new snapshot.`)
  }
  return { told, problems }
}
