import { marker } from '../report/marker.ts'
import { redact } from '../runner/secrets.ts'
import type { Github } from './client.ts'
import { GithubError, type GithubWarning, warningOf } from './errors.ts'
import { openPromotion, pullRequestOf, type Branches, type PullRequest } from './pull-request.ts'

export interface Proposal {
  readonly branches: Branches
  readonly title: string
  /** Markdown; the marker of `key` is put before it. */
  readonly body: string
  /** Path of the configuration file: by it a pull request of ours is known again. */
  readonly key: string
}

export type Proposed =
  | { readonly kind: 'created' | 'updated' | 'unchanged'; readonly pullRequest: PullRequest }
  /** There is nothing between the two branches. */
  | { readonly kind: 'no-commits' }
  /** A setting or a missing right keeps this token from opening it; a person can, at the address. */
  | { readonly kind: 'forbidden'; readonly setting: string; readonly compareUrl: string; readonly warning: GithubWarning }

/**
 * Sees to it that the promotion is open, once. Title and text of one that a person opened are left as they are.
 * @throws GithubError for what is no refusal of GitHub.
 */
export async function proposePromotion(github: Github, proposal: Proposal): Promise<Proposed> {
  const open = await openPromotion(github, proposal.branches)
  return open === undefined ? create(github, proposal) : update(github, proposal, open)
}

async function create(github: Github, { branches: { head, base }, title, body, key }: Proposal): Promise<Proposed> {
  const text = redact(`${marker(key)}\n${body}`)
  for (let tries = 1; ; tries += 1) {
    try {
      const { data } = await github.call('POST /repos/{owner}/{repo}/pulls', { head, base, title: redact(title), body: text, maintainer_can_modify: false })
      github.learnLogin(data.user.login)
      return { kind: 'created', pullRequest: pullRequestOf(data) }
    } catch (error) {
      if (!(error instanceof GithubError)) throw error
      if (error.problem === 'refused' && /no commits between/i.test(error.detail)) return { kind: 'no-commits' }
      if (error.problem === 'forbidden') return forbidden(github, { head, base }, error)
      // Another run was faster, or our own request was carried out and only its answer was lost.
      const open = error.mayBeDone || error.problem === 'refused' ? await openPromotion(github, { head, base }) : undefined
      if (open !== undefined) return { kind: error.mayBeDone ? 'created' : 'unchanged', pullRequest: open }
      if (!error.mayBeDone || tries === 2) throw error
    }
  }
}

async function update(github: Github, { title, body, key }: Proposal, open: PullRequest): Promise<Proposed> {
  const text = redact(`${marker(key)}\n${body}`)
  const isOurs = open.author === (await github.login()) && sameText(open.body.split('\n')[0] ?? '', marker(key))
  if (!isOurs || (open.title === redact(title) && sameText(open.body, text))) return { kind: 'unchanged', pullRequest: open }
  const { data } = await github.call('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number: open.number, title: redact(title), body: text })
  return { kind: 'updated', pullRequest: pullRequestOf(data) }
}

function forbidden({ urls, repository: { owner, name } }: Github, { head, base }: Branches, error: GithubError): Proposed {
  const bySetting = /not permitted to create or approve pull requests/i.test(error.detail)
  return {
    kind: 'forbidden',
    setting: bySetting ? 'Allow GitHub Actions to create and approve pull requests' : error.permission ?? 'pull-requests: write',
    compareUrl: `${urls.server}/${owner}/${name}/compare/${encodeURIComponent(base)}...${encodeURIComponent(head)}?expand=1`,
    warning: warningOf('the promotion pull request was not opened', error)
  }
}

/** An edit in the browser ends lines as Windows does. */
function sameText(a: string, b: string): boolean {
  return a.replaceAll('\r\n', '\n').trim() === b.replaceAll('\r\n', '\n').trim()
}
