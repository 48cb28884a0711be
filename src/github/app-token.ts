import { createSign } from 'node:crypto'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { registerSecret } from '../runtime/secrets.ts'
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

/**
 * GitHub takes a JSON web token for at most ten minutes; the clock of this machine may be behind or
 * ahead of GitHub's.
 */
const GOOD_FOR_SECONDS = 540
const CLOCKS_DIFFER_SECONDS = 60

export interface AppTokenRequest {
  readonly context: Pick<GithubContext, 'repository' | 'urls'>
  readonly app: AppKey
  readonly machine: Machine
  /** Left out, all that the installation has. */
  readonly permissions?: { readonly contents: 'read' }
}

/**
 * A token of a GitHub App for one repository; undefined where the app is not installed for it. What
 * it does starts workflows, and it may land workflow files, unlike GITHUB_TOKEN. It is good for an
 * hour.
 * @throws Stop `invalid-input` for a key that is none; GithubError
 */
export async function appToken({
  context: { repository, urls },
  app,
  machine,
  permissions,
}: AppTokenRequest): Promise<AppToken | undefined> {
  registerSecret(app.key)
  const github = await sender({ urls, token: webToken(app, machine.now()), machine })
  const installation = await github
    .send('GET /repos/{owner}/{repo}/installation', {
      owner: repository.owner,
      repo: repository.name,
    })
    .catch((error: unknown) => {
      if (!(error instanceof GithubError) || error.problem !== 'not-found') throw error
      return undefined
    })
  if (installation === undefined) return undefined
  const { id, app_slug: slug } = installation.data
  const { data } = await github.send('POST /app/installations/{installation_id}/access_tokens', {
    installation_id: id,
    repositories: [repository.name],
    ...(permissions === undefined ? {} : { permissions }),
  })
  registerSecret(data.token)
  return { token: data.token, login: `${slug}[bot]` }
}

/**
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
function webToken({ clientId, key }: AppKey, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000)
  const claims = {
    iat: seconds - CLOCKS_DIFFER_SECONDS,
    exp: seconds + GOOD_FOR_SECONDS - CLOCKS_DIFFER_SECONDS,
    iss: clientId,
  }
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  try {
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`
  } catch (cause) {
    throw new Stop('invalid-input', 'ZENML_UPGRADE_APP_KEY is no private key of a GitHub App', {
      next: 'Set it to the whole file that GitHub gave you, with its first and last line.',
      cause,
    })
  }
}
