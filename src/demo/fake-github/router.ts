import type { Route } from './call.ts'
import { RUN_ROUTES } from './routes/actions-runs.ts'
import { COMMENT_ROUTES } from './routes/comments.ts'
import { COMMIT_ROUTES } from './routes/commits.ts'
import { CONTENT_ROUTES } from './routes/contents.ts'
import { DEPLOYMENT_ROUTES } from './routes/deployments.ts'
import { IDENTITY_ROUTES } from './routes/identity.ts'
import { LABEL_ROUTES } from './routes/labels.ts'
import { PULL_ROUTES } from './routes/pulls.ts'
import { REF_ROUTES } from './routes/refs.ts'
import { STATUS_ROUTES } from './routes/statuses.ts'

/** Every route the fake has, named as in GitHub's description. */
export const ROUTES: readonly Route[] = [
  ...COMMENT_ROUTES,
  ...PULL_ROUTES,
  ...DEPLOYMENT_ROUTES,
  ...STATUS_ROUTES,
  ...LABEL_ROUTES,
  ...RUN_ROUTES,
  ...COMMIT_ROUTES,
  ...REF_ROUTES,
  ...CONTENT_ROUTES,
  ...IDENTITY_ROUTES,
]

/** Parameters that may hold slashes, encoded or not. */
const WITH_SLASHES = new Set(['path', 'ref', 'branch', 'basehead', 'tree_sha', 'commit_sha'])

const MATCHERS = ROUTES.map((entry) => ({ entry, pattern: pattern(entry.route) }))
  // Fixed words before parameters: `/commits/{ref}/status` before `/commits/{ref}`.
  .sort((left, right) => right.entry.route.split('/').length - left.entry.route.split('/').length)

export function findRoute(
  method: string,
  path: string,
): { readonly route: Route; readonly params: Record<string, string> } | undefined {
  for (const { entry, pattern: expression } of MATCHERS) {
    const match = entry.method === method ? expression.exec(path) : null
    if (match === null) continue
    const values = match.slice(1).map((value) => decodeURIComponent(value))
    const names = [...entry.route.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    return {
      route: entry,
      params: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])),
    }
  }
  return undefined
}

function pattern(route: string): RegExp {
  const source = route
    .replace(/[.]/g, '\\.')
    .replace(/\{(\w+)\}/g, (_, name: string) => (WITH_SLASHES.has(name) ? '(.*)' : '([^/]+)'))
  return new RegExp(`^${source}$`)
}
