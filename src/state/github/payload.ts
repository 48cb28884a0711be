import * as z from 'zod'
import { ENVIRONMENTS } from '../../core/environments.ts'
import { Stop } from '../../core/stop.ts'
import { attemptSchema, entrySchema, type Attempt, type Entry, type EntryOf } from '../attempt.ts'
import { listedLosses } from '../losses.ts'
import { moveSchema } from '../local/trigger-moves.ts'
import { ROW_KINDS, type RowKind } from './row-lists.ts'
import type { ParityReport } from '../../result/stacks.ts'
import type { RunReport } from '../../result/run.ts'
import type { SmokeDetails } from '../../result/smoke.ts'
import type { SnapshotsDetails } from '../../result/snapshots.ts'

// What records say. Read by later versions too: keys are added, never changed. Loose, because a
// later version may have added some.

/** GitHub names no limit; its database keeps a text of 64 KiB, and other clients fail at that. */
export const PAYLOAD_LIMIT_BYTES = 30_000

/** What every row says: see {@link DeploymentLog.write}. */
const common = {
  'schema-version': z.literal(1),
  kind: z.enum(ROW_KINDS),
  /** Path of the configuration file. */
  config: z.string(),
  /** `<run id>.<attempt>` that wrote it. */
  attempt: z.string().regex(/^\d+\.\d+$/),
}
const ofEnvironment = { ...common, environment: z.enum(ENVIRONMENTS) }
const {
  started,
  sha,
  tested,
  sources,
  inputs,
  'server-id': serverId,
  'server-url': serverUrl,
  'from-version': fromVersion,
  'target-version': targetVersion,
  override,
} = attemptSchema.shape

/**
 * `attempt` is the run that made it, `id` the attempt itself: one run may finish an attempt and
 * begin another.
 */
export const attemptPayload = z.looseObject({
  ...ofEnvironment,
  kind: z.literal('attempt'),
  id: z.string(),
  started,
  sha,
  tested,
  sources,
  override,
  inputs,
  'server-id': serverId,
  'server-url': serverUrl,
  'from-version': fromVersion,
  'target-version': targetVersion,
  /** What was known when it was begun: an attempt without an upgrade is closed at once. */
  entries: z.array(entrySchema),
})
export type AttemptPayload = z.infer<typeof attemptPayload>

export const journalPayload = z.looseObject({
  ...ofEnvironment,
  kind: z.literal('journal'),
  id: z.string(),
  entries: z.array(entrySchema).min(1),
})

export const triggerPayload = z.looseObject({
  ...ofEnvironment,
  kind: z.literal('trigger'),
  move: moveSchema,
  state: z.enum(['begun', 'finished']),
})

/** Rows of locks that are over: released, or of runs that have ended. */
const ended = z.array(z.int())

export const lockPayload = z.discriminatedUnion('kind', [
  z.looseObject({
    ...common,
    kind: z.literal('lock'),
    'server-id': z.string(),
    job: z.string(),
    at: z.iso.datetime(),
    ended,
  }),
  z.looseObject({ ...common, kind: z.literal('unlock'), at: z.iso.datetime(), ended }),
])

/** Reads what kind of row it is; undefined where that cannot be read. */
export function kindOf(payload: unknown): RowKind | undefined {
  return z.looseObject({ kind: common.kind }).safeParse(payload).data?.kind
}

/**
 * Refuses a row that a later version of this tool made in a form that this one does not know: it may
 * be about open work.
 * @throws Stop `invalid-input`
 */
export function assertKnownVersion(id: number, payload: unknown): void {
  const version = z.looseObject({ 'schema-version': z.int() }).safeParse(payload).data?.[
    'schema-version'
  ]
  if (version === undefined || version <= 1) return
  throw new Stop(
    'invalid-input',
    `deployment ${id} is a record of a later version of zenml-upgrade`,
    { next: 'Use the same version on both branches.' },
  )
}

export function payloadOfAttempt(attempt: Attempt, runKey: string) {
  const { entries, ...rest } = attempt
  return { ...rest, attempt: runKey, entries: entries.map((entry) => shortened(entry)) }
}

export function attemptOf(payload: AttemptPayload, later: readonly Entry[]): Attempt {
  return attemptSchema.parse({
    'schema-version': 1,
    id: payload.id,
    environment: payload.environment,
    started: payload.started,
    sha: payload.sha,
    tested: payload.tested,
    ...(payload.sources === undefined ? {} : { sources: payload.sources }),
    inputs: payload.inputs,
    'server-id': payload['server-id'],
    'server-url': payload['server-url'],
    'from-version': payload['from-version'],
    'target-version': payload['target-version'],
    ...(payload.override === undefined ? {} : { override: payload.override }),
    entries: [...payload.entries, ...later],
  })
}

