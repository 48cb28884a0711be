import { runOf } from '../actions-runs.ts'
import { tell } from '../actor.ts'
import { NO_CONTENT, numberParam, ok, page, param, route, text, type Route } from '../call.ts'
import { notFound, Refusal } from '../refusal.ts'
import { jobShape, runShape } from '../shapes/records.ts'
import type { Run } from '../state.ts'

export const RUN_ROUTES: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}/actions/runs', ['actions:read'], (call) => {
    const { searchParams: query } = call.url
    const wanted = (name: string, value: string | null): boolean =>
      [null, value].includes(query.get(name))
    const fits = (run: Run): boolean =>
      wanted('branch', run.headBranch) &&
      wanted('event', run.event) &&
      wanted('head_sha', run.headSha) &&
      wanted('actor', run.actor) &&
      (wanted('status', run.status) || wanted('status', run.conclusion))
    const newestFirst = call.repository.runs.filter(fits).sort((left, right) => right.id - left.id)
    return page(
      call,
      newestFirst,
      (run) => runShape(call.view, call.repository, run),
      (rows) => ({ total_count: newestFirst.length, workflow_runs: rows }),
    )
  }),
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
  route('GET', '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs', ['actions:read'], (call) => {
    const run = runOf(call.repository, numberParam(call, 'run_id'))
    return page(
      call,
      run.jobs,
      (job) => jobShape(call.view, call.repository, run, job),
      (rows) => ({ total_count: run.jobs.length, jobs: rows }),
    )
  }),
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
