import { withoutKeys } from '../runtime/secrets.ts'
import type { Github } from './client.ts'
import { GithubError, type GithubWarning, warningOf } from './errors.ts'
import { openPromotion, pullRequestOf, type Branches, type PullRequest } from './pull-request.ts'

export interface PromotionText {
  readonly title: string
  /** Markdown. */
  readonly body: string
}

export type Opened =
  /** `found`: another run was faster. */
  | { readonly kind: 'created' | 'found'; readonly pullRequest: PullRequest }
  /** There is nothing between the two branches. */
  | { readonly kind: 'no-commits' }
  /**
   * A setting or a missing right keeps this token from opening it; a person can. `bySetting`: it is
   * the one that forbids it to every workflow.
   */
  | { readonly kind: 'forbidden'; readonly bySetting: boolean; readonly warning: GithubWarning }

/** Opens the promotion, once. @throws GithubError for what is no refusal of GitHub. */
export async function createPromotion(
  github: Github,
  { head, base }: Branches,
  { title, body }: PromotionText,
): Promise<Opened> {
  for (let tries = 1; ; tries += 1) {
    try {
      const { data } = await github.octokit.rest.pulls.create({
        ...github.repo,
        head,
        base,
        title: withoutKeys(title, 'the promotion pull request'),
        body: withoutKeys(body, 'the promotion pull request'),
        maintainer_can_modify: false,
      })
      github.learnLogin(data.user.login)
      return { kind: 'created', pullRequest: pullRequestOf(data) }
    } catch (error) {
      if (!(error instanceof GithubError)) throw error
      if (error.problem === 'refused' && /no commits between/i.test(error.detail))
        return { kind: 'no-commits' }
      if (error.problem === 'forbidden') {
        return {
          kind: 'forbidden',
          bySetting: /not permitted to create or approve pull requests/i.test(error.detail),
          warning: warningOf('the promotion pull request was not opened', error),
        }
      }
      // Another run was faster, or our own request was carried out and only its answer was lost.
      const open =
        error.mayBeDone || error.problem === 'refused'
          ? await openPromotion(github, { head, base })
          : undefined
      if (open !== undefined)
        return { kind: error.mayBeDone ? 'created' : 'found', pullRequest: open }
      if (!error.mayBeDone || tries === 2) throw error
    }
  }
}

/** Changes title and text of the promotion. @throws GithubError */
export async function editPromotion(
  github: Github,
  number: number,
  { title, body }: PromotionText,
): Promise<PullRequest> {
  const { data } = await github.octokit.rest.pulls.update({
    ...github.repo,
    pull_number: number,
    title: withoutKeys(title, 'the promotion pull request'),
    body: withoutKeys(body, 'the promotion pull request'),
  })
  return pullRequestOf(data)
}
