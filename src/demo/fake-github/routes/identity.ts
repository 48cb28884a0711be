import { created, isShape, numberParam, ok, param, route, type Call, type Route } from '../call.ts'
import { nextId, now } from '../clock.ts'
import { permissionsOn, personLevel } from '../permissions.ts'
import { notFound, Refusal } from '../refusal.ts'
import { addToken } from '../repositories.ts'
import { fullRepositoryShape } from '../shapes/repository.ts'
import { appShape, ownUserShape, userShape } from '../shapes/users.ts'
import type { Shape } from '../shapes/view.ts'
import type { App, Permissions } from '../state.ts'

export const IDENTITY_ROUTES: readonly Route[] = [
  route('GET', '/repos/{owner}/{repo}', ['metadata:read', 'contents:read'], (call) => {
    const { token, repository } = call
    // What an installation may do is not told here: all is false for its tokens.
    const person = token?.kind === 'user' ? token : null
    const admin = person !== null && personLevel(repository, person.login) === 'admin'
    const push = person !== null && permissionsOn(repository, person).contents === 'write'
    return ok(
      fullRepositoryShape(call.view, repository, {
        admin,
        maintain: admin,
        push,
        triage: push,
        pull: person !== null,
      }),
    )
  }),
  {
    method: 'GET',
    route: '/user',
    needs: 'token',
    handle: (call) => {
      // An installation is no user.
      if (call.token?.kind !== 'user')
        throw new Refusal(403, 'Resource not accessible by integration')
      return ok(ownUserShape(call.view, call.token.login))
    },
  },
  {
    method: 'GET',
    route: '/rate_limit',
    needs: 'token',
    handle: (call) => {
      const { rateLimit: limit } = call.state.behaviour
      const used = call.token?.requests ?? 0
      const rate = { limit, used, remaining: Math.max(0, limit - used), reset: resetOf(call) }
      return ok({ resources: { core: rate, search: rate, graphql: rate }, rate })
    },
  },
  {
    method: 'GET',
    route: '/app',
    needs: 'app',
    handle: (call) => ok(appShape(call.view, appOf(call))),
  },
  {
    method: 'GET',
    route: '/repos/{owner}/{repo}/installation',
    needs: 'app',
    handle: (call) => {
      const app = appOf(call)
      const name = `${param(call, 'owner')}/${param(call, 'repo')}`
      const installation = app.installations.find(({ repositories }) => repositories.includes(name))
      if (installation === undefined) throw notFound()
      return ok(installationShape(call, app, installation))
    },
  },
  {
    method: 'POST',
    route: '/app/installations/{installation_id}/access_tokens',
    needs: 'app',
    handle: (call) => {
      const app = appOf(call)
      const installation = app.installations.find(
        ({ id }) => id === numberParam(call, 'installation_id'),
      )
      if (installation === undefined) throw notFound()
      const secret = `ghs_${app.slug}_${nextId(call.state)}_${'x'.repeat(500)}`
      const permissions = wanted(app, call.body['permissions'])
      const token = addToken(call.state, secret, {
        kind: 'app',
        login: `${app.slug}[bot]`,
        app: app.slug,
        permissions,
        repositories: narrowed(call, installation.repositories),
      })
      const expires = new Date(Date.parse(now(call.state)) + 3_600_000).toISOString()
      return created({
        token: secret,
        expires_at: expires,
        permissions: { metadata: 'read', ...token.permissions },
        repository_selection: 'selected',
      })
    },
  },
]

/** The hour after which the count begins again. */
export function resetOf({ state }: Pick<Call, 'state'>): number {
  return Math.floor(Date.parse(now(state)) / 1000 / 3600) * 3600 + 3600
}

function appOf(call: Call): App {
  const app = call.state.apps[call.app ?? '']
  if (app === undefined) throw new Refusal(401, 'A JSON web token could not be decoded')
  return app
}

/** The permissions asked for, which must be among the app's own. */
function wanted(app: App, asked: unknown): Permissions {
  if (!isShape(asked)) return app.permissions
  const more = Object.entries(asked).some(([name, level]) => {
    const own =
      (app.permissions as Record<string, string | undefined>)[name] ??
      (name === 'metadata' ? 'read' : undefined)
    return own === undefined || (own === 'read' && level === 'write')
  })
  if (more)
    throw new Refusal(422, 'The permissions requested are not granted to this installation.')
  return asked
}

function narrowed(call: Call, repositories: readonly string[]): string[] {
  const names: unknown = call.body['repositories']
  if (!Array.isArray(names)) return [...repositories]
  const kept = repositories.filter((name) => names.includes(name.split('/')[1]))
  if (kept.length < names.length)
    throw new Refusal(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    )
  return kept
}

function installationShape(
  { view }: Call,
  app: App,
  { id, account }: App['installations'][number],
): Shape {
  const at = '2020-01-01T00:00:00Z'
  return {
    id,
    client_id: app.clientId,
    account: userShape(view, account),
    repository_selection: 'selected',
    access_tokens_url: `${view.api}/app/installations/${id}/access_tokens`,
    repositories_url: `${view.api}/installation/repositories`,
    html_url: `${view.state.serverUrl}/settings/installations/${id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: view.state.users[account]?.id ?? 0,
    target_type: 'Organization',
    permissions: { metadata: 'read', ...app.permissions },
    events: [],
    created_at: at,
    updated_at: at,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  }
}
