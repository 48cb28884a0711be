import type { Machine } from '../runtime/runtime.ts'
import type { GithubContext, Repository, Urls } from './context.ts'
import { sender, type Answer, type CallOptions, type Parameters, type Route } from './send.ts'

/** A route of a repository; owner and name are known. */
type RepositoryRoute = Route & `${string} /repos/{owner}/{repo}/${string}`

/** One repository on GitHub, seen with one token. */
export interface Github {
  readonly repository: Repository
  readonly urls: Urls
  readonly machine: Machine
  /**
   * Sends one request and waits where GitHub asks to. Repeats what failed on the way only where
   * twice does no harm: a POST that may have been taken is the caller's to look for (`mayBeDone`).
   * @throws GithubError
   */
  call<R extends RepositoryRoute>(
    route: R,
    parameters: Omit<Parameters<R>, 'owner' | 'repo'>,
    options?: CallOptions,
  ): Promise<Answer<R>>
  /** Login this token acts as, as far as it is known: see {@link GithubOptions.login}. */
  login(): Promise<string>
  /** GitHub tells with everything it makes who made it. */
  learnLogin(login: string | undefined): void
  /** Requests sent so far, each repetition counted. */
  requests(): number
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
  const github = await sender({ urls, token, machine })
  let login = given
  return {
    repository,
    urls,
    machine,
    // TypeScript cannot see that owner and name are what was left out.
    call: (route, parameters, options) =>
      github.send(
        route,
        { owner: repository.owner, repo: repository.name, ...parameters } as never,
        options,
      ),
    async login() {
      if (login === undefined && TOKEN_OF_A_PERSON.test(token))
        login = (await github.send('GET /user', {})).data.login
      return (login ??= ACTIONS_LOGIN)
    },
    learnLogin: (name) => {
      login = name ?? login
    },
    requests: () => github.requests(),
  }
}
