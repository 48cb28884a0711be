import { gateReasonWords } from '../report/wording-gate.ts'
import type { GateDetails } from '../result/promotion.ts'
import type { GateFacts, GateVerdict } from './gate.ts'

/** Describes a verdict as the result file has it. */
export function gateDetails(
  verdict: GateVerdict,
  { tested, target, pullRequest }: Pick<GateFacts, 'tested' | 'target' | 'pullRequest'>,
): GateDetails {
  return {
    step: 'gate',
    gate: verdict.gate,
    tested,
    'target-version': target,
    reasons: verdict.closedFor.map(({ code, fact }) => ({
      'reason-code': code,
      message: gateReasonWords(fact),
    })),
    override: verdict.override,
    'soak-until': verdict.soakUntil?.toISOString() ?? null,
    'opens-at': verdict.opensAt?.toISOString() ?? null,
    'pull-request':
      pullRequest !== null && 'number' in pullRequest
        ? { number: pullRequest.number, url: pullRequest.url ?? null }
        : null,
  }
}
