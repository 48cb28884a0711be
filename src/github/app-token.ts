import { createSign } from 'node:crypto'
import { Stop } from '../report/stop.ts'
import type { Machine } from '../runner/machine.ts'
import { registerSecret } from '../runner/secrets.ts'
import type { GithubContext } from './context.ts'
import { GithubError } from './errors.ts'
import { sender } from './send.ts'

export interface AppToken {
  readonly token: string
  /** Who it acts as: `<slug>[bot]`. */
  readonly login: string
}

export interface AppKey {
  /** Client id of the app; its number works too. */
  readonly clientId: string
  /** Private key, PEM. */
  readonly key: string
}

/** GitHub takes a JSON web token for at most ten minutes; the clock of this machine may be behind or ahead of GitHub's. */
const GOOD_FOR_SECONDS = 540
const CLOCKS_DIFFER_SECONDS = 60

/**
 * A token of a GitHub App for this one repository. What it does starts workflows, and it may land workflow files, unlike GITHUB_TOKEN.
 * It is good for an hour.
 * @throws Stop `invalid-input` for a key that is none; GithubError
 */
export async function appToken({ context: { repository, urls }, app, machine }: { readonly context: Pick<GithubContext, 'repository' | 'urls'>; readonly app: AppKey; readonly machine: Machine }): Promise<AppToken> {
  registerSecret(app.key)
  const github = await sender({ urls, token: webToken(app, machine.now()), machine })
  const { data: installation } = await github.send('GET /repos/{owner}/{repo}/installation', { owner: repository.owner, repo: repository.name }).catch((error: unknown) => {
    if (!(error instanceof GithubError) || error.problem !== 'not-found') throw error
    throw new Stop('invalid-input', `the GitHub App ${app.clientId} is not installed for ${repository.owner}/${repository.name}`, { next: 'Install it for this repository.', cause: error })
  })
  const { data } = await github.send('POST /app/installations/{installation_id}/access_tokens', { installation_id: installation.id, repositories: [repository.name] })
  registerSecret(data.token)
  return { token: data.token, login: `${installation.app_slug}[bot]` }
}

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
function webToken({ clientId, key }: AppKey, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000)
  const claims = { iat: seconds - CLOCKS_DIFFER_SECONDS, exp: seconds + GOOD_FOR_SECONDS - CLOCKS_DIFFER_SECONDS, iss: clientId }
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  try {
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`
  } catch (cause) {
    throw new Stop('invalid-input', 'ZENML_UPGRADE_APP_KEY is no private key of a GitHub App', { next: 'Set it to the whole file that GitHub gave you, with its first and last line.', cause })
  }
}
