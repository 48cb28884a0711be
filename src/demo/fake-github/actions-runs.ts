import { fullName } from './actor.ts'
import { nextId, now } from './clock.ts'
import { notFound } from './refusal.ts'
import type { Repository, Run, State } from './state.ts'

/** A run of a workflow; by default one that is under way, of a push of the branch's tip. */
export function addRun(
  state: State,
  repository: Repository,
  run: Pick<Run, 'headBranch'> & Partial<Run>,
): Run {
  const made: Run = {
    id: nextId(state),
    path: '.github/workflows/zenml-upgrade.yml',
    name: 'zenml-upgrade',
    number: repository.runs.length + 1,
    attempt: 1,
    event: 'push',
    headSha: repository.branches[run.headBranch] ?? '',
    headRepository: fullName(repository),
    actor: 'octocat',
    status: 'in_progress',
    conclusion: null,
    createdAt: now(state),
    jobs: [],
    approvals: [],
    ...run,
  }
  repository.runs.push(made)
  return made
}

export function runOf(repository: Repository, id: number): Run {
  const run = repository.runs.find((candidate) => candidate.id === id)
  if (run === undefined) throw notFound()
  return run
}

/** "Re-run all jobs": the same run, the same commit, the next attempt. */
export function rerun(state: State, run: Run): void {
  run.attempt += 1
  run.status = 'in_progress'
  run.conclusion = null
  run.createdAt = now(state)
}
