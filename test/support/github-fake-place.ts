import { person } from '../../src/demo/fake-github/actor.ts'
import { push } from '../../src/demo/fake-github/branches.ts'
import {
  addActionsToken,
  addRepository,
  addUser,
  addUserToken,
  ALL_PERMISSIONS,
  emptyState,
  READ_ONLY,
} from '../../src/demo/fake-github/repositories.ts'
import type { Repository, State } from '../../src/demo/fake-github/state.ts'

/**
 * Secrets of the three who ask: a job, a job of a fork's pull request, a person with write access.
 */
export const JOB = 'ghs_job'
export const FORK_JOB = 'ghs_fork_job'
export const OCTOCAT = 'ghp_octocat'
export const octocat = person('octocat')
export const R = '/repos/acme/platform'

export interface Place {
  readonly state: State
  readonly repository: Repository
}

/** `acme/platform` with `main` and, one commit ahead, `staging`. */
export function place(options: Parameters<typeof addRepository>[2] = {}): Place {
  const state = emptyState()
  const repository = addRepository(state, 'acme/platform', {
    collaborators: { octocat: 'write' },
    ...options,
  })
  addUser(state, 'octocat')
  addActionsToken(state, JOB, repository, ALL_PERMISSIONS)
  addActionsToken(state, FORK_JOB, repository, READ_ONLY)
  addUserToken(state, OCTOCAT, 'octocat', { ...ALL_PERMISSIONS, workflows: 'write' })
  const start = push(state, repository, {
    branch: 'main',
    message: 'The start',
    actor: octocat,
    change: {
      'zenml-upgrade.yml': 'zenml: 0.94.1\n',
      '.github/workflows/zenml-upgrade.yml': 'on: push\n',
      'churn/train.py': 'train\n',
    },
  })
  push(state, repository, {
    branch: 'staging',
    from: start,
    message: 'ZenML 0.98.0',
    actor: octocat,
    change: { 'zenml-upgrade.yml': 'zenml: 0.98.0\n' },
  })
  return { state, repository }
}
