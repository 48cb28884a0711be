import type { Github } from './client.ts'
import { GithubError } from './errors.ts'

export interface Origin {
  /** `<run id>.<attempt>` as the record says. */
  readonly run: string
  readonly branch: string
  /** The commit of the record. */
  readonly sha: string
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
