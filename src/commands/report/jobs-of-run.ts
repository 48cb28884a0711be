import type { Environment } from '../../core/environments.ts'
import { orWarning, type GithubWarning } from '../../github/errors.ts'
import { jobsOfRun, rejectionOf } from '../../github/run-jobs.ts'
import { JOB_IDS } from '../../report/flow-jobs.ts'
import {
  badJobs,
  judgeJobs,
  someEndedBadly,
  type JobsOfRun,
  type Needs,
  type Rejection,
  type SeenJob,
} from '../../report/job-end.ts'
import type { Result } from '../../result/result.ts'
import type { GithubPlace } from '../../state/backend.ts'

interface Asking {
  readonly github: GithubPlace
  readonly environment: Environment | undefined
  readonly needs: Needs
  /** Result files of this run. */
  readonly own: readonly Result[]
  /** With what the record says. */
  readonly all: readonly Result[]
}

/** Judges the jobs of this run; those of a run of no environment say nothing. */
export async function judgeJobsOfRun(
  { github, environment, ...known }: Asking,
  note: (warning: GithubWarning) => void,
): Promise<JobsOfRun> {
  if (environment === undefined) return { ends: [], fromRecord: [] }
  const asked = someEndedBadly(known.needs)
    ? await askAboutJobs(github, known.needs, note)
    : { seen: [], rejection: undefined }
  const jobs = judgeJobs({ ...known, ...asked, environment, runUrl: github.context.run.url })
  for (const name of jobs.fromRecord)
    note({
      message: `the result of the job "${name}" was not among the result files of this run, so the report shows what the record says`,
      next: 'Look at the log of the step that downloads the artifacts.',
    })
  return jobs
}

/** Without an answer the run is linked instead of the job, and no step is named. */
async function askAboutJobs(
  { github, context: { run } }: GithubPlace,
  needs: Needs,
  note: (warning: GithubWarning) => void,
): Promise<{ readonly seen: readonly SeenJob[]; readonly rejection: Rejection | undefined }> {
  const jobs = await orWarning('the jobs of this run could not be read', () =>
    jobsOfRun(github, run),
  )
  if ('warning' in jobs) note(jobs.warning)
  const seen = 'value' in jobs ? jobs.value : []
  if (!mayBeRejected(needs, seen)) return { seen, rejection: undefined }
  const rejection = await orWarning('who rejected an approval could not be read', () =>
    rejectionOf(github, run),
  )
  if ('warning' in rejection) note(rejection.warning)
  return { seen, rejection: 'value' in rejection ? rejection.value : undefined }
}

/** A job that was rejected fails without a step. */
function mayBeRejected(needs: Needs, seen: readonly SeenJob[]): boolean {
  return JOB_IDS.some((id) => {
    if (needs[id]?.result !== 'failure') return false
    const jobs = badJobs(id, seen)
    return jobs.length === 0 || jobs.some(({ step }) => step === null)
  })
}
