import pMap from 'p-map'
import type { Source } from '../config/schema.ts'
import type { ForkServer } from '../zenml-client/fork-server.ts'
import type { JobFailure } from '../zenml-client/job-values.ts'
import type { DeclaredSource, ExpectedPipeline } from '../zenml-client/protocol.ts'
import { Stop } from '../core/stop.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import { supportedPythons } from '../core/versions.ts'
import { blueprintOf, type Blueprint, type Problem } from './blueprint.ts'
import type { RecordedCode, SnapshotsDeps, SourceRoot, Stack } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { logPathOf } from './log-path.ts'
import { codeChange } from './proof.ts'
import { recordedCode } from './recorded-code.ts'
import { currentReport, failed } from './reports.ts'
import type { Tally } from './tally.ts'

/** What a job on one snapshot needs, all of it checked. */
export interface Workplace {
  readonly client: ForkServer
  readonly root: SourceRoot
  readonly stack: Stack & { readonly id: string }
  readonly blueprint: Blueprint
  /** The fields that every job has. */
  readonly job: {
    readonly sourceRoot: string
    readonly pipelineSource: string
    readonly configPath: string | null
    readonly fromRecord: boolean
    readonly source: DeclaredSource
    readonly expected: ExpectedPipeline
    readonly timeoutSeconds: number
    readonly logPath: string
  }
}

export interface Work {
  readonly planning: boolean
  /** What the report says when it does not even come to the work. */
  readonly failedAt: NonNullable<SnapshotReport['failed-at']>
  /** What its log is called after; `failedAt` when left out. */
  readonly phase?: (selected: SelectedSnapshot) => string
  readonly snapshots: readonly SelectedSnapshot[]
  readonly on: (place: Workplace, snapshot: SelectedSnapshot) => Promise<SnapshotReport>
  readonly tally: Tally
  /** Snapshots begun for each job that may run, where some wait for others; 1 when left out. */
  readonly ahead?: number
}

/** Of a snapshot that is not declared, in seconds; the file's default for the others. */
const DEFAULT_TIMEOUT_SECONDS = 3600

/** Takes a report as it is made. */
type Report = (report: SnapshotReport) => void

/** Snapshots that one client environment is for. */
interface Group {
  readonly python: string
  readonly source: Source
  /** Undefined for the code of the branch. */
  readonly code: RecordedCode | undefined
  readonly members: Member[]
}

interface Member {
  readonly selected: SelectedSnapshot
  readonly stack: Workplace['stack']
}

/** A group whose code is on this machine. */
interface ReadyGroup extends Group {
  readonly root: SourceRoot
}

/**
 * Works on snapshots, one client environment for each source, commit and Python. The reports are in
 * no order.
 */
export async function workOn(deps: SnapshotsDeps, work: Work): Promise<SnapshotReport[]> {
  const reports: SnapshotReport[] = []
  const report: Report = (made) => {
    reports.push(made)
    work.tally.done(made)
  }
  const groups = await groupByClient(deps, work, report)
  // All code is brought here before the first snapshot changes: the first group may take hours, and
  // a token does not last.
  const ready: ReadyGroup[] = []
  for (const group of groups) {
    const { source, code } = group
    const root = await (code === undefined
      ? deps.sourceRoot(source)
      : deps.recordedRoot(source, code))
    if ('directory' in root) ready.push({ ...group, root })
    else for (const { selected } of group.members) report(refused(work, selected, root))
  }
  for (const group of ready) await workOnGroup(deps, work, group, report)
  return reports
}

/** Groups the snapshots by client environment; one that lacks what it needs is reported. */
async function groupByClient(deps: SnapshotsDeps, work: Work, report: Report): Promise<Group[]> {
  const groups = new Map<string, Group>()
  for (const selected of work.snapshots) {
    const python = pythonFor(selected, deps.target)
    const stack = await stackFor(selected, deps)
    const code = recordedCode(selected)
    if ('message' in python) report(refused(work, selected, python))
    else if ('message' in stack) report(refused(work, selected, stack))
    else if (code !== undefined && 'message' in code) report(refused(work, selected, code))
    else {
      const { source } = selected
      const key = JSON.stringify([source.name, python.version, code])
      const group = groups.get(key) ?? { python: python.version, source, code, members: [] }
      groups.set(key, group)
      group.members.push({ selected, stack })
    }
  }
  return [...groups.values()]
}

async function workOnGroup(
  deps: SnapshotsDeps,
  work: Work,
  { source, root, code, python, members }: ReadyGroup,
  report: Report,
): Promise<void> {
  const client = await startClient(deps, {
    source,
    root,
    python,
    integrations: [...new Set(members.flatMap(({ stack }) => stack.integrations))].sort(),
    planning: work.planning,
  })
  if ('message' in client) {
    for (const { selected } of members) report(refused(work, selected, client))
    return
  }
  try {
    await pMap(
      members,
      async (member) => {
        work.tally.began(member.selected.snapshot)
        report(await workOnMember(deps, work, { client, root, code }, member))
      },
      // The fork server runs no more than `parallel` jobs of them at the same time.
      { concurrency: deps.parallel * (work.ahead ?? 1) },
    )
  } finally {
    await client.close()
  }
}

