// The users' workflow file run by act for a team on the fake GitHub, with the bundle, and what a
// person sees of it afterwards.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { addRun, rerun } from '../../src/demo/fake-github/actions-runs.ts'
import { jobEnvironment } from '../../src/demo/fake-github/job-environment.ts'
import type { Pull, Run } from '../../src/demo/fake-github/state.ts'
import { runAct, type ActOptions, type ActRun, type EndedJob, type Suite } from './act.ts'
import type { Team } from './team.ts'

const WORKFLOW = '.github/workflows/zenml-upgrade.yml'

export interface FlowRun {
  /** The branch that is pushed, or that a pull request comes from. */
  readonly branch: string
  readonly event?: 'push' | 'pull_request'
  readonly pull?: Pull
  readonly token?: string
  readonly actor?: string
  readonly secrets?: Readonly<Record<string, string>>
  /** The run that is re-run with all its artifacts; left out, a new one. */
  readonly again?: EndedRun
  /** Name of an artifact that is listed and cannot be downloaded, once a job has kept it. */
  readonly lost?: string
}

export interface EndedRun {
  readonly act: ActRun
  readonly run: Run
  /** Directory that holds the artifacts, which outlives the attempt. */
  readonly artifacts: string
}

/** Runs what is checked out in the clone of the team, and shows GitHub each job at its end. */
export async function runTeam(suite: Suite, place: Team, options: FlowRun): Promise<EndedRun> {
  const { branch, event = 'push', pull, token = 'ghs_job', actor = 'octocat' } = options
  const run =
    options.again?.run ??
    addRun(place.state, place.repository, { headBranch: branch, event, actor })
  if (options.again !== undefined) rerun(place.state, run)
  run.jobs.length = 0
  const artifacts =
    options.again?.artifacts ?? (await mkdtemp(join(place.directory, '..', 'artifacts-')))
  const job = jobEnvironment({
    state: place.state,
    repository: place.repository,
    run,
    api: place.fake.url,
    job: '',
    token,
    ...(pull === undefined ? {} : { pull }),
  })
  const act = await runAct({
    suite,
    repository: place.directory,
    workflow: WORKFLOW,
    event,
    actor,
    runId: run.id,
    attempt: run.attempt,
    artifacts,
    payload: JSON.parse(job.event) as ActOptions['payload'],
    secrets: { GITHUB_TOKEN: token, ...options.secrets },
    env: {
      GITHUB_API_URL: place.fake.url,
      GITHUB_WORKFLOW_REF: job.env['GITHUB_WORKFLOW_REF'] ?? '',
    },
    onJob(ended) {
      show(run, ended)
      if (options.lost !== undefined) lose(join(artifacts, options.lost))
    },
  })
  Object.assign(run, { status: 'completed', conclusion: act.succeeded ? 'success' : 'failure' })
  return { act, run, artifacts }
}

/** A file in place of a directory, as the stand-in of the download takes it. */
function lose(artifact: string): void {
  if (!existsSync(artifact)) return
  rmSync(artifact, { recursive: true })
  writeFileSync(artifact, '')
}

function show(run: Run, { name, conclusion, startedAt, steps }: EndedJob): void {
  run.jobs.push({
    id: 700 + run.jobs.length,
    name,
    status: 'completed',
    conclusion,
    startedAt,
    steps: [...steps],
  })
}
