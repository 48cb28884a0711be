import type { Environment } from '../core/environments.ts'
import { worstOf, wentWell } from '../core/outcomes.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { modeOf } from '../result/asked-for.ts'
import type { Result } from '../result/result.ts'
import type { Evidence } from './evidence.ts'
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
  | (Worked & { readonly kind: 'waiting'; readonly missing: readonly string[] })
  | (Worked & { readonly kind: 'green'; readonly untested: boolean })

interface Worked {
  readonly version: string | null
  /** The server was deployed before there was a backup. */
  readonly noWayBack: boolean
}

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
      (result) => !wentWell(result.outcome) && !(isLost && result['reason-code'] === 'locked'),
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
  const noWayBack = upgrade?.['reason-code'] === 'deployed-before-backup'
  const missing = missingParts(evidence)
  return missing.length > 0
    ? { kind: 'waiting', version, noWayBack, missing }
    : { kind: 'green', version, noWayBack, untested: smoke?.outcome !== 'success' }
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
      : [
          ...(snapshots?.missingShards ?? []).map((shard) => `shard ${shard} of the snapshots`),
          ...(snapshots?.shardGaps ?? []),
        ]),
  ]
}

export interface Standings {
  readonly staging: Standing
  readonly production: Standing
}

const PRODUCTION_FIRST = ['production', 'staging'] as const satisfies readonly Environment[]

interface Stopped {
  readonly environment: Environment
  readonly by: Stopper
}

/** Returns what is most urgent; production's comes first among equals. */
export function firstStopped(standings: Standings): Stopped | undefined {
  const stopped = PRODUCTION_FIRST.flatMap((environment): Stopped[] => {
    const standing = standings[environment]
    return standing.kind === 'stopped' ? [{ environment, by: standing.by }] : []
  })
  return stopped.sort((a, b) => urgencyOf(b) - urgencyOf(a))[0]
}

/** Production waits for staging, or for a date: there is nothing to do about production itself. */
const ONLY_WAITS: readonly ReasonCode[] = [
  'staging-not-green',
  'staging-moved',
  'waiting-for-soak',
  'frozen',
]

/** A hold of production's own is as urgent as a failure of staging: nothing is upgraded before. */
function urgencyOf({ environment, by }: Stopped): number {
  if (environment === 'production' && ONLY_WAITS.includes(by['reason-code'])) return 0
  switch (by.outcome) {
    case 'cancelled':
      return 1
    case 'inconclusive':
      return 2
    case 'held':
      return environment === 'production' ? 4 : 3
    default:
      return 4
  }
}

/** Returns what was found wrong with the stacks where nothing else is known of the environments. */
export function stacksAlone(
  { staging, production }: Standings,
  evidence: Readonly<Record<Environment, Evidence>>,
): Stopped | undefined {
  if (staging.kind !== 'not-run' || production.kind !== 'not-run') return undefined
  return PRODUCTION_FIRST.flatMap((environment): Stopped[] => {
    const by = evidence[environment].stacks
    return by === undefined || by.outcome === 'success' ? [] : [{ environment, by }]
  })[0]
}

/** Finds the environments that were upgraded, and have no backup to go back to. */
export function withoutWayBack(standings: Standings): Environment[] {
  return PRODUCTION_FIRST.filter((environment) => {
    const standing = standings[environment]
    return (standing.kind === 'green' || standing.kind === 'waiting') && standing.noWayBack
  })
}
