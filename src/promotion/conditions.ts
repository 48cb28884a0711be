import type { Environment } from '../core/environments.ts'
import type { Config } from '../config/schema.ts'
import { lastOf, type Attempt } from '../state/attempt.ts'
import { attemptFor } from '../state/evidence.ts'
import { blockedBy } from '../state/blocked.ts'
import type { SourceRevision, UpgradeInputs } from '../state/content-digest.ts'
import { endedUncompared, openLosses } from '../state/losses.ts'
import { judgeAttempt, type Expectations } from '../state/verdict.ts'
import { listed, short, took } from '../core/text.ts'
import { outcomeOf, type ReasonCode } from '../core/reasons.ts'
import { isOlder, sameVersion } from '../core/versions.ts'
import { freezeAt } from './freeze.ts'
import { utc } from './moment.ts'
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
  /** What of staging's record was left out, and why. */
  readonly discarded?: readonly string[]
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

export interface ClosedFor {
  readonly code: ReasonCode &
    (
      | 'staging-not-green'
      | 'loss-open'
      | 'staging-moved'
      | 'server-unreachable'
      | 'version-blocked'
      | 'server-ahead'
      | 'downgrade-requested'
      | 'github-unreachable'
      | 'hold-label'
      | 'frozen'
      | 'waiting-for-soak'
    )
  readonly message: string
  /** When it ends by itself; null when a person has to do something. */
  readonly until: Date | null
}

const lasting = (code: ClosedFor['code'], message: string): ClosedFor => ({
  code,
  message,
  until: null,
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
    const lost = openLosses(attempt)
    if (lost.length > 0)
      return [
        lasting(
          'loss-open',
          `${environment} lost something in attempt ${attempt.id}, and nobody has acknowledged it: ${short(lost.map(({ message }) => message).join(' '), 300)}`,
        ),
      ]
    return endedUncompared(attempt)
      ? [
          lasting(
            'loss-open',
            `attempt ${attempt.id} changed ${environment} and ended before anybody compared what is there with what was there`,
          ),
        ]
      : []
  })
}

/**
 * Whether staging's newest record is a success for exactly this content: commits are not compared,
 * so a merge or a squash changes nothing.
 */
function contentConditions({
  stagingAttempts,
  discarded = [],
  differences = [],
  tested,
  sources,
  target,
  expectations,
}: StagingFacts): ClosedFor[] {
  const newest = stagingAttempts.at(-1)
  if (newest === undefined)
    return [
      lasting(
        'staging-not-green',
        discarded.length === 0
          ? 'staging has no record at all'
          : `staging has no record that counts: ${discarded.join('; ')}`,
      ),
    ]
  if (newest.tested !== tested || !sameVersion(newest['target-version'], target)) {
    const earlier = attemptFor(stagingAttempts, { tested, targetVersion: target })
    return [
      lasting(
        'staging-not-green',
        earlier === undefined
          ? `staging was never tested with this content; its newest record ${newest.id} is about other content or another version (${newest['target-version']})${differing(newest, { sources, differences })}`
          : `staging has moved on since it was tested with this content in ${earlier.id}; its newest record is ${newest.id}${differing(newest, { sources, differences })}`,
      ),
    ]
  }
  const verdict = judgeAttempt(newest, expectations)
  return verdict.green
    ? []
    : verdict.missing.map((what) => lasting('staging-not-green', `staging is not green: ${what}`))
}

/** Names what differs. A source in another repository is named with its commits. */
function differing(
  newest: Attempt,
  {
    sources,
    differences,
  }: Pick<StagingFacts, 'sources'> & { readonly differences: readonly string[] },
): string {
  const named = differences.length === 0 ? '' : `; what differs: ${listed(differences)}`
  return `${named}${movedSources(newest, sources)}`
}

function movedSources({ sources: then = [] }: Attempt, now: readonly SourceRevision[]): string {
  const moved = now.flatMap(({ name, commit, digest }) => {
    const tested = then.find((one) => one.name === name)
    return tested === undefined || tested.digest === digest
      ? []
      : [
          `source ${name} was tested at ${tested.commit.slice(0, 8)}, and production would get ${commit.slice(0, 8)}`,
        ]
  })
  return moved.length === 0 ? '' : `; ${moved.join('; ')}`
}

export function serverConditions({ staging, target, stagingAttempts }: StagingFacts): ClosedFor[] {
  if ('unknown' in staging)
    return [
      lasting('server-unreachable', `the staging server could not be asked: ${staging.unknown}`),
    ]
  const tested = stagingAttempts.at(-1)?.['server-id']
  if (staging.id !== undefined && tested !== undefined && staging.id !== tested) {
    return [
      lasting(
        'staging-moved',
        `the staging server is ${staging.id}, and the newest record is about another one, ${tested}`,
      ),
    ]
  }
  return sameVersion(staging.version, target)
    ? []
    : [
        lasting(
          'staging-moved',
          `the staging server reports ZenML ${staging.version}, not the tested ${target}`,
        ),
      ]
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
    : [
        lasting(
          'version-blocked',
          `ZenML ${target} was rolled back in ${environment} in attempt ${blocked.id}, and nothing that the upgrade is made with has changed since`,
        ),
      ]
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
  return [
    ours
      ? lasting(
          'downgrade-requested',
          `${environment} runs ZenML ${server.version}, which this file deployed; it now asks for the older ${target}`,
        )
      : lasting(
          'server-ahead',
          `${environment} runs ZenML ${server.version}, the file says ${target}`,
        ),
  ]
}

export function labelConditions({ pullRequest, promotion }: Policy): ClosedFor[] {
  if (pullRequest === null) return []
  if ('unknown' in pullRequest)
    return [
      lasting(
        'github-unreachable',
        `the labels of the pull request could not be read: ${pullRequest.unknown}`,
      ),
    ]
  // For GitHub `Hold` and `hold` are one label.
  const wanted = promotion['hold-label'].toLowerCase()
  return pullRequest.labels.some((label) => label.toLowerCase() === wanted)
    ? [
        lasting(
          'hold-label',
          `pull request #${pullRequest.number} carries the label ${promotion['hold-label']}`,
        ),
      ]
    : []
}

export function freezeConditions({ now, promotion }: Policy): ClosedFor[] {
  const freeze = freezeAt(now, promotion.freeze)
  if (freeze === undefined) return []
  const end =
    freeze.until === null
      ? 'the windows of the file follow each other without a gap, so this does not end by itself'
      : `until ${utc(freeze.until)}`
  return [
    {
      code: 'frozen',
      message: `production is frozen (${freeze.windows.join('; ')}), ${end}`,
      until: freeze.until,
    },
  ]
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
  // While staging is not green for this content, that is what is told.
  if (until === null || until <= policy.now || recordConditions(staging).length > 0) return []
  const soak = took(policy.promotion.soak)
  const since = stagingGreenSince(staging)
  // A time that is yet to come is of a clock that is wrong: how long ago it is was not measured.
  const message =
    since !== undefined && since.getTime() > policy.now.getTime() + AHEAD_MS
      ? `staging must be green for ${soak}, and for how long it has been was not measured: the record says since ${utc(since)}, which is yet to come by the clock of this machine`
      : `staging must be green for ${soak}, which is at ${utc(until)}`
  return [{ code: 'waiting-for-soak', message, until }]
}
