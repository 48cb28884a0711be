import { JOB_IDS } from '../report/flow-jobs.ts'
import type { Rejection, SeenJob } from '../report/job-end.ts'
import type { Github } from './client.ts'
import type { GithubContext } from './context.ts'

/** Jobs of a run that are read: a matrix may have 256, and our workflows have nine others. */
const MOST_PAGES = 3

/** Reads the jobs of this attempt of the run. @throws GithubError */
export async function jobsOfRun(
  github: Github,
  { id, attempt, url }: GithubContext['run'],
): Promise<SeenJob[]> {
  const { octokit, repo } = github
  let pages = 0
  const jobs = await octokit.paginate(
    octokit.rest.actions.listJobsForWorkflowRunAttempt,
    { ...repo, run_id: id, attempt_number: attempt, per_page: 100 },
    ({ data }, done) => {
      pages += 1
      if (pages === MOST_PAGES) done()
      return data
    },
  )
  return jobs.map((job) => ({
    // GitHub puts the names of the jobs that called the workflow before it.
    name: job.name.split(' / ').at(-1) ?? job.name,
    url: job.html_url ?? url,
    conclusion: job.conclusion,
    step:
      (job.steps ?? []).find(
        ({ conclusion }) =>
          conclusion !== null && conclusion !== 'success' && conclusion !== 'skipped',
      )?.name ?? null,
    started: job.started_at,
  }))
}

/**
 * Says who rejected an approval that the run waited for; undefined where no one did. @throws
 * GithubError
 */
export async function rejectionOf(
  github: Github,
  { id, attempt }: GithubContext['run'],
): Promise<Rejection | undefined> {
  const { data } = await github.octokit.rest.actions.getReviewsForRun({
    ...github.repo,
    run_id: id,
  })
  const rejected = data.find(({ state }) => state === 'rejected')
  return rejected === undefined
    ? undefined
    : {
        by: rejected.user.login,
        comment: rejected.comment.trim(),
        // The list is of all attempts, so that a later one may have been approved.
        of: attempt === 1 ? JOB_IDS : ['approve'],
      }
}
