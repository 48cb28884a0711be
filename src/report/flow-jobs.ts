import type { Environment } from '../core/environments.ts'
import { modeOf, stepOf } from '../result/asked-for.ts'
import type { Result, ResultOf } from '../result/result.ts'

/** Jobs of the reusable workflows, by their id in the workflow's file. */
export const JOB_IDS = [
  'propose',
  'acknowledge',
  'staging',
  'gate',
  'approve',
  'stacks',
  'plan-snapshots',
  'upgrade',
  'smoke',
  'snapshots',
] as const

export type JobId = (typeof JOB_IDS)[number]

export interface FlowJob {
  /** What it is called on GitHub; a job of a matrix has its shard behind the name. */
  readonly names: readonly string[]
  /**
   * `required`: without its result the flow says nothing about the whole. `decides`: the flow is not
   * green when it fails. `informs`: another job judges what it found, and goes on without it.
   */
  readonly weight: 'required' | 'decides' | 'informs'
  /** Whether a result of the flow of an environment is the one that this job leaves. */
  readonly leaves: (result: Result, environment: Environment) => boolean
}

/** What every job does in the flow of its environment. */
export const FLOW_JOBS: Readonly<Record<JobId, FlowJob>> = {
  propose: {
    names: ['Open the promotion'],
    weight: 'informs',
    leaves: (result) => result.command === 'promote' && stepOf(result) === 'propose',
  },
  acknowledge: {
    names: ['Acknowledge a loss'],
    weight: 'decides',
    leaves: (result, environment) => isOf(result, environment, 'acknowledge'),
  },
  staging: {
    names: ['Ask staging'],
    weight: 'informs',
    leaves: (result) => isGate(result) && result.environment === 'staging',
  },
  gate: { names: ['Gate'], weight: 'required', leaves: isGateOf },
  approve: { names: ['Approve'], weight: 'decides', leaves: () => false },
  stacks: {
    names: ['Read the stacks of staging'],
    weight: 'informs',
    leaves: (result) => result.command === 'check-stacks',
  },
  'plan-snapshots': {
    names: ['Plan the snapshots'],
    weight: 'informs',
    leaves: (result, environment) =>
      isOf(result, environment, 'rebuild-snapshots') && isPlan(result),
  },
  upgrade: {
    names: ['Upgrade'],
    weight: 'required',
    leaves: (result, environment) =>
      isOf(result, environment, 'upgrade-workspace') || isRefusal(result, environment),
  },
  smoke: {
    names: ['Smoke suite'],
    weight: 'required',
    leaves: (result, environment) => isOf(result, environment, 'run-smoke-suite'),
  },
  snapshots: {
    names: ['Rebuild and run the snapshots', 'Rebuild the snapshots'],
    weight: 'required',
    leaves: (result, environment) =>
      isOf(result, environment, 'rebuild-snapshots') && !isPlan(result),
  },
}

function isOf<C extends Result['command']>(
  result: Result,
  environment: Environment,
  command: C,
): result is Extract<Result, { command: C }> {
  return result.command === command && result.environment === environment
}

const isPlan = (result: ResultOf<'rebuild-snapshots'>) => modeOf(result) === 'plan'

const isGate = (result: Result) => result.command === 'promote' && stepOf(result) !== 'propose'

function isGateOf(result: Result, environment: Environment): boolean {
  return isGate(result) && result.environment === environment
}

/** The job of the upgrade asks the gate again; unless that is open, it upgrades nothing. */
function isRefusal(result: Result, environment: Environment): boolean {
  return isGateOf(result, environment) && result['reason-code'] !== 'gate-open'
}
