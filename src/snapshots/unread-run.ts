import { sentence } from '../core/text.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import { ApiError } from '../zenml/api-error.ts'
import type { Problem } from './blueprint.ts'
import type { ExecuteContext } from './execute-context.ts'
import { failed } from './reports.ts'

interface FollowedRun {
  readonly name: string
  /** Of its snapshot. */
  readonly report: SnapshotReport
  /** How its process failed, where it did. */
  readonly problem?: Problem
}

/**
 * Follows a run that was started. One that the server refuses to tell about, such as a deleted one,
 * fails its snapshot alone, and is stopped or named.
 */
export async function orUnread(
  { runs }: Pick<ExecuteContext, 'runs'>,
  { name, report, problem }: FollowedRun,
  follow: () => Promise<SnapshotReport>,
): Promise<SnapshotReport> {
  try {
    return await follow()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const isGone = error.status === 404 && error.className !== undefined
    if (isGone) runs.ended(name)
    const stopped = await runs.stopIfOpen(name)
    const sentences = [
      ...(problem === undefined ? [] : [problem.message]),
      isGone
        ? `Its run ${name} was deleted before its end was read: ${error.detail}`
        : `Its run ${name} could not be read: ${error.detail}`,
      ...(stopped === undefined ? [] : [stopped]),
    ]
    return failed(report, 'execute', {
      message: sentences.map(sentence).join(' '),
      next:
        problem?.next ?? error.next ?? 'Run this again, and leave its runs alone until it ends.',
    })
  }
}
