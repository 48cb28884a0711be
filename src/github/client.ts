import type { Endpoints } from '@octokit/types'
import type { Machine } from '../runner/machine.ts'
import { registerSecret } from '../runner/secrets.ts'
import { fetchBy } from '../zenml/fetch.ts'
import type { GithubContext, Repository, Urls } from './context.ts'
import { GithubError } from './errors.ts'
import { firstPause, judge } from './judge.ts'

export type Route = keyof Endpoints & `${string} /repos/{owner}/{repo}/${string}`
/** What a route takes besides the repository. */
export type Parameters<R extends Route> = Omit<Endpoints[R]['parameters'], 'owner' | 'repo' | 'headers'>
export type Answer<R extends Route> = Endpoints[R]['response']

export interface CallOptions {
  /** Lets clean-up through after the command was stopped; it is then tried once. */
  readonly evenWhenStopped?: boolean
}

/** One repository on GitHub, seen with one token. */
export interface Github {
  readonly repository: Repository
  readonly urls: Urls
  readonly machine: Machine
  /**
   * Sends one request and waits where GitHub asks to. Repeats what failed on the way only where twice does no harm: a POST that
   * may have been taken is the caller's to look for ({@link GithubError.mayBeDone}).
   * @throws GithubError
   */
  call<R extends Route>(route: R, parameters: Parameters<R>, options?: CallOptions): Promise<Answer<R>>
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
  /** Such as `my-app[bot]` for the token of a GitHub App; left out for GITHUB_TOKEN and for tokens of a person. */
  readonly login?: string | undefined
}

/** Login behind every GITHUB_TOKEN. */
export const ACTIONS_LOGIN = 'github-actions[bot]'
/** Tokens of a person begin like this; those of GITHUB_TOKEN and of apps with `ghs_`: https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/ */
const TOKEN_OF_A_PERSON = /^(ghp_|gho_|ghu_|github_pat_)/

const TIMEOUT_SECONDS = 30
/** At most so long is waited for one request, all pauses together. A longer wish of GitHub is not waited for. */
const PATIENCE_SECONDS = 180
const TRIES = 4

/** Whether a list goes on. https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
export function hasNextPage({ link }: { readonly link?: string | undefined }): boolean {
  return /;\s*rel="?next"?/.test(link ?? '')
}

/** Makes the client; contacts nothing. Octokit is loaded here, so that a command without GitHub does not pay for it. */
export async function connectGithub({ context: { repository, urls }, token, machine, login: given }: GithubOptions): Promise<Github> {
  registerSecret(token)
  const { request } = await import('@octokit/request')
  const api = new URL(urls.api)
  const fetch = fetchBy(machine)
  const send = request.defaults({
    baseUrl: urls.api,
    headers: { authorization: `Bearer ${token}`, 'user-agent': `zenml-upgrade/${__VERSION__}`, 'x-github-api-version': '2022-11-28' },
    request: { fetch }
  })
  let sent = 0
  let login = given

  const attempt = async (route: string, parameters: object, evenWhenStopped: boolean): Promise<{ status: number; data: unknown }> => {
    const timeout = AbortSignal.timeout(TIMEOUT_SECONDS * 1000)
    const signal = evenWhenStopped ? timeout : AbortSignal.any([machine.signal, timeout])
    sent += 1
    const answer = (await send(route, { ...parameters, request: { signal } })) as { status: number; headers: Record<string, unknown>; data: unknown }
    // A login page of a proxy, or a repository that was renamed.
    if (answer.status >= 300 || (typeof answer.data === 'string' && answer.data !== '')) {
      throw Object.assign(new Error('no JSON'), { response: { ...answer, data: answer.status >= 300 ? { message: 'the address leads elsewhere; was the repository renamed?' } : answer.data } })
    }
    return answer
  }

  const call = async (route: string, parameters: object, { evenWhenStopped = false }: CallOptions = {}): Promise<{ status: number; data: unknown }> => {
    let slept = 0
    let growing: number | undefined
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt(route, parameters, evenWhenStopped)
      } catch (error) {
        if (!evenWhenStopped) machine.signal.throwIfAborted()
        const { facts, again } = judge(error, route, api, machine)
        growing = growing === undefined ? firstPause(facts.problem) : growing * 2
        const pause = again?.waitSeconds ?? growing
        if (again === undefined || tries === TRIES || slept + pause > PATIENCE_SECONDS || machine.signal.aborted) throw new GithubError(facts)
        machine.log.info(`GitHub: ${facts.problem} for ${route}; once more in ${Math.ceil(pause)} s`)
        await machine.sleep(pause)
        slept += pause
      }
    }
  }

  return {
    repository,
    urls,
    machine,
    call: async <R extends Route>(route: R, parameters: Parameters<R>, options?: CallOptions) =>
      (await call(route, { owner: repository.owner, repo: repository.name, ...parameters }, options)) as Answer<R>,
    async login() {
      if (login === undefined && TOKEN_OF_A_PERSON.test(token)) login = ((await call('GET /user', {})).data as { login: string }).login
      return (login ??= ACTIONS_LOGIN)
    },
    learnLogin: (name) => { login = name ?? login },
    requests: () => sent
  }
}
