import * as z from 'zod'
import { ENVIRONMENTS, type Environment } from '../core/environments.ts'
import { overrideSchema } from '../result/promotion.ts'
import { backupReportSchema, lossSchema, upgradeDetailsSchema } from '../result/upgrade.ts'
import { countsSchema } from '../result/common.ts'
import { smokeDetailsSchema } from '../result/smoke.ts'
import { snapshotsDetailsSchema } from '../result/snapshots.ts'
import { REASONS, type ReasonCode } from '../core/reasons.ts'
import { sourceRevisionSchema } from './content-digest.ts'

const time = z.iso.datetime()
const reasonCode = z.enum(Object.keys(REASONS) as [ReasonCode, ...ReasonCode[]])
const identity = z.strictObject({ pid: z.int(), started: z.string() })

/** Steps of an upgrade after which a killed run must be continued, not begun again. */
const UPGRADE_PHASES = ['preflight', 'backup', 'deploy', 'restore', 'verify', 'rollback'] as const
export type UpgradePhase = (typeof UPGRADE_PHASES)[number]

/**
 * One line of the journal of an attempt. Written before (`started`) and after (`done`) what it
 * tells.
 */
export const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('phase'),
    at: time,
    phase: z.enum(UPGRADE_PHASES),
    state: z.enum(['started', 'done', 'failed']),
    message: z.string().optional(),
    /** Of a phase that failed: what the run ended with. */
    'reason-code': reasonCode.optional(),
  }),
  z.strictObject({
    kind: z.literal('backup'),
    at: time,
    report: backupReportSchema,
    counts: countsSchema,
  }),
  /** What was on the server before the first change, with names: what must be there after. */
  z.strictObject({
    kind: z.literal('inventory'),
    at: time,
    counts: countsSchema,
    names: z.record(z.string(), z.array(z.string())),
  }),
  /**
   * What was on the server was compared with the inventory. A later run compares again while
   * something is missing; the newest entry counts.
   */
  z.strictObject({ kind: z.literal('compared'), at: time, lost: z.array(lossSchema) }),
  /** A person accepted the losses with this digest: see losses.ts. */
  z.strictObject({
    kind: z.literal('acknowledged'),
    at: time,
    by: z.string(),
    reason: z.string(),
    digest: z.string(),
  }),
  /** Somebody else deployed the target before our backup was complete. */
  z.strictObject({ kind: z.literal('overtaken'), at: time }),
  /** A process of ours that may outlive us; `identity` is null when it ended. */
  z.strictObject({
    kind: z.literal('child'),
    at: time,
    name: z.string(),
    host: z.string(),
    identity: identity.nullable(),
  }),
  z.strictObject({ kind: z.literal('note'), at: time, message: z.string() }),
  /**
   * Stands for a line that is damaged, or that a later version wrote in words of its own: what it
   * told is not known.
   */
  z.strictObject({ kind: z.literal('unreadable'), at: time }),
  /** What a command found out for this attempt: the evidence of the verdict. */
  z.strictObject({
    kind: z.literal('evidence'),
    at: time,
    command: z.enum(['upgrade-workspace', 'run-smoke-suite', 'rebuild-snapshots']),
    mode: z.enum(['plan', 'rebuild', 'execute', 'all']).nullable(),
    'reason-code': reasonCode,
    summary: z.string(),
    'zenml-version': z.string().nullable(),
    discovered: z.int().nullable(),
    // Optional, because records that were written before there were such keys are still read.
    smoke: smokeDetailsSchema.optional(),
    snapshots: snapshotsDetailsSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('closed'),
    at: time,
    'reason-code': reasonCode,
    summary: z.string().optional(),
    next: z.string().optional(),
    details: upgradeDetailsSchema.nullable(),
  }),
])
export type Entry = z.infer<typeof entrySchema>
export type EntryOf<K extends Entry['kind']> = Extract<Entry, { kind: K }>

/** One attempt to bring an environment to a version, with everything that happened in it. */
export const attemptSchema = z.strictObject({
  'schema-version': z.literal(1),
  id: z.string(),
  environment: z.enum(ENVIRONMENTS),
  started: time,
  sha: z.string().nullable(),
  /** Digest of what is tested: see content-digest.ts. */
  tested: z.string(),
  /** What of it was in other repositories. */
  sources: z.array(sourceRevisionSchema).optional(),
  /** Digest of what the upgrade was made with: a version that was rolled back is blocked until it changes. */
  inputs: z.string(),
  'server-id': z.string(),
  'server-url': z.string(),
  'from-version': z.string(),
  'target-version': z.string(),
  /** Who opened the gate for it by hand, and why. */
  override: overrideSchema.optional(),
  entries: z.array(entrySchema),
})
export type Attempt = z.infer<typeof attemptSchema>

/**
 * Where attempts of one environment are kept; oldest first. Handed in, so that GitHub can be
 * another place.
 */
export interface AttemptStore {
  list(environment: Environment): Promise<readonly Attempt[]>
  begin(attempt: Attempt): Promise<void>
  append(environment: Environment, id: string, entry: Entry): Promise<void>
}

export function lastOf<K extends Entry['kind']>(attempt: Attempt, kind: K): EntryOf<K> | undefined {
  return attempt.entries.findLast((entry): entry is EntryOf<K> => entry.kind === kind)
}

/**
 * The newest attempt, and when the newest thing in all of them was found out; undefined without
 * any.
 */
export function newestEvidence(
  attempts: readonly Attempt[],
): { readonly attempt: string; readonly at: string } | undefined {
  const newest = attempts.at(-1)
  if (newest === undefined) return undefined
  const times = attempts.flatMap(({ started, entries }) => [
    started,
    ...entries.map(({ at }) => at),
  ])
  return {
    attempt: newest.id,
    at: times.reduce((latest, time) => (Date.parse(time) > Date.parse(latest) ? time : latest)),
  }
}

export function phaseState(
  attempt: Attempt,
  phase: UpgradePhase,
): 'not-started' | 'started' | 'done' | 'failed' {
  const last = attempt.entries.findLast((entry) => entry.kind === 'phase' && entry.phase === phase)
  return last?.kind === 'phase' ? last.state : 'not-started'
}

/**
 * The newest attempt whose upgrade was begun and not concluded, also behind newer ones that needed
 * no upgrade.
 */
export function openAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.findLast((attempt) => lastOf(attempt, 'closed') === undefined)
}

/** Children of a dead owner on this host that may still run, the newest entry of each name. */
export function leftChildren(
  attempt: Attempt,
  host: string,
): { name: string; identity: { pid: number; started: string } }[] {
  const newest = new Map<string, EntryOf<'child'>>()
  for (const entry of attempt.entries) if (entry.kind === 'child') newest.set(entry.name, entry)
  return [...newest.values()].flatMap(({ name, identity: child, host: where }) =>
    child !== null && where === host ? [{ name, identity: child }] : [],
  )
}
