import { resolve } from 'node:path'
import { InvalidConfig } from '../../config/problem.ts'
import type { CommentResult } from '../../github/comment.ts'
import { type GithubWarning, logWarning, orWarning } from '../../github/errors.ts'
import { pullRequestFor, type PullRequestRef } from '../../github/pull-request.ts'
import type { Pages } from '../../report/pages.ts'
import { isOfWork } from '../../report/evidence.ts'
import { someEndedBadly, type JobsOfRun, type Needs } from '../../report/job-end.ts'
import type { Result } from '../../result/result.ts'
import { flowEnd } from '../../report/flow.ts'
import { Stop } from '../../core/stop.ts'
import type { Machine } from '../../runtime/runtime.ts'
import type { CommandContext, Conclusion } from '../command.ts'
import { concludeAttempt } from './conclude-attempt.ts'
import { demandUntracked, readContent, type Content } from '../../session/content.ts'
import { environmentOfRun, type GithubPlace, type Place } from '../../state/backend.ts'
import { publishForStaging } from '../promote/promotion-status.ts'
import type { FoundResults } from '../../result/read-results.ts'
import { asSuperseded, leftToOtherRun, scheduledWithoutGate, supersededBy } from './newer-run.ts'
import { judgeJobsOfRun } from './jobs-of-run.ts'
import { configOf, footLinks, pagesOf } from './github-pages.ts'
import { withRecord } from './recorded.ts'
import { writeReportComment, type Reported } from './report-comment.ts'
import type { Repositories } from '../../session/repositories.ts'
import { annotateRun, sentencesOf, summarizeRun } from './write-for-run.ts'
import { writeReport, type WrittenReport } from './write-report.ts'

export interface ReportJob {
  readonly inputs: CommandContext<'report'>['inputs']
  readonly machine: Machine
  readonly place: Place
  readonly github: GithubPlace
  readonly repositories: Repositories
  readonly found: FoundResults
  /** How the jobs of this run ended. */
  readonly needs: Needs
  readonly directory: string
}

/**
 * Reports to GitHub: record, commit status, files, annotations, the one comment, job summary. What
 * GitHub refuses is a warning; the work that is reported on is not undone by it.
 */
export async function reportToGithub(job: ReportJob): Promise<Conclusion<'report'>> {
  const { inputs, machine, place, github, found, needs, directory } = job
  const left = leftToOtherRun(found) ?? scheduledWithoutGate(github, needs, found)
  if (left !== undefined) return left
  await demandUntracked(resolve(inputs['working-directory']), directory)
  const warnings: GithubWarning[] = []
  const note: Note = (warning) => {
    if (warning === undefined) return
    logWarning(machine.log, warning)
    warnings.push(warning)
  }
  const pull = await orWarning('the pull request of this run was not found', () =>
    pullRequestFor(github.github, github.context.event, inputs),
  )
  if ('warning' in pull) note(pull.warning)
  const pullRequest = 'value' in pull ? pull.value : undefined
  const superseded = await supersededBy(place, pullRequest, note)
  if (superseded !== undefined && !found.results.some(didWork) && !someEndedBadly(needs))
    return asSuperseded(superseded)

  const { content, invalid } = await contentOrProblem(job)
  const read = await orWarning('the record could not be read', () => withRecord(job, content, note))
  if ('warning' in read) note(read.warning)
  const { results, history } =
    'value' in read ? read.value : { results: found.results, history: [] }
  const jobs = await judgeJobsOfRun(
    {
      github,
      needs,
      environment: environmentOfRun(github, inputs),
      own: found.results,
      all: results,
    },
    note,
  )
  if ('value' in read)
    await recordAndPublish(job, { content, results, jobs, pull, superseded }, note)
  const pages = {
    pages: await pagesOfRun(job, pullRequest, invalid),
    results: found.results,
  }
  const reported: Reported = { content, results, history, jobs: jobs.ends, pages }
  const files = await writeReport({
    directory,
    machine,
    report: {
      results,
      history,
      configPath: inputs.config,
      jobs: jobs.ends,
      branches: { head: inputs.head, base: inputs.base },
      github: pages,
      ...footLinks(github.context),
    },
  })
  await annotateRun(job, { content, invalid })
  // Of a commit that is no longer the tip, the newer run writes the comment; what became of the
  // server is concluded and summed up all the same.
  const commented = superseded !== undefined || 'warning' in read ? undefined : pullRequest
  const end = await commentAndSummarize(job, { reported, pullRequest, commented, warnings, note })
  return conclusion({ job, results, jobs, files, pullRequest, end, superseded, warnings })
}

interface Announcement {
  readonly reported: Reported
  /** The pull request that the run belongs to, and the one that gets the comment. */
  readonly pullRequest: PullRequestRef | undefined
  readonly commented: PullRequestRef | undefined
  readonly warnings: GithubWarning[]
  readonly note: Note
}

