import type { ReasonCode } from '../core/reasons.ts'
import type { PlanCheckFact } from '../report/plan-fact.ts'
import { PLAN_CHECK_NAMES, planCheckNext, planCheckWords } from '../report/wording-plan-check.ts'
import type { Check } from '../result/common.ts'

/** The status of each fact; `stops` is a failed one with the code that the upgrade would end with. */
const STATUS: Readonly<
  Record<PlanCheckFact['kind'], Check['status'] | { readonly stops: ReasonCode }>
> = {
  'server-unknown': 'not-checked',
  'goes-back': { stops: 'downgrade-requested' },
  ahead: { stops: 'server-ahead' },
  downgrade: { stops: 'downgrade-requested' },
  loss: { stops: 'loss-open' },
  blocked: { stops: 'version-blocked' },
  'blocked-unknown': 'not-checked',
  'at-target': 'passed',
  upgrade: 'passed',
  drift: 'warning',
  'release-unknown': 'not-checked',
  'release-found': 'passed',
  'release-missing': { stops: 'version-not-found' },
  'no-base-file': 'not-checked',
  'address-changes': 'warning',
  'driver-changes': 'warning',
  'driver-one-way': 'warning',
  driver: 'passed',
  'no-backup': 'failed',
  'managed-backup': 'warning',
  backup: 'passed',
  'no-smoke-suite': 'warning',
  snapshot: { stops: 'snapshots-failed' },
  'schedule-unknown': 'not-checked',
  'no-schedule': 'warning',
  schedule: 'passed',
  'schedule-on-other-branch': 'warning',
}

/** Makes the check of a result from what a plan found. */
export function toCheck(fact: PlanCheckFact): Check {
  const status = STATUS[fact.kind]
  const next = planCheckNext(fact)
  return {
    name: PLAN_CHECK_NAMES[fact.kind],
    status: typeof status === 'string' ? status : 'failed',
    message: planCheckWords(fact),
    ...(next === undefined ? {} : { next }),
    ...(typeof status === 'string' ? {} : { 'reason-code': status.stops }),
  }
}
