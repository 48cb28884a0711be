import type { Environment } from '../core/environments.ts'
import type { Evidence } from './evidence.ts'
import { modeOf } from '../result/asked-for.ts'
import type { Result } from '../result/result.ts'
import { worstOf } from '../core/outcomes.ts'
import type { Stopper } from './wording-stopped.ts'

/** Where one environment stands, judged only by what was measured. */
export type Standing =
  | { readonly kind: 'not-run' }
  /** Only looked at; nothing was to be changed. */
  | { readonly kind: 'planned'; readonly version: string | null }
  /** The gate found nothing to do. */
  | { readonly kind: 'at-target' }
  | { readonly kind: 'stopped'; readonly by: Stopper }
  /** Nothing is wrong so far, and this is still to come. */
  | {
      readonly kind: 'waiting'
      readonly version: string | null
      readonly missing: readonly string[]
    }
  | { readonly kind: 'green'; readonly version: string | null; readonly untested: boolean }

export function standingOf(evidence: Evidence): Standing {
  const { upgrade, smoke, snapshots, gate, refusedAcknowledgement } = evidence
  // Nothing else ran: the person who gave the command corrects it first.
  if (refusedAcknowledgement !== undefined) return { kind: 'stopped', by: refusedAcknowledgement }
  const results: Result[] = [upgrade, smoke, ...(snapshots?.results ?? []), gate].filter(
    (result) => result !== undefined,
  )
  // The record cannot know that the job which worked on the attempt is gone; the job's end says so.
  const isLost = evidence.jobs.some(({ id, decides }) => id === 'upgrade' && decides)
  const bad = worstOf<Stopper>([
    ...results.filter(
      (result) =>
        result.outcome !== 'success' &&
        result.outcome !== 'noop' &&
        !(isLost && result['reason-code'] === 'locked'),
    ),
    ...evidence.jobs.filter(({ decides }) => decides),
  ])
  if (bad !== undefined) return { kind: 'stopped', by: bad }
  // A gate only asks.
  if (results.every(({ command }) => command === 'promote'))
    return gate?.['reason-code'] === 'already-at-target' && evidence.environment === 'production'
      ? { kind: 'at-target' }
      : { kind: 'not-run' }
  const changed = results.some(
    (result) => didWork(result) && !isPlan(result) && result.command !== 'promote',
  )
  if (!changed) return { kind: 'planned', version: upgrade?.details?.['from-version'] ?? null }
  const version = upgrade?.details?.['to-version'] ?? null
  const missing = missingParts(evidence)
  return missing.length > 0
    ? { kind: 'waiting', version, missing }
    : { kind: 'green', version, untested: smoke?.outcome !== 'success' }
}

function didWork(result: Result): boolean {
  return result['reason-code'] !== 'dry-run' && result['reason-code'] !== 'superseded'
}

function isPlan(result: Result): boolean {
  return result.command === 'rebuild-snapshots' && modeOf(result) === 'plan'
}

/**
 * What an environment needs to be green. Production is not smoke-tested: staging was, with the same
 * content.
 */
function missingParts({ environment, upgrade, smoke, snapshots }: Evidence): string[] {
  const done = (result: Result | undefined) => result !== undefined && didWork(result)
  const ran = (mode: 'rebuild' | 'execute') =>
    snapshots?.results.some(
      (result) => done(result) && (result.details?.mode === mode || result.details?.mode === 'all'),
    ) ?? false
  const isWhole = ran('rebuild') && (environment === 'production' || ran('execute'))
  return [
    ...(done(upgrade) ? [] : ['the upgrade']),
    ...(environment === 'production' || done(smoke) ? [] : ['the smoke suite']),
    ...(!isWhole
      ? ['the snapshots']
      : (snapshots?.missingShards ?? []).map((shard) => `shard ${shard} of the snapshots`)),
  ]
}

export interface Standings {
  readonly staging: Standing
  readonly production: Standing
}

/** Production's trouble comes first, unless production only waits for staging. */
export function firstStopped({
  staging,
  production,
}: Standings): { readonly environment: Environment; readonly by: Stopper } | undefined {
  if (
    production.kind === 'stopped' &&
    (production.by.outcome !== 'held' || staging.kind !== 'stopped')
  )
    return { environment: 'production', by: production.by }
  return staging.kind === 'stopped' ? { environment: 'staging', by: staging.by } : undefined
}
