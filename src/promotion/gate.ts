import { openAttempt, phaseState, type Attempt, type UpgradePhase } from '../state/attempt.ts'
import { judgeAttempt, type Expectations } from '../state/verdict.ts'
import { REASONS } from '../core/reasons.ts'
import { plural, short } from '../core/text.ts'
import { outcomeOf, type ReasonCode } from '../core/reasons.ts'
import { sameVersion } from '../core/versions.ts'
import {
  aheadConditions,
  blockedConditions,
  freezeConditions,
  labelConditions,
  recordConditions,
  serverConditions,
  soakConditions,
  soakEnd,
  type ClosedFor,
  type Policy,
  type Reported,
  type StagingFacts,
} from './conditions.ts'
import { firstThaw } from './freeze.ts'
import { utc } from './moment.ts'

/** A person who opened the gate by hand, and why. */
export interface Override {
  readonly reason: string
  readonly actor: string
}

export interface GateFacts extends StagingFacts, Policy {
  readonly production: Reported
  /** What must be done in production besides the upgrade. */
  readonly productionExpectations: Expectations
  readonly override: Override | null
}

export interface GateVerdict {
  /** null: there is nothing to do in production, so the gate was not asked. */
  readonly gate: 'open' | 'closed' | null
  /** The one code that ends a push. */
  readonly reasonCode: ReasonCode
  readonly summary: string
  readonly next: string
  /** Every condition that is not met; with an open gate those that did not keep it closed. */
  readonly closedFor: readonly ClosedFor[]
  /** When a closed gate opens without a person; null when it does not. */
  readonly opensAt: Date | null
  readonly soakUntil: Date | null
  /** Set only where the gate would be closed without it. */
  readonly override: Override | null
}

/** Every condition about staging and the record. */
function gateConditions(facts: StagingFacts): ClosedFor[] {
  return [
    ...recordConditions(facts),
    ...serverConditions(facts),
    ...blockedConditions({
      ...facts,
      environment: 'production',
      attempts: facts.productionAttempts,
    }),
  ]
}

/** Whether production may follow staging now. */
export function judgeGate(facts: GateFacts): GateVerdict {
  const { target, production, productionAttempts, productionExpectations, override } = facts
  const nothing = { closedFor: [], opensAt: null, soakUntil: null, override: null }
  if (
    'version' in production &&
    sameVersion(production.version, target) &&
    !isWorkLeft(productionAttempts, target, productionExpectations)
  ) {
    return {
      ...nothing,
      gate: null,
      reasonCode: 'already-at-target',
      summary: `production already reports ZenML ${target}, and no work is open; the gate was not asked`,
      next: REASONS['already-at-target'].next,
    }
  }
  const closedFor = [
    ...gateConditions(facts),
    ...aheadConditions({
      ...facts,
      environment: 'production',
      attempts: productionAttempts,
      server: production,
    }),
    ...labelConditions(facts),
    ...freezeConditions(facts),
    ...soakConditions(facts, facts),
  ]
  const found = {
    ...nothing,
    closedFor,
    soakUntil: recordConditions(facts).length > 0 ? null : soakEnd(facts, facts),
  }
  const open = (summary: string, by: Override | null): GateVerdict => ({
    ...found,
    gate: 'open',
    reasonCode: 'gate-open',
    summary,
    next: REASONS['gate-open'].next,
    override: by,
  })

  if (closedFor.length === 0)
    return open(`staging is green for exactly this content at ZenML ${target}`, null)
  const begun = begunAttempt(productionAttempts)
  if (begun !== undefined)
    return open(
      `production was left in the middle of attempt ${begun.id}; that is finished first, whatever else holds`,
      null,
    )
  if (override !== null) {
    return open(
      `opened by ${short(override.actor, 100)}: ${short(override.reason, 300)} (${plural(closedFor.length, 'condition')} not met)`,
      override,
    )
  }
  const opensAt = openingTime(facts, closedFor)
  const reasonCode = decisive(closedFor)
  return {
    ...found,
    gate: 'closed',
    reasonCode,
    opensAt,
    summary: `the gate to production is closed: ${closedFor.map(({ message }) => message).join('; ')}`,
    next:
      opensAt === null
        ? REASONS[reasonCode].next
        : `Nothing to do: the first scheduled run after ${utc(opensAt)} goes on.`,
  }
}

/**
 * An upgrade that did not end, or a version after which not everything was done, whoever brought
 * it. A server that was never upgraded by us has no work left.
 */
function isWorkLeft(
  attempts: readonly Attempt[],
  target: string,
  expectations: Expectations,
): boolean {
  const newest = attempts.at(-1)
  if (newest === undefined) return false
  return (
    openAttempt(attempts) !== undefined ||
    !sameVersion(newest['target-version'], target) ||
    !judgeAttempt(newest, expectations).green
  )
}

const PHASES_THAT_CHANGE: readonly UpgradePhase[] = ['deploy', 'restore', 'verify', 'rollback']

/**
 * An upgrade that already touched production: a server left half way is worse than one upgraded at
 * a bad time.
 */
function begunAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  const open = openAttempt(attempts)
  return open !== undefined &&
    PHASES_THAT_CHANGE.some((phase) => phaseState(open, phase) !== 'not-started')
    ? open
    : undefined
}

/** What passes by itself, or by taking a label away, ends a push only when nothing else holds. */
const GENTLE: readonly ReasonCode[] = ['waiting-for-soak', 'frozen', 'hold-label']

function decisive(closedFor: readonly ClosedFor[]): ReasonCode {
  // What could not be asked is no verdict; where something else holds for certain, that is told.
  const rank = (code: ReasonCode) =>
    GENTLE.includes(code)
      ? GENTLE.indexOf(code)
      : outcomeOf(code) === 'held'
        ? GENTLE.length + 1
        : GENTLE.length
  return closedFor
    .map(({ code }) => code)
    .reduce((most, code) => (rank(code) > rank(most) ? code : most))
}

/** After the soak the next freeze may have begun. */
function openingTime({ now, promotion }: Policy, closedFor: readonly ClosedFor[]): Date | null {
  const ends = closedFor.map(({ until }) => until)
  if (ends.some((end) => end === null)) return null
  const soaked = closedFor.find(({ code }) => code === 'waiting-for-soak')?.until ?? now
  return firstThaw(soaked, promotion.freeze)
}
