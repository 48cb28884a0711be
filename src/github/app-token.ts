import { createPrivateKey } from 'node:crypto'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { registerKey } from '../runtime/secrets.ts'
import type { GithubContext } from './context.ts'
import { GithubError } from './errors.ts'
import { openOctokit } from './octokit.ts'

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
  registerKey('ZENML_UPGRADE_APP_KEY', app.key)
  assertPrivateKey(app.key)
  const { createAppAuth: authStrategy } = await import('@octokit/auth-app')
  const credentials = { authStrategy, auth: { appId: app.clientId, privateKey: app.key } }
  const octokit = await openOctokit({ urls, credentials, machine })
  const installation = await octokit.rest.apps
    .getRepoInstallation({ owner: repository.owner, repo: repository.name })
    .catch((error: unknown) => {
      if (!(error instanceof GithubError) || error.problem !== 'not-found') throw error
      return undefined
    })
  if (installation === undefined) return undefined
  const { id, app_slug: slug } = installation.data
  const { data } = await octokit.rest.apps.createInstallationAccessToken({
    installation_id: id,
    repositories: [repository.name],
    ...(permissions === undefined ? {} : { permissions }),
  })
  registerKey('the token of the GitHub App', data.token)
  return { token: data.token, login: `${slug}[bot]` }
}

/** @throws Stop `invalid-input` for what is no private key */
function assertPrivateKey(key: string): void {
  try {
    createPrivateKey(key)
  } catch (cause) {
    throw new Stop('invalid-input', 'ZENML_UPGRADE_APP_KEY is no private key of a GitHub App', {
      next: 'Set it to the whole file that GitHub gave you, with its first and last line.',
      cause,
    })
  }
}
