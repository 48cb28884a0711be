import type { Environment } from '../core/environments.ts'
import type { Config } from '../config/schema.ts'
import { lastOf, type Attempt } from '../state/attempt.ts'
import { attemptFor } from '../state/evidence.ts'
import { blockedBy } from '../state/blocked.ts'
import type { SourceRevision, UpgradeInputs } from '../state/content-digest.ts'
import { endedUncompared, openLosses } from '../state/losses.ts'
import { judgeAttempt, type Expectations } from '../state/verdict.ts'
import { outcomeOf, type ReasonCode } from '../core/reasons.ts'
import { isOlder, sameVersion } from '../core/versions.ts'
import type { GateFact, MovedSource } from '../report/gate-fact.ts'
import { freezeAt } from './freeze.ts'
import { greenSince } from './soak.ts'

/** What a server reports, or why that could not be asked. */
export type Reported =
  { readonly version: string; readonly id?: string } | { readonly unknown: string }

export interface StagingFacts {
  readonly target: string
  /** Digest of what would go to production: see state/content-digest.ts. */
  readonly tested: string
  /** What of it is in other repositories. */
  readonly sources: readonly SourceRevision[]
  readonly expectations: Expectations
  readonly stagingAttempts: readonly Attempt[]
  /** What differs from the content that staging was tested with last; empty where that is unknown. */
  readonly differences?: readonly string[]
  readonly productionAttempts: readonly Attempt[]
  readonly staging: Reported
  /** What the upgrade of production would be made with. */
  readonly inputs: UpgradeInputs
}

export interface Policy {
  readonly now: Date
  readonly promotion: Pick<Config['promotion'], 'soak' | 'hold-label' | 'freeze'>
  /**
   * The pull request that brings, or brought, the content to production; null when there is none.
   */
  readonly pullRequest:
    | { readonly number: number; readonly labels: readonly string[]; readonly url?: string }
    | { readonly unknown: string }
    | null
}

/** The reason code of each condition. */
const GATE_CODES = {
  'never-upgraded': 'staging-not-green',
  'content-never-tested': 'staging-not-green',
  'tested-before': 'staging-not-green',
  'not-green': 'staging-not-green',
  'loss-not-acknowledged': 'loss-open',
  'loss-not-measured': 'loss-open',
  'staging-unknown': 'server-unreachable',
  'staging-replaced': 'staging-moved',
  'staging-version': 'staging-moved',
  blocked: 'version-blocked',
  ahead: 'server-ahead',
  downgrade: 'downgrade-requested',
  'labels-unknown': 'github-unreachable',
  label: 'hold-label',
  frozen: 'frozen',
  soaking: 'waiting-for-soak',
  'soak-not-measured': 'waiting-for-soak',
} as const satisfies Readonly<Record<GateFact['kind'], ReasonCode>>

/** A condition that is not met. */
export interface ClosedFor {
  readonly code: (typeof GATE_CODES)[GateFact['kind']]
  readonly fact: GateFact
  /** When it ends by itself; null when a person has to do something. */
  readonly until: Date | null
}

const closedFor = (fact: GateFact, until: Date | null = null): ClosedFor => ({
  code: GATE_CODES[fact.kind],
  fact,
  until,
})

/** Whether staging's record says that it is green for exactly this content, with nothing lost. */
export function recordConditions(facts: StagingFacts): ClosedFor[] {
  return [
    ...contentConditions(facts),
    ...lossConditions({ environment: 'staging', attempts: facts.stagingAttempts }),
  ]
}

/** What an attempt lost holds, however old the attempt is and whatever came after it. */
export function lossConditions({
  environment,
  attempts,
}: Pick<Target, 'environment' | 'attempts'>): ClosedFor[] {
  return attempts.flatMap((attempt) => {
    const about = { environment, attempt: attempt.id }
    const losses = openLosses(attempt).map(({ message }) => message)
    if (losses.length > 0) return [closedFor({ kind: 'loss-not-acknowledged', ...about, losses })]
    return endedUncompared(attempt) ? [closedFor({ kind: 'loss-not-measured', ...about })] : []
  })
}

/**
 * Whether staging's newest record is a success for exactly this content: commits are not compared,
 * so a merge or a squash changes nothing.
 */
function contentConditions(facts: StagingFacts): ClosedFor[] {
  const { stagingAttempts, tested, target, expectations } = facts
  const newest = stagingAttempts.at(-1)
  if (newest === undefined) return [closedFor({ kind: 'never-upgraded' })]
  if (newest.tested !== tested || !sameVersion(newest['target-version'], target))
    return [otherContent(newest, facts)]
  const verdict = judgeAttempt(newest, expectations)
  return verdict.green
    ? []
    : verdict.missing.map((missing) => closedFor({ kind: 'not-green', missing }))
}

