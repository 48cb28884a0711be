import { writeComment, type CommentResult } from '../../github/comment.ts'
import type { PullRequestRef } from '../../github/pull-request.ts'
import { renderComment } from '../../report/comment.ts'
import type { GithubPages } from '../../report/context.ts'
import type { JobEnd } from '../../report/job-end.ts'
import { shownPlans } from '../../report/kept-plan.ts'
import type { FoundResults } from '../../result/read-results.ts'
import { withoutKeysIn } from '../../runtime/secrets.ts'
import type { Content } from '../../session/content.ts'
import type { GithubPlace, Place } from '../../state/backend.ts'
import type { CommandContext } from '../command.ts'
import { footLinks } from './github-pages.ts'
import { recordStamp, withRecord, type Recorded } from './recorded.ts'

interface Job {
  readonly inputs: CommandContext<'report'>['inputs']
  readonly place: Place
  readonly github: GithubPlace
  readonly found: FoundResults
}

/** What comment, summary and files say alike. */
export interface Reported extends Recorded {
  readonly content: Content | undefined
  /** How the jobs of this run ended. */
  readonly jobs: readonly JobEnd[]
  readonly pages: GithubPages
}

/**
 * Writes the one comment of the pull request. A run that changes nothing of the upgrade creates
 * none.
 */
export async function writeReportComment(
  job: Job,
  { number, head }: PullRequestRef,
  { content, results, history, jobs, pages }: Reported,
): Promise<CommentResult> {
  const { inputs, github, place } = job
  let round = 0
  const known = {
    configPath: inputs.config,
    jobs,
    branches: { head: inputs.head, base: inputs.base },
    github: pages,
    ...footLinks(github.context),
  }
  return writeComment(github.github, {
    pullRequest: number,
    key: inputs.config,
    onlyExisting: isUnrelated(job, head?.branch),
    async compose(text = '') {
      round += 1
      if (round > 1) github.attempts.reread()
      // What could not be read was reported the first time.
      const now = round > 1 ? await withRecord(job, content, () => undefined) : { results, history }
      // A plan is not recorded, and its run is not this one: what it said stands in the comment
      // alone.
      const shown = shownPlans(text).filter(({ target }) => target === content?.target)
      return {
        body: renderComment(withoutKeysIn({ ...now, ...known, shown }, 'the comment')),
        stamp: await recordStamp(place),
      }
    },
  })
}

/**
 * A pull request that changes nothing of the upgrade gets no comment; the promotion shows what
 * staging found.
 */
function isUnrelated(
  { inputs, found, github: { context } }: Job,
  headBranch: string | undefined,
): boolean {
  return (
    (context.event.kind === 'pull-request' || context.event.kind === 'merge-group') &&
    headBranch !== inputs.head &&
    found.results.some(
      (result) => result.command === 'plan' && result.details?.['changes-upgrade'] === false,
    )
  )
}