async function workOnMember(
  deps: SnapshotsDeps,
  work: Work,
  { client, root, code }: Pick<Workplace, 'client' | 'root'> & Pick<Group, 'code'>,
  { selected, stack }: Member,
): Promise<SnapshotReport> {
  const { environment, target } = deps
  const isElsewhere = selected.declaration?.config !== undefined && code !== undefined
  const configRoot = isElsewhere ? await deps.sourceRoot(selected.source) : root
  const blueprint = await blueprintOf(selected, { environment, target, configRoot })
  if ('message' in blueprint) return refused(work, selected, blueprint)
  const job = commonJob(deps, selected, root, blueprint, work.phase?.(selected) ?? work.failedAt)
  return withMissing(await work.on({ client, root, stack, blueprint, job }, selected), root)
}

/** A failure may come from what the checkout lacks. */
function withMissing(report: SnapshotReport, { missing = [] }: SourceRoot): SnapshotReport {
  if (report.status !== 'failed' || missing.length === 0) return report
  return { ...report, message: [report.message ?? '', ...missing].join(' ') }
}

function refused(work: Work, selected: SelectedSnapshot, problem: Problem): SnapshotReport {
  return failed(currentReport(selected), work.failedAt, problem)
}

export function timeoutOf({ declaration }: SelectedSnapshot): number {
  return declaration?.timeout ?? DEFAULT_TIMEOUT_SECONDS
}

/** A failed job in words. */
export function jobProblem(failure: JobFailure, logPath: string): Problem {
  const titles: Readonly<Record<string, string>> = {
    import: 'Its code cannot be imported',
    'no-pipeline': 'Its code cannot be imported',
    mismatch: 'The code is that of another snapshot',
    configure: 'Its configuration does not fit its code or its stack',
    build: 'Its image could not be built or pushed',
    create: 'The snapshot could not be created',
    run: 'The run failed',
  }
  const title = titles[failure.kind]
  return {
    message: title === undefined ? failure.error : `${title}: ${failure.error}`,
    next: failure.next ?? `Read ${logPath}.`,
  }
}

function commonJob(
  deps: SnapshotsDeps,
  selected: SelectedSnapshot,
  root: SourceRoot,
  blueprint: Blueprint,
  phase: string,
): Workplace['job'] {
  return {
    sourceRoot: root.directory,
    pipelineSource: blueprint.pipelineSource,
    configPath: blueprint.configPath,
    fromRecord: blueprint.configPath === null,
    source: {
      name: selected.source.name,
      requirements: selected.source.install.requirements,
      environment: deps.environment,
    },
    expected: expectedPipeline(selected, root, blueprint),
    timeoutSeconds: timeoutOf(selected),
    logPath: logPathOf(deps.logDirectory, selected.snapshot, phase),
  }
}

/** What the pipeline must be, so that the snapshot does not become that of another pipeline. */
function expectedPipeline(
  { snapshot }: SelectedSnapshot,
  root: SourceRoot,
  blueprint: Blueprint,
): ExpectedPipeline {
  return {
    pipeline: snapshot.pipeline,
    steps: Object.keys(snapshot.record.metadata.step_configurations),
    stepsMayDiffer:
      blueprint.configPath !== null || codeChange(snapshot.record, root.commit) !== null,
  }
}

/**
 * Requirements that cannot be installed together fail the snapshots of that source; an index that
 * cannot be reached ends the command.
 */
async function startClient(
  deps: SnapshotsDeps,
  needs: Parameters<SnapshotsDeps['prepareClient']>[0],
): Promise<ForkServer | Problem> {
  try {
    return await deps.startForkServer(await deps.prepareClient(needs))
  } catch (error) {
    if (!(error instanceof Stop) || error.code !== 'preflight-failed') throw error
    return {
      message: error.message,
      next: error.next ?? `Correct \`install\` of the source ${needs.source.name}.`,
    }
  }
}

/** The source's own Python, else the recorded one, because the image is built on it. */
function pythonFor(
  { source, snapshot }: SelectedSnapshot,
  target: string,
): { readonly version: string } | Problem {
  const supported = supportedPythons(target)
  const version = source.python ?? snapshot.python ?? supported.at(-1)
  if (version !== undefined && supported.includes(version)) return { version }
  return {
    message: `It was made with Python ${version ?? 'unknown'}, and ZenML ${target} runs on ${supported.join(', ')}.`,
    next: `Set \`python\` of the source ${source.name} to one of these.`,
  }
}

async function stackFor(
  { snapshot }: SelectedSnapshot,
  deps: SnapshotsDeps,
): Promise<Workplace['stack'] | Problem> {
  const gone = {
    message: 'Its stack was deleted.',
    next: 'Register the stack and create the snapshot once by hand on it, or exclude the snapshot.',
  }
  if (snapshot.stack === undefined) return gone
  const stack = await deps.stack(snapshot.stack.id)
  return stack === undefined ? gone : { ...stack, id: snapshot.stack.id }
}
