import { runOf } from '../actions-runs.ts'
import { tell } from '../actor.ts'
import {
  NO_CONTENT,
  numberParam,
  ok,
  page,
  param,
  route,
  text,
  type Answer,
  type RepositoryCall,
  type Route,
} from '../call.ts'
import { notFound, Refusal } from '../refusal.ts'
import { approvalShape, jobShape, runShape } from '../shapes/records.ts'
import type { Run } from '../state.ts'

export const RUN_ROUTES: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/actions/runs', ['actions:read'], (call) =>
    runList(call, call.repository.runs),
  ),
  route(
    'GET',
    '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
    ['actions:read'],
    (call) => {
      const file = `/${param(call, 'workflow_id')}`
      return runList(
        call,
        call.repository.runs.filter(({ path }) => path.endsWith(file)),
      )
    },
  ),
  route('GET', '/repos/{owner}/{repo}/actions/runs/{run_id}', ['actions:read'], (call) =>
    ok(runShape(call.view, call.repository, runOf(call.repository, numberParam(call, 'run_id')))),
  ),
  route(
    'GET',
    '/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}',
    ['actions:read'],
    (call) => {
      const run = runOf(call.repository, numberParam(call, 'run_id'))
      const attempt = numberParam(call, 'attempt_number')
      if (attempt < 1 || attempt > run.attempt) throw notFound()
      return ok(
        runShape(call.view, call.repository, {
          ...run,
          attempt,
          ...(attempt < run.attempt ? { status: 'completed' } : {}),
        }),
      )
    },
  ),
  route('GET', '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs', ['actions:read'], (call) =>
    jobList(call, runOf(call.repository, numberParam(call, 'run_id'))),
  ),
  route(
    'GET',
    '/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs',
    ['actions:read'],
    (call) => {
      const run = runOf(call.repository, numberParam(call, 'run_id'))
      // The fake keeps the jobs of the newest attempt alone.
      if (numberParam(call, 'attempt_number') !== run.attempt) throw notFound()
      return jobList(call, run)
    },
  ),
  route('GET', '/repos/{owner}/{repo}/actions/runs/{run_id}/approvals', ['actions:read'], (call) =>
    ok(
      runOf(call.repository, numberParam(call, 'run_id')).approvals.map((approval) =>
        approvalShape(call.view, call.repository, approval),
      ),
    ),
  ),
  route(
    'POST',
    '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
    ['actions:write'],
    (call) => {
      const ref = text(call, 'ref').replace(/^refs\/heads\//, '')
      const sha = call.repository.branches[ref]
      if (sha === undefined) throw new Refusal(422, `No ref found for: ${ref}`)
      const path = `.github/workflows/${param(call, 'workflow_id')}`
      if (
        call.repository.commits[call.repository.branches[call.repository.defaultBranch] ?? '']
          ?.files[path] === undefined
      )
        throw notFound()
      tell(call.state, call.repository, call.actor, {
        name: 'workflow_dispatch',
        action: path,
        ref: `refs/heads/${ref}`,
        sha,
      })
      return NO_CONTENT
    },
  ),
]

/** The newest first; the filters are those of the query. */
function runList(call: RepositoryCall, runs: readonly Run[]): Answer {
  const { searchParams: query } = call.url
  const wanted = (name: string, value: string | null): boolean =>
    [null, value].includes(query.get(name))
  const found = runs
    .filter(
      (run) =>
        wanted('branch', run.headBranch) &&
        wanted('event', run.event) &&
        wanted('head_sha', run.headSha) &&
        wanted('actor', run.actor) &&
        (wanted('status', run.status) || wanted('status', run.conclusion)),
    )
    .sort((left, right) => right.id - left.id)
  return page(
    call,
    found,
    (run) => runShape(call.view, call.repository, run),
    (rows) => ({ total_count: found.length, workflow_runs: rows }),
  )
}

function jobList(call: RepositoryCall, run: Run): Answer {
  return page(
    call,
    run.jobs,
    (job) => jobShape(call.view, call.repository, run, job),
    (rows) => ({ total_count: run.jobs.length, jobs: rows }),
  )
}
