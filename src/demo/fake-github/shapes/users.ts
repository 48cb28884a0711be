import type { App } from '../state.ts'
import { nodeId, type Shape, type View } from './view.ts'

const CREATED = '2020-01-01T00:00:00Z'

/** A user the state does not know is GitHub's `ghost`, whom it shows for deleted accounts. */
export function userShape({ state, api }: View, login: string): Shape {
  const { id, type } = state.users[login] ?? { id: 10_137, type: 'User' }
  const url = `${api}/users/${encodeURIComponent(login)}`
  return {
    login,
    id,
    node_id: nodeId('User', id),
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url:
      type === 'Bot'
        ? `${state.serverUrl}/apps/${login.replace(/\[bot\]$/, '')}`
        : `${state.serverUrl}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false,
  }
}

/** What `GET /user` tells a person. */
export function ownUserShape(view: View, login: string): Shape {
  return {
    ...userShape(view, login),
    user_view_type: 'private',
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    notification_email: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: CREATED,
    updated_at: CREATED,
    private_gists: 0,
    total_private_repos: 0,
    owned_private_repos: 0,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
  }
}

export function appShape(view: View, app: App): Shape {
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    owner: userShape(view, 'github'),
    name: app.name,
    description: '',
    external_url: `https://${app.slug}.example.com`,
    html_url: `${view.state.serverUrl}/apps/${app.slug}`,
    created_at: CREATED,
    updated_at: CREATED,
    permissions: { metadata: 'read', ...app.permissions },
    events: [],
  }
}

/** `performed_via_github_app`. */
export function viaApp(view: View, slug: string | null): Shape | null {
  const app = slug === null ? undefined : view.state.apps[slug]
  return app === undefined || !view.state.behaviour.tellsApp ? null : appShape(view, app)
}
