import type { Environment } from '../core/environments.ts'
import { evidenceOf } from './evidence.ts'
import { stepOf } from '../result/asked-for.ts'
import type { Result } from '../result/result.ts'
import { worstOf } from '../core/outcomes.ts'
import type { JobsOfRun } from './job-end.ts'
import { listed } from '../core/text.ts'
import type { Outcome } from '../core/outcomes.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { standingOf } from './verdict.ts'

const NO_JOBS: JobsOfRun = { ends: [], fromRecord: [] }

/** How a whole flow ended: what its gravest part says, else its newest. */
export interface FlowEnd {
  readonly outcome: Outcome
  readonly 'reason-code': ReasonCode
  readonly summary: string
}

/**
 * `all` holds what the record says too, `own` the results of this run, the last one what its jobs say
 * beyond them. Without an environment (a pull request) the own ones decide.
 */
export function flowEnd(
  environment: Environment | undefined,
  all: readonly Result[],
  own: readonly Result[],
  { ends, fromRecord }: JobsOfRun = NO_JOBS,
): FlowEnd {
  const nothing: FlowEnd = {
    outcome: 'cancelled',
    'reason-code': 'cancelled',
    summary: 'no command of this run left a result',
  }
  if (environment === undefined) return worstOf(own) ?? nothing
  const standing = standingOf(evidenceOf(environment, all, ends))
  if (standing.kind === 'stopped') return standing.by
  if (standing.kind === 'waiting')
    return {
      outcome: 'inconclusive',
      'reason-code': 'incomplete',
      summary: `${environment}: still to come: ${listed(standing.missing)}`,
    }
  const newest = (results: readonly Result[]) =>
    results
      .filter((result) => result.environment === environment && !isProposal(result))
      .sort(byEnd)
      .at(-1)
  return (fromRecord.length > 0 ? newest(all) : newest(own)) ?? nothing
}

const isProposal = (result: Result) => result.command === 'promote' && stepOf(result) === 'propose'
const byEnd = (a: Result, b: Result) => Date.parse(a.ended) - Date.parse(b.ended)