function otherContent(
  newest: Attempt,
  { stagingAttempts, differences = [], tested, sources, target }: StagingFacts,
): ClosedFor {
  const difference = {
    newest: { id: newest.id, version: newest['target-version'] },
    parts: differences,
    sources: movedSources(newest, sources),
  }
  const earlier = attemptFor(stagingAttempts, { tested, targetVersion: target })
  return closedFor(
    earlier === undefined
      ? { kind: 'content-never-tested', ...difference }
      : { kind: 'tested-before', attempt: earlier.id, ...difference },
  )
}

/** Names the sources in other repositories that changed, with their commits. */
function movedSources(
  { sources: then = [] }: Attempt,
  now: readonly SourceRevision[],
): MovedSource[] {
  return now.flatMap(({ name, commit, digest }) => {
    const tested = then.find((one) => one.name === name)
    return tested === undefined || tested.digest === digest
      ? []
      : [{ name, tested: tested.commit, now: commit }]
  })
}

export function serverConditions({ staging, target, stagingAttempts }: StagingFacts): ClosedFor[] {
  if ('unknown' in staging) return [closedFor({ kind: 'staging-unknown', why: staging.unknown })]
  const tested = stagingAttempts.at(-1)?.['server-id']
  if (staging.id !== undefined && tested !== undefined && staging.id !== tested)
    return [closedFor({ kind: 'staging-replaced', id: staging.id, tested })]
  return sameVersion(staging.version, target)
    ? []
    : [closedFor({ kind: 'staging-version', version: staging.version, target })]
}

/** One environment and what it would get. */
export interface Target {
  readonly environment: Environment
  readonly target: string
  /** Attempts of this environment, oldest first. */
  readonly attempts: readonly Attempt[]
}

export function blockedConditions({
  environment,
  attempts,
  target,
  inputs,
}: Target & { readonly inputs: UpgradeInputs }): ClosedFor[] {
  const blocked = blockedBy(attempts, { target, inputs })
  return blocked === undefined
    ? []
    : [closedFor({ kind: 'blocked', environment, attempt: blocked.id, target })]
}

/** The server runs something newer than it would get. */
export function aheadConditions({
  environment,
  attempts,
  target,
  server,
}: Target & { readonly server: Reported }): ClosedFor[] {
  if ('unknown' in server || !isOlder(target, server.version)) return []
  const last = attempts.findLast((attempt) => lastOf(attempt, 'closed') !== undefined)
  const ours =
    last !== undefined &&
    sameVersion(last['target-version'], server.version) &&
    outcomeOf(lastOf(last, 'closed')?.['reason-code'] ?? 'cancelled') === 'success'
  const kind = ours ? 'downgrade' : 'ahead'
  return [closedFor({ kind, environment, version: server.version, target })]
}

export function labelConditions({ pullRequest, promotion }: Policy): ClosedFor[] {
  if (pullRequest === null) return []
  if ('unknown' in pullRequest)
    return [closedFor({ kind: 'labels-unknown', why: pullRequest.unknown })]
  const label = promotion['hold-label']
  // For GitHub `Hold` and `hold` are one label.
  return pullRequest.labels.some((one) => one.toLowerCase() === label.toLowerCase())
    ? [closedFor({ kind: 'label', pullRequest: pullRequest.number, label })]
    : []
}

export function freezeConditions({ now, promotion }: Policy): ClosedFor[] {
  const freeze = freezeAt(now, promotion.freeze)
  return freeze === undefined ? [] : [closedFor({ kind: 'frozen', ...freeze }, freeze.until)]
}

/** Clocks of two machines are never quite the same. */
const AHEAD_MS = 5 * 60_000

/** Since when the newest attempt of staging is green; undefined while it is not. */
function stagingGreenSince({ stagingAttempts, expectations }: StagingFacts): Date | undefined {
  const newest = stagingAttempts.at(-1)
  return newest === undefined ? undefined : greenSince(newest, expectations)
}

/**
 * When a green staging has been green for long enough; null while it is not green, or when the file
 * asks for no soak.
 */
export function soakEnd(staging: StagingFacts, { promotion }: Policy): Date | null {
  const since = promotion.soak === 0 ? undefined : stagingGreenSince(staging)
  return since === undefined ? null : new Date(since.getTime() + promotion.soak * 1000)
}

export function soakConditions(staging: StagingFacts, policy: Policy): ClosedFor[] {
  const until = soakEnd(staging, policy)
  // While staging is not green for this content, that condition says what to do.
  if (until === null || until <= policy.now || recordConditions(staging).length > 0) return []
  const seconds = policy.promotion.soak
  const since = stagingGreenSince(staging)
  // A time in the future comes from a clock that is wrong: how long ago it is was not measured.
  return since !== undefined && since.getTime() > policy.now.getTime() + AHEAD_MS
    ? [closedFor({ kind: 'soak-not-measured', seconds, since }, until)]
    : [closedFor({ kind: 'soaking', seconds, until }, until)]
}
