import type { Environment } from '../core/environments.ts'
import { type Outcome, wentWell } from '../core/outcomes.ts'
import { outcomeOf, REASONS, type ReasonCode } from '../core/reasons.ts'
import { short } from '../core/text.ts'
import { shardOf } from '../result/asked-for.ts'
import type { Result } from '../result/result.ts'
import { FLOW_JOBS, JOB_IDS, type JobId } from './flow-jobs.ts'

/** A job that the report waited for, as the context `needs` of the workflow has it. */
export interface Need {
  readonly result: 'success' | 'failure' | 'cancelled' | 'skipped'
  readonly outputs: Readonly<Record<string, string>>
}

export type Needs = Readonly<Partial<Record<JobId, Need>>>

/** A job as GitHub shows it; one of a matrix is a job of its own. */
export interface SeenJob {
  /** Without the names of the jobs that called its workflow. */
  readonly name: string
  readonly url: string
  /** Such as `failure`, `cancelled` or `timed_out`; null while it runs. */
  readonly conclusion: string | null
  /** Name of the step that failed or was stopped. */
  readonly step: string | null
  /** When it began in this attempt; null where GitHub does not say. */
  readonly started: string | null
}

/** Who rejected the approval that a job waited for. */
export interface Rejection {
  /** Jobs that it can be about. */
  readonly of: readonly JobId[]
  readonly by: string
  readonly comment: string
}

/** A job that ended without the result that its flow needs. */
export interface JobEnd {
  readonly id: JobId
  readonly environment: Environment
  readonly name: string
  readonly outcome: Outcome
  readonly 'reason-code': ReasonCode
  readonly summary: string
  readonly next: string
  /** Page of the job, else of the run. */
  readonly url: string
  /** Name of the step that failed or was stopped; null where GitHub does not say. */
  readonly step: string | null
  /** False where another job judges what it found, and goes on without it. */
  readonly decides: boolean
}

/** What the jobs of a run say beyond the results that they left. */
export interface JobsOfRun {
  readonly ends: readonly JobEnd[]
  /** Names of jobs that ended well, whose result is read from the record: its file is missing. */
  readonly fromRecord: readonly string[]
}

export interface JobFacts {
  readonly environment: Environment
  readonly needs: Needs
  /** Result files of this run. */
  readonly own: readonly Result[]
  /** With what the record says. */
  readonly all: readonly Result[]
  readonly seen: readonly SeenJob[]
  readonly rejection: Rejection | undefined
  readonly runUrl: string
}

export function judgeJobs(facts: JobFacts): JobsOfRun {
  return { ends: jobEnds(facts), fromRecord: readFromRecord(facts) }
}

/**
 * Finds the jobs whose end no result explains: failed, cancelled, skipped without a reason, or ended
 * well with a result that neither the files nor the record have.
 */
function jobEnds(facts: JobFacts): JobEnd[] {
  return JOB_IDS.flatMap((id) => {
    const need = facts.needs[id]
    switch (need?.result) {
      case undefined:
        return []
      case 'failure':
      case 'cancelled':
        return badEnds(id, need.result, facts)
      case 'success':
        return withoutResult(id, facts)
      case 'skipped':
        return skippedUpgrade(id, facts)
    }
  })
}

function readFromRecord({ environment, needs, own, all }: JobFacts): string[] {
  return JOB_IDS.filter((id) => {
    const { weight, leaves } = FLOW_JOBS[id]
    const isLeft = (result: Result) => leaves(result, environment)
    return (
      needs[id]?.result === 'success' &&
      weight === 'required' &&
      !own.some(isLeft) &&
      all.some(isLeft)
    )
  }).map(nameOf)
}

export function someEndedBadly(needs: Needs): boolean {
  return Object.values(needs).some(({ result }) => result === 'failure' || result === 'cancelled')
}

/** The jobs of GitHub that did not end well and are called as a job of the flow. */
export function badJobs(id: JobId, seen: readonly SeenJob[]): SeenJob[] {
  return seen.filter(
    ({ name, conclusion }) =>
      conclusion !== null &&
      !['success', 'skipped', 'neutral'].includes(conclusion) &&
      FLOW_JOBS[id].names.some((own) => name === own || name.startsWith(`${own} `)),
  )
}

