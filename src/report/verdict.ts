import type { Environment } from '../core/environments.ts'
import type { Evidence } from './evidence.ts'
import type { Result } from '../result/result.ts'
import { worstOf } from './parts.ts'
import { firstOf, listed, oneLine, sentence } from '../core/text.ts'
import type { Outcome } from '../core/outcomes.ts'

/** What keeps an environment from being green: a result, or a job that left none. */
export interface Stopper extends Pick<Result, 'outcome' | 'reason-code' | 'summary' | 'next'> {
  /** Page of the job. */
  readonly url?: string
}

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
  const { upgrade, smoke, snapshots, gate } = evidence
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
  if (results.length === 0) return { kind: 'not-run' }
  if (
    results.every(
      (result) => result.command === 'promote' && result['reason-code'] === 'already-at-target',
    )
  )
    return evidence.environment === 'production' ? { kind: 'at-target' } : { kind: 'not-run' }
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
  return result.command === 'rebuild-snapshots' && result.details?.mode === 'plan'
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

/** The branches that deploy staging and production. */
export interface Branches {
  readonly head: string
  readonly base: string
}

export interface Standings {
  readonly staging: Standing
  readonly production: Standing
}

/** The verdict in words. Holds names from outside; not escaped. */
export function headline({ staging, production }: Standings): string {
  if (
    staging.kind === 'green' &&
    production.kind === 'green' &&
    staging.version === production.version &&
    !staging.untested
  ) {
    return `Staging and production are green for ${zenml(staging.version)}.`
  }
  return `${words('Staging', staging)} ${words('Production', production)}`
}

const STOPPED: Readonly<Record<Outcome, string>> = {
  success: 'is green',
  noop: 'is green',
  failure: 'is red',
  invalid: 'was not started',
  held: 'is held',
  inconclusive: 'could not be measured',
  cancelled: 'was stopped',
}

function words(name: string, standing: Standing): string {
  switch (standing.kind) {
    case 'not-run':
      return `${name} has not run yet.`
    case 'planned':
      return standing.version === null
        ? `${name} was only looked at.`
        : `${name} is still on ${standing.version}.`
    case 'at-target':
      return `${name} has it already.`
    case 'stopped':
      return `${name} ${STOPPED[standing.by.outcome]}: ${sentence(firstOf(standing.by.summary, 240))}`
    case 'waiting':
      return `${name} is not green yet; still to come: ${listed(standing.missing)}.`
    case 'green': {
      const suite = name === 'Staging' && standing.untested ? ', without a smoke suite' : ''
      return `${name} is green for ${zenml(standing.version)}${suite}.`
    }
  }
}

function zenml(version: string | null): string {
  return version === null ? 'its version of ZenML' : `ZenML ${version}`
}

/** What to do next, as one sentence; not escaped. */
export function nextStep(
  standings: Standings,
  branches: Branches,
  { waitsForApproval = false }: { readonly waitsForApproval?: boolean } = {},
): string {
  const { staging, production } = standings
  const stopped = firstStopped(standings)
  if (stopped !== undefined) return sentence(oneLine(stopped.next))
  if (production.kind === 'at-target' && (staging.kind === 'green' || staging.kind === 'not-run'))
    return 'Nothing to do.'
  if (staging.kind !== 'green') return open('staging', staging, branches)
  if (production.kind === 'green') return 'Nothing to do.'
  return production.kind === 'waiting'
    ? open('production', production, branches)
    : mergeStep(branches, waitsForApproval)
}

/** What people press to let the workflows of a pull request start that GITHUB_TOKEN opened. */
export const APPROVE_BUTTON = 'Approve workflows to run'

function mergeStep({ head, base }: Branches, waitsForApproval: boolean): string {
  return waitsForApproval
    ? `Click "${APPROVE_BUTTON}" on the promotion pull request, and merge ${head} into ${base} when its checks are green; that upgrades production.`
    : `Merge ${head} into ${base}; that upgrades production.`
}

/** Production's trouble comes first, unless production only waits for staging. */
export function firstStopped({ staging, production }: Standings): Stopper | undefined {
  const [ofStaging, ofProduction] = [staging, production].map((standing) =>
    standing.kind === 'stopped' ? standing.by : undefined,
  )
  if (ofProduction !== undefined && (ofProduction.outcome !== 'held' || ofStaging === undefined))
    return ofProduction
  return ofStaging
}

function open(environment: Environment, standing: Standing, { head, base }: Branches): string {
  if (standing.kind === 'waiting') return `Run ${listed(standing.missing)} in ${environment}.`
  return standing.kind === 'planned'
    ? `Upgrade ${environment}; nothing that is known stands against it.`
    : `Push to ${environment === 'staging' ? head : base}, or run upgrade-workspace for ${environment}.`
}
