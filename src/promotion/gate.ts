import { openAttempt, phaseState, type Attempt, type UpgradePhase } from '../state/attempt.ts'
import { judgeAttempt, type Expectations } from '../state/verdict.ts'
import { outcomeOf, type ReasonCode } from '../core/reasons.ts'
import type { Override } from '../result/promotion.ts'
import { sameVersion } from '../core/versions.ts'
import type { GateDecision } from '../report/gate-fact.ts'
import {
  aheadConditions,
  blockedConditions,
  freezeConditions,
  labelConditions,
  lossConditions,
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
  readonly decision: GateDecision
  /** Every condition that is not met; with an open gate those that did not keep it closed. */
  readonly closedFor: readonly ClosedFor[]
  /** When a closed gate opens without a person; null when it does not. */
  readonly opensAt: Date | null
  readonly soakUntil: Date | null
  /** Set only where the gate would be closed without it. */
  readonly override: Override | null
}

/** Judges whether production may follow staging now. */
export function judgeGate(facts: GateFacts): GateVerdict {
  if (hasNothingToDo(facts)) return notAsked(facts.target)
  const closedFor = closedConditions(facts)
  const opening = findOpening(facts, closedFor)
  return opening === undefined ? closedGate(facts, closedFor) : openGate(facts, closedFor, opening)
}

function hasNothingToDo({
  target,
  production,
  productionAttempts,
  productionExpectations,
}: GateFacts): boolean {
  return (
    'version' in production &&
    sameVersion(production.version, target) &&
    !isWorkLeft(productionAttempts, { target, serverId: production.id }, productionExpectations)
  )
}

function notAsked(target: string): GateVerdict {
  return {
    closedFor: [],
    opensAt: null,
    soakUntil: null,
    override: null,
    gate: null,
    reasonCode: 'already-at-target',
    decision: { kind: 'nothing-to-do', target },
  }
}

/** Lists every condition that is not met. */
function closedConditions(facts: GateFacts): ClosedFor[] {
  const ofProduction = {
    ...facts,
    environment: 'production',
    attempts: facts.productionAttempts,
  } as const
  return [
    ...recordConditions(facts),
    ...serverConditions(facts),
    ...blockedConditions(ofProduction),
    ...aheadConditions({ ...ofProduction, server: facts.production }),
    ...labelConditions(facts),
    ...freezeConditions(facts),
    ...soakConditions(facts, facts),
  ]
}

/** Finds what opens the gate, also against its conditions; undefined when nothing does. */
function findOpening(
  { target, productionAttempts, override }: GateFacts,
  closedFor: readonly ClosedFor[],
): GateDecision | undefined {
  if (closedFor.length === 0) return { kind: 'green', target }
  const begun = begunAttempt(productionAttempts)
  if (begun !== undefined) return { kind: 'unfinished', attempt: begun.id }
  return override === null
    ? undefined
    : { kind: 'overridden', by: override, conditions: closedFor.length }
}

function openGate(
  facts: GateFacts,
  closedFor: readonly ClosedFor[],
  decision: GateDecision,
): GateVerdict {
  return {
    gate: 'open',
    reasonCode: 'gate-open',
    decision,
    closedFor,
    opensAt: null,
    soakUntil: soakUntil(facts),
    override: decision.kind === 'overridden' ? decision.by : null,
  }
}

function closedGate(facts: GateFacts, closedFor: readonly ClosedFor[]): GateVerdict {
  return {
    gate: 'closed',
    reasonCode: decisive(closedFor),
    decision: { kind: 'closed', facts: closedFor.map(({ fact }) => fact) },
    closedFor,
    opensAt: openingTime(facts, closedFor),
    soakUntil: soakUntil(facts),
    override: null,
  }
}

/** Without a green record nothing soaks. */
function soakUntil(facts: GateFacts): Date | null {
  return recordConditions(facts).length > 0 ? null : soakEnd(facts, facts)
}

/**
 * An upgrade that did not end, or a version after which not everything was done, whoever brought
 * it. A server that was never upgraded by us has no work left.
 */
function isWorkLeft(
  attempts: readonly Attempt[],
  { target, serverId }: { readonly target: string; readonly serverId: string | undefined },
  expectations: Expectations,
): boolean {
  const newest = attempts.at(-1)
  if (newest === undefined) return false
  return (
    openAttempt(attempts) !== undefined ||
    // Another server has taken its place: nothing was done on it.
    (serverId !== undefined && serverId !== newest['server-id']) ||
    !sameVersion(newest['target-version'], target) ||
    !judgeAttempt(newest, expectations).green ||
    lossConditions({ environment: 'production', attempts }).length > 0
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
const SELF_RESOLVING: readonly ReasonCode[] = ['waiting-for-soak', 'frozen', 'hold-label']

/** Chooses the one code that ends a push. */
function decisive(closedFor: readonly ClosedFor[]): ReasonCode {
  // What could not be asked is no verdict: a condition that is certain comes first.
  const rank = (code: ReasonCode) =>
    SELF_RESOLVING.includes(code)
      ? SELF_RESOLVING.indexOf(code)
      : outcomeOf(code) === 'held'
        ? SELF_RESOLVING.length + 1
        : SELF_RESOLVING.length
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
