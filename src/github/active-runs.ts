import type { Github } from './client.ts'
import type { GithubContext } from './context.ts'

export interface ActiveRun {
  readonly number: number
  readonly event: string
  readonly status: string
  /** Page of the run. */
  readonly url: string
}

/** Of a run that has not ended; most often one waits for an approval. */
const ACTIVE = ['waiting', 'in_progress', 'queued', 'pending', 'requested'] as const

/** Events whose runs work on the branch; a run for a pull request shows the branch of its head. */
const WORKING = new Set(['push', 'workflow_dispatch'])

/**
 * Finds another run of this workflow on the branch that a scheduled run must not get in the way of:
 * one of a push or a dispatch, or an earlier scheduled one. Asks for each status apart, because an
 * approval may have waited since hundreds of scheduled runs. Undefined where there is none, or where
 * GitHub does not say which workflow this is.
 * @throws GithubError
 */
export async function otherActiveRun(
  github: Github,
  { id, workflow }: GithubContext['run'],
  { branch, sha }: { readonly branch: string; readonly sha: string },
): Promise<ActiveRun | undefined> {
  const file = workflow?.split('/').at(-1)
  if (file === undefined) return undefined
  for (const status of ACTIVE) {
    const { data } = await github.octokit.rest.actions.listWorkflowRuns({
      ...github.repo,
      workflow_id: file,
      branch,
      status,
      per_page: 100,
    })
    const other = data.workflow_runs.find(
      (run) =>
        (WORKING.has(run.event) || (run.event === 'schedule' && run.id < id)) &&
        // What waits for the approval of an older commit ends superseded, whenever it is approved.
        (status !== 'waiting' || run.head_sha === sha),
    )
    if (other !== undefined)
      return {
        number: other.run_number,
        event: other.event,
        status: other.status ?? status,
        url: other.html_url,
      }
  }
  return undefined
}