function badEnds(id: JobId, result: 'failure' | 'cancelled', facts: JobFacts): JobEnd[] {
  const jobs = badJobs(id, facts.seen)
  const unseen = { name: nameOf(id), url: facts.runUrl, conclusion: result, step: null }
  return (jobs.length === 0 ? [{ ...unseen, started: null }] : jobs).flatMap((job) => {
    const left = facts.own.filter((one) => isLeftBy(one, id, job, facts))
    return left.some(({ outcome }) => !wentWell(outcome))
      ? []
      : [badEnd(id, job, left.at(-1), facts)]
  })
}

/** A result from before the job began is of an earlier attempt of the run. */
function isLeftBy(
  result: Result,
  id: JobId,
  { name, started }: SeenJob,
  { environment }: JobFacts,
): boolean {
  if (!FLOW_JOBS[id].leaves(result, environment)) return false
  if (started !== null && Date.parse(result.ended) < Date.parse(started)) return false
  const shard = / (\d+\/\d+)$/.exec(name)?.[1]
  return (
    result.command !== 'rebuild-snapshots' ||
    shard === undefined ||
    shard === '1/1' ||
    shardOf(result) === shard
  )
}

function badEnd(id: JobId, job: SeenJob, left: Result | undefined, facts: JobFacts): JobEnd {
  const { rejection, environment, own } = facts
  if (job.conclusion === 'failure' && job.step === null && rejection?.of.includes(id) === true) {
    const comment = rejection.comment === '' ? '' : `: ${short(rejection.comment, 200)}`
    const summary = `${rejection.by} rejected the approval that the job "${job.name}" waited for${comment}`
    return end(id, job, { code: 'approval-rejected', summary }, environment)
  }
  const isFailure = job.conclusion !== 'cancelled' && job.conclusion !== 'timed_out'
  const what = `the job "${job.name}" ${HOW[job.conclusion ?? ''] ?? 'failed'}${job.step === null ? '' : ` in its step "${job.step}"`}`
  // The job acknowledges a loss before it upgrades; what that says is why it did not.
  const before = own.find(
    (one) =>
      one.command === 'acknowledge' && one.environment === environment && !wentWell(one.outcome),
  )
  if (id === 'upgrade' && before !== undefined && left === undefined)
    return end(
      id,
      job,
      {
        code: before['reason-code'],
        summary: `${what}: ${before.summary}`,
        next: before.next,
      },
      environment,
    )
  return end(
    id,
    job,
    { code: isFailure ? 'job-failed' : 'job-cancelled', summary: `${what}${rest(id, left)}` },
    environment,
  )
}

const HOW: Readonly<Record<string, string>> = {
  cancelled: 'was cancelled',
  timed_out: 'exceeded its time',
}

function rest(id: JobId, left: Result | undefined): string {
  if (id === 'approve') return ''
  return left === undefined
    ? ' and left no result'
    : `, although its command ended with ${left['reason-code']}`
}

function withoutResult(id: JobId, { environment, all, runUrl }: JobFacts): JobEnd[] {
  const { weight, leaves } = FLOW_JOBS[id]
  if (weight !== 'required' || all.some((result) => leaves(result, environment))) return []
  const name = nameOf(id)
  const summary = `the job "${name}" ended well, but neither its result nor the record of it was found`
  return [end(id, { name, url: runUrl }, { code: 'incomplete', summary }, environment)]
}

/** The upgrade follows an open gate; only a job that ended badly before it explains why it did not. */
function skippedUpgrade(id: JobId, { environment, needs, own, runUrl }: JobFacts): JobEnd[] {
  const { gate, approve } = needs
  const isAllowed =
    (gate === undefined || gate.outputs['gate'] === 'open') &&
    (approve === undefined || approve.result === 'success')
  if (
    id !== 'upgrade' ||
    !isAllowed ||
    someEndedBadly(needs) ||
    own.some((result) => FLOW_JOBS.upgrade.leaves(result, environment))
  )
    return []
  const name = nameOf(id)
  const summary = `the job "${name}" was skipped, although nothing held it back`
  return [end(id, { name, url: runUrl }, { code: 'incomplete', summary }, environment)]
}

function end(
  id: JobId,
  { name, url, step = null }: Pick<SeenJob, 'name' | 'url'> & Partial<Pick<SeenJob, 'step'>>,
  { code, summary, next }: { code: ReasonCode; summary: string; next?: string },
  environment: Environment,
): JobEnd {
  return {
    id,
    environment,
    name,
    outcome: outcomeOf(code),
    'reason-code': code,
    summary,
    next: next ?? REASONS[code].next,
    url,
    step,
    decides: FLOW_JOBS[id].weight !== 'informs',
  }
}

function nameOf(id: JobId): string {
  return FLOW_JOBS[id].names[0] ?? id
}
