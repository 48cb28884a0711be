import type { Machine } from '../runtime/runtime.ts'
import { registerKey } from '../runtime/secrets.ts'
import type { GithubContext, Repository, Urls } from './context.ts'
import { openOctokit, type Octokit } from './octokit.ts'

/** One repository on GitHub, seen with one token. */
export interface Github {
  readonly repository: Repository
  readonly urls: Urls
  readonly machine: Machine
  /**
   * Waits where GitHub asks to, and repeats what failed on the way only where twice does no harm: a
   * POST that may have been carried out is the caller's to look for (`mayBeDone`). Throws
   * GithubError.
   */
  readonly octokit: Octokit
  /** The repository as the methods of Octokit take it. */
  readonly repo: { readonly owner: string; readonly repo: string }
  /** Login this token acts as, as far as it is known: see {@link GithubOptions.login}. */
  login(): Promise<string>
  /** GitHub tells with everything it makes who made it. */
  learnLogin(login: string | undefined): void
}

export interface GithubOptions {
  readonly context: Pick<GithubContext, 'repository' | 'urls'>
  readonly token: string
  readonly machine: Machine
  /**
   * Such as `my-app[bot]` for the token of a GitHub App; left out for GITHUB_TOKEN and for tokens
   * of a person.
   */
  readonly login?: string | undefined
}

/** Login behind every GITHUB_TOKEN. */
export const ACTIONS_LOGIN = 'github-actions[bot]'
/**
 * Tokens of a person begin like this; those of GITHUB_TOKEN and of apps with `ghs_`:
 * https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
 */
const TOKEN_OF_A_PERSON = /^(ghp_|gho_|ghu_|github_pat_)/

/** Makes the client; contacts nothing. */
export async function connectGithub({
  context: { repository, urls },
  token,
  machine,
  login: given,
}: GithubOptions): Promise<Github> {
  registerKey('the token of GitHub', token)
  const octokit = await openOctokit({ urls, credentials: { auth: token }, machine })
  let login = given
  return {
    repository,
    urls,
    machine,
    octokit,
    repo: { owner: repository.owner, repo: repository.name },
    async login() {
      if (login === undefined && TOKEN_OF_A_PERSON.test(token))
        login = (await octokit.rest.users.getAuthenticated()).data.login
      return (login ??= ACTIONS_LOGIN)
    },
    learnLogin: (name) => {
      login = name ?? login
    },
  }
}