/**
 * Writes the comment, and then the job summary, which has the warnings about the comment. To create
 * a comment takes 5 seconds and more: a run that is stopped meanwhile gets its summary too.
 */
async function commentAndSummarize(
  job: ReportJob,
  { reported, pullRequest, commented, warnings, note }: Announcement,
): Promise<CommentResult | undefined> {
  try {
    if (commented === undefined) return undefined
    const written = await writeReportComment(job, commented, reported)
    if ('warnings' in written) written.warnings.forEach(note)
    return written
  } catch (error) {
    if (commented !== undefined) warnings.push(unfinished(commented))
    throw error
  } finally {
    await summarizeRun(job, { ...reported, pullRequest, warnings })
  }
}

function unfinished({ number }: PullRequestRef): GithubWarning {
  return {
    message: `the comment on pull request #${number} may be missing or out of date: this run ended while it wrote it`,
    next: 'Run this again.',
  }
}

type Note = (warning: GithubWarning | undefined) => void

interface Known {
  readonly content: Content | undefined
  /** With what the record says. */
  readonly results: readonly Result[]
  readonly jobs: JobsOfRun
  readonly pull: Awaited<ReturnType<typeof orWarning<PullRequestRef | undefined>>>
  readonly superseded: Stop | undefined
}

/** Concludes the attempt of this run, and publishes the commit status for what staging says. */
async function recordAndPublish(
  job: ReportJob,
  { content, results, jobs, pull, superseded }: Known,
  note: Note,
): Promise<void> {
  const { inputs, machine, place, github, found } = job
  const environment = environmentOfRun(github, inputs)
  if (environment === undefined || content === undefined) return
  note(
    await concludeAttempt({
      machine,
      place,
      github,
      environment,
      content,
      results: found.results,
      all: results,
      jobs,
    }),
  )
  if (environment !== 'staging' || superseded !== undefined) return
  const pullRequest = 'warning' in pull ? { unknown: pull.warning.message } : (pull.value ?? null)
  await publishForStaging({ job, content, pullRequest, jobs: jobs.ends }, note)
}

const didWork = (result: Result) => isOfWork(result) && result['reason-code'] !== 'superseded'

async function contentOrProblem({
  inputs,
  repositories,
}: ReportJob): Promise<{ content: Content | undefined; invalid: InvalidConfig | undefined }> {
  try {
    return {
      content: await readContent({
        workingDirectory: resolve(inputs['working-directory']),
        configPath: inputs.config,
        repositories,
      }),
      invalid: undefined,
    }
  } catch (error) {
    // What is wrong with the file, or with what it names, is told with the results; there is no
    // record of it.
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    return { content: undefined, invalid: error instanceof InvalidConfig ? error : undefined }
  }
}

async function pagesOfRun(
  { inputs, machine, github: { context } }: ReportJob,
  pullRequest: PullRequestRef | undefined,
  invalid: InvalidConfig | undefined,
): Promise<Pages> {
  const config = await configOf(inputs, machine.env)
  return pagesOf({ context, branches: inputs, pullRequest, config, invalid })
}

function whereTold(
  pullRequest: PullRequestRef | undefined,
  end: CommentResult | undefined,
): string {
  if (pullRequest === undefined)
    return 'no pull request belongs to this run, so there is the job summary only'
  if (end?.kind === 'not-needed')
    return `pull request #${pullRequest.number} changes nothing of the upgrade, so it gets no comment`
  return end === undefined || end.kind === 'not-written'
    ? `the comment on pull request #${pullRequest.number} was not written`
    : `the comment on pull request #${pullRequest.number} is up to date`
}

interface End {
  readonly job: ReportJob
  readonly results: readonly Result[]
  readonly jobs: JobsOfRun
  readonly files: WrittenReport
  readonly pullRequest: PullRequestRef | undefined
  readonly end: CommentResult | undefined
  readonly superseded: Stop | undefined
  readonly warnings: readonly GithubWarning[]
}

function conclusion({
  job: { inputs, github, found },
  results,
  jobs,
  files,
  pullRequest,
  end,
  superseded,
  warnings,
}: End): Conclusion<'report'> {
  const flow = flowEnd(environmentOfRun(github, inputs), results, found.results, jobs)
  const where =
    superseded !== undefined
      ? `${superseded.message}, so there is the job summary only`
      : whereTold(pullRequest, end)
  return {
    reasonCode: 'reported',
    summary: `${flow.summary} (${where})`,
    details: {
      ...files,
      results: [...found.files],
      'pull-request': pullRequest?.number ?? null,
      'comment-url': end !== undefined && 'url' in end ? end.url : null,
      warnings: sentencesOf(warnings),
    },
    outputs: {
      'flow-outcome': flow.outcome,
      'flow-reason-code': flow['reason-code'],
      'pull-request': pullRequest?.number,
    },
  }
}