/**
 * The same entry with less of what can be long. Logs are in the artifact of the run; in a public
 * repository everybody reads a record.
 */
export function shortened(entry: Entry): Entry {
  if (entry.kind === 'evidence')
    return shortenedEvidence({ ...entry, summary: cut(entry.summary, 2000) })
  if (entry.kind === 'phase' && entry.message !== undefined)
    return { ...entry, message: cut(entry.message, 2000) }
  if (entry.kind === 'inventory') return { ...entry, names: fittingNames(entry.names) }
  if (entry.kind === 'acknowledged') return { ...entry, reason: cut(entry.reason, 1000) }
  if (entry.kind !== 'closed' || entry.details === null) return entry
  const { details } = entry
  const brief = {
    ...details,
    'migration-log': [],
    lost: listedLosses(details.lost),
    checks: details.checks.map((check) => ({ ...check, message: cut(check.message, 300) })),
    ...(details.parity == null ? {} : { parity: briefParity(details.parity) }),
  }
  const counts = brief.parity == null ? {} : { parity: { ...brief.parity, findings: [] } }
  const rungs: Entry[] = [
    { ...entry, details: brief },
    { ...entry, details: { ...brief, ...counts, checks: [] } },
    { ...entry, details: null },
  ]
  return firstFitting(rungs) ?? entry
}

function firstFitting(rungs: readonly Entry[]): Entry | undefined {
  return rungs.find((rung) => Buffer.byteLength(JSON.stringify(rung)) <= PAYLOAD_LIMIT_BYTES)
}

/** Messages of tests and steps are in the artifact of the run. */
function shortenedEvidence({ smoke, snapshots, ...bare }: EntryOf<'evidence'>): Entry {
  const rungs =
    smoke !== undefined
      ? smokeRungs(smoke).map((each) => ({ ...bare, smoke: each }))
      : snapshots !== undefined
        ? snapshotsRungs(snapshots).map((each) => ({ ...bare, snapshots: each }))
        : []
  return firstFitting(rungs) ?? bare
}

/** Shorter and shorter: what failed stays longest; counts always. */
function smokeRungs(smoke: SmokeDetails): SmokeDetails[] {
  const suites = smoke.suites.map((suite) => ({
    ...suite,
    message: cut(suite.message, 300),
    'log-tail': [],
    tests: suite.tests.map((test) => ({
      ...test,
      message: test.message === null ? null : cut(test.message, 200),
    })),
    runs: suite.runs.map(briefRun),
  }))
  const failing = suites.map((suite) => ({
    ...suite,
    runs: [],
    tests: suite.tests.filter(({ status }) => status === 'failed').slice(0, 50),
  }))
  return [suites, failing, []].map((list) => ({ ...smoke, suites: list }))
}

/** Shorter and shorter: what failed stays longest; counts always. */
function snapshotsRungs(snapshots: SnapshotsDetails): SnapshotsDetails[] {
  const brief = snapshots.snapshots.map(({ 'earlier-run': earlier, ...one }) => ({
    ...one,
    'log-tail': [],
    ...(earlier == null ? {} : { 'earlier-run': briefRun(earlier) }),
    message: one.message === null ? null : cut(one.message, 200),
    run: one.run === null ? null : briefRun(one.run),
  }))
  const bad = brief.filter(({ status }) => status === 'failed' || status === 'lost')
  return [
    brief,
    brief.map((one) => ({ ...one, run: null, 'earlier-run': undefined, 'not-checked': [] })),
    bad.slice(0, 25),
    [],
  ].map((list) => ({
    ...snapshots,
    snapshots: list,
    // Each command finds them anew.
    templates: undefined,
    deployments: undefined,
  }))
}

function briefParity(parity: ParityReport): ParityReport {
  return {
    ...parity,
    findings: parity.findings
      .slice(0, 25)
      .map((finding) => ({ ...finding, message: cut(finding.message, 200) })),
  }
}

function briefRun<R extends RunReport>(run: R): R {
  return { ...run, exception: run.exception === null ? null : cut(run.exception, 200) }
}

/** Kinds with the fewest names first; of the others only the counts are kept. */
function fittingNames(
  names: Readonly<Record<string, readonly string[]>>,
): Record<string, string[]> {
  const fitting: Record<string, string[]> = {}
  for (const [kind, list] of Object.entries(names).sort(([, a], [, b]) => a.length - b.length)) {
    const more = { ...fitting, [kind]: [...list] }
    if (Buffer.byteLength(JSON.stringify(more)) > PAYLOAD_LIMIT_BYTES / 2) break
    fitting[kind] = [...list]
  }
  return fitting
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
