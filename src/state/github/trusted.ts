import { wentWell } from '../../core/outcomes.ts'
import type { Environment } from '../../core/environments.ts'
import { outcomeOf } from '../../core/reasons.ts'
import { openAttempt, type Attempt, type Entry } from '../attempt.ts'
import { canonicalJson } from '../content-digest.ts'
import { isAboutLosses } from '../losses.ts'
import { measuringAttempt } from '../evidence.ts'
import type { Github } from '../../github/client.ts'
import type { GithubContext } from '../../github/context.ts'
import type { GithubAttempts, RowOrigin } from './attempts.ts'
import { GithubError } from '../../github/errors.ts'

export interface Origin extends RowOrigin {
  readonly branch: string
  /** Path of the workflow that may make records; undefined accepts every one of this repository. */
  readonly workflow?: string | undefined
  /** Commits that are known to be on the branch. */
  readonly onBranch?: readonly string[]
}

/**
 * Events whose runs are of the branch itself; a run for a pull request shows the branch of its
 * head.
 */
const EVENTS = new Set(['push', 'schedule', 'workflow_dispatch'])

/**
 * Why a record does not count, or undefined when the run it names is of this repository, on that
 * branch, at that commit. Every workflow of a repository acts under the same login, also one that
 * somebody pushed to a branch of their own.
 * @throws GithubError when that could not be asked.
 */
export async function originProblem(
  github: Github,
  { run, branch, sha, workflow, onBranch = [] }: Origin,
): Promise<string | undefined> {
  const [id = '0', attempt = '1'] = run.split('.')
  const {
    repository: { owner, name },
  } = github
  try {
    const { data } = await github.octokit.rest.actions.getWorkflowRunAttempt({
      ...github.repo,
      run_id: Number(id),
      attempt_number: Number(attempt),
    })
    if (data.repository.full_name.toLowerCase() !== `${owner}/${name}`.toLowerCase())
      return `run ${run} is of ${data.repository.full_name}`
    if (!EVENTS.has(data.event)) return `run ${run} was started by ${data.event}`
    if (data.head_branch !== branch)
      return `run ${run} is of branch ${data.head_branch ?? '(none)'}, not ${branch}`
    if (data.head_sha !== sha)
      return `run ${run} is of commit ${data.head_sha}, the record of ${sha}`
    // GitHub gives the path with the ref behind an @ in places.
    const path = data.path.split('@')[0]
    if (workflow !== undefined && path !== workflow)
      return `run ${run} is of ${path ?? ''}, not ${workflow}`
    // A run that a tag started shows the name of the tag for that of its branch.
    return onBranch.includes(sha) || (await isOnBranch(github, branch, sha))
      ? undefined
      : `commit ${sha} of run ${run} is not on the branch ${branch}`
  } catch (error) {
    if (error instanceof GithubError && error.problem === 'not-found')
      return `run ${run} does not exist`
    throw error
  }
}

/** Whether a commit is the branch's tip or one before it. */
async function isOnBranch(github: Github, branch: string, sha: string): Promise<boolean> {
  const { data } = await github.octokit.rest.repos.compareCommitsWithBasehead({
    ...github.repo,
    basehead: `${encodeURIComponent(branch)}...${sha}`,
    per_page: 1,
    page: 2,
  })
  return data.status === 'identical' || data.status === 'behind'
}

export interface CountingOptions {
  readonly github: Github
  readonly context: Pick<GithubContext, 'run' | 'event'>
  readonly attempts: GithubAttempts
}

export interface Counting {
  /** Keeps what was found out of each origin: null, or why it does not count. */
  readonly judged?: Map<string, string | null>
  /**
   * Whether the number of snapshots will be taken from the record: then the attempt that says it is
   * looked at too.
   */
  readonly measuring?: boolean
}

/**
 * The attempts of an environment without what other runs than those of this workflow on the branch
 * wrote into the record: attempts, and lines in attempts of others. Looked at is what decides: the
 * newest attempt and one that is open; the others are only told about.
 * @throws GithubError when that could not be asked.
 */
export async function countingAttempts(
  { github, context, attempts }: CountingOptions,
  environment: Environment,
  branch: string,
  { judged = new Map<string, string | null>(), measuring = false }: Counting = {},
): Promise<readonly Attempt[]> {
  const keyOf = ({ run, sha }: RowOrigin) => `${run} ${sha}`
  for (;;) {
    const counting = await attempts.listWithout(
      environment,
      (origin) => typeof judged.get(keyOf(origin)) === 'string',
    )
    const deciding = [
      counting.at(-1),
      openAttempt(counting),
      measuring ? measuringAttempt(counting) : undefined,
      ...counting.filter(isAboutLosses),
    ].filter((attempt) => attempt !== undefined)
    const origins = (
      await Promise.all(deciding.map(({ id }) => attempts.originsOf(environment, id)))
    ).flat()
    const next = origins.find((origin) => !judged.has(keyOf(origin)))
    if (next === undefined)
      return withWhatSpeaksAgainst(counting, await attempts.listWithout(environment, () => false))
    const problem = isOwn(context, next, branch)
      ? undefined
      : await originProblem(github, {
          ...next,
          branch,
          workflow: context.run.workflow,
          onBranch: tipsOf(context, branch),
        })
    if (problem !== undefined)
      github.machine.log.warn(
        `what run ${next.run} wrote into the record of ${environment} does not count: ${problem}`,
      )
    judged.set(keyOf(next), problem ?? null)
  }
}

/**
 * Adds what speaks against an attempt, whoever wrote it: a branch that was force-pushed, a run that
 * was deleted or a workflow that was renamed must not make a loss or a rollback disappear. An attempt
 * that did not end is left out, because nobody may go on with it.
 */
function withWhatSpeaksAgainst(
  counting: readonly Attempt[],
  all: readonly Attempt[],
): readonly Attempt[] {
  return all.flatMap((attempt) => {
    const counted = counting.find(({ id }) => id === attempt.id)
    if (counted?.entries.length === attempt.entries.length) return [counted]
    const known = new Set(counted?.entries.map(canonicalJson))
    const entries = attempt.entries.filter(
      (entry) => known.has(canonicalJson(entry)) || speaksAgainst(entry),
    )
    const isClosed = entries.some(({ kind }) => kind === 'closed')
    return counted !== undefined || isClosed ? [{ ...(counted ?? attempt), entries }] : []
  })
}

function speaksAgainst(entry: Entry): boolean {
  if (entry.kind === 'compared') return entry.lost.length > 0
  if (entry.kind !== 'closed') return false
  return !wentWell(outcomeOf(entry['reason-code']))
}

/**
 * The tips of the branch that GitHub named with the event: saves asking about the commit before,
 * which is most often the one.
 */
function tipsOf({ event }: CountingOptions['context'], branch: string): string[] {
  return event.kind === 'push' && event.branch === branch
    ? [event.sha, ...(event.before === undefined ? [] : [event.before])]
    : []
}

/** Rows of the very run that asks need no question: GitHub itself told it where it runs. */
function isOwn(
  { run, event }: CountingOptions['context'],
  origin: RowOrigin,
  branch: string,
): boolean {
  const isBranch = event.kind === 'push' || event.kind === 'schedule' || event.kind === 'dispatch'
  return isBranch && event.branch === branch && event.sha === origin.sha && run.key === origin.run
}
