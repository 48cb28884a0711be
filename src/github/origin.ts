import type { Environment } from '../config/environments.ts'
import type { Attempt } from '../record/attempt.ts'
import type { Github } from './client.ts'
import type { GithubContext } from './context.ts'
import type { GithubAttempts, RowOrigin } from './deployments.ts'
import { GithubError } from './errors.ts'

export interface Origin extends RowOrigin {
  readonly branch: string
  /** Path of the workflow that may make records; undefined accepts every one of this repository. */
  readonly workflow?: string | undefined
}

/** Events whose runs are of the branch itself; a run for a pull request shows the branch of its head. */
const EVENTS = new Set(['push', 'schedule', 'workflow_dispatch'])

/**
 * Why a record does not count, or undefined when the run it names is of this repository, on that branch, at that commit. Every workflow of a
 * repository acts under the same login, also one that somebody pushed to a branch of their own.
 * @throws GithubError when that could not be asked.
 */
export async function originProblem(github: Github, { run, branch, sha, workflow }: Origin): Promise<string | undefined> {
  const [id = '0', attempt = '1'] = run.split('.')
  const { repository: { owner, name } } = github
  try {
    const { data } = await github.call('GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}', { run_id: Number(id), attempt_number: Number(attempt) })
    if (data.repository.full_name.toLowerCase() !== `${owner}/${name}`.toLowerCase()) return `run ${run} is of ${data.repository.full_name}`
    if (!EVENTS.has(data.event)) return `run ${run} was started by ${data.event}`
    if (data.head_branch !== branch) return `run ${run} is of branch ${data.head_branch ?? '(none)'}, not ${branch}`
    if (data.head_sha !== sha) return `run ${run} is of commit ${data.head_sha}, the record of ${sha}`
    // GitHub gives the path with the ref behind an @ in places.
    const path = data.path.split('@')[0]
    return workflow !== undefined && path !== workflow ? `run ${run} is of ${path ?? ''}, not ${workflow}` : undefined
  } catch (error) {
    if (error instanceof GithubError && error.problem === 'not-found') return `run ${run} does not exist`
    throw error
  }
}

export interface CountingOptions {
  readonly github: Github
  readonly context: Pick<GithubContext, 'run' | 'event'>
  readonly attempts: GithubAttempts
}

/**
 * The attempts of an environment up to the newest that counts: every row of it was made by a run of this workflow on the branch. Older ones are
 * only told about and not looked at. @throws GithubError when that could not be asked.
 */
export async function countingAttempts({ github, context, attempts }: CountingOptions, environment: Environment, branch: string): Promise<readonly Attempt[]> {
  const counting = [...(await attempts.list(environment))]
  for (let newest = counting.at(-1); newest !== undefined; newest = counting.at(-1)) {
    const problem = await firstProblem(newest)
    if (problem === undefined) break
    github.machine.log.warn(`attempt ${newest.id} of ${environment} does not count: ${problem}`)
    counting.pop()
  }
  return counting

  async function firstProblem({ id }: Attempt): Promise<string | undefined> {
    for (const origin of await attempts.originsOf(environment, id)) {
      const problem = isOwn(context, origin, branch) ? undefined : await originProblem(github, { ...origin, branch, workflow: context.run.workflow })
      if (problem !== undefined) return problem
    }
    return undefined
  }
}

/** Rows of the very run that asks need no question: GitHub itself told it where it runs. */
function isOwn({ run, event }: CountingOptions['context'], origin: RowOrigin, branch: string): boolean {
  const isBranch = event.kind === 'push' || event.kind === 'schedule' || event.kind === 'dispatch'
  return isBranch && event.branch === branch && event.sha === origin.sha && run.key === origin.run
}
