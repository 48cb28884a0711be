import type { CommitStatus } from '../../src/demo/fake-github/state.ts'
import type { Team } from './team.ts'

/** The newest status of the promotion at any commit; undefined when there is none. */
export function newestStatus({
  repository,
}: Team): Pick<CommitStatus, 'sha' | 'state' | 'description'> | undefined {
  const newest = repository.statuses.findLast(
    ({ context }) => context === 'zenml-upgrade/promotion',
  )
  return newest === undefined
    ? undefined
    : { sha: newest.sha, state: newest.state, description: newest.description }
}
