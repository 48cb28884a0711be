/**
 * What a token needs for a route; the first that fits counts. GitHub's own header tells it to some
 * tokens only.
 */
const NEEDS: readonly (readonly [RegExp, string])[] = [
  [/\/deployments/, 'deployments'],
  [/\/issues\/.*comments|\/commits\/[^/]+\/pulls|\/pulls/, 'pull-requests'],
  [/\/statuses|\/commits\/[^/]+\/status$/, 'statuses'],
  [/\/actions\//, 'actions'],
  [/\/(branches|commits|compare)\b/, 'contents'],
]

/**
 * The permission for a route such as `POST /repos/{owner}/{repo}/deployments`, spelled as in
 * `permissions:` of a workflow. `accepted` is the header x-accepted-github-permissions, such as
 * `deployments=write`.
 */
export function permissionFor(route: string, accepted?: string): string | undefined {
  const known = NEEDS.find(([needing]) => needing.test(route))
  if (known !== undefined) return `${known[1]}: ${route.startsWith('GET ') ? 'read' : 'write'}`
  const [, name, level] = /^\s*([a-z_]+)=(read|write|admin)\b/.exec(accepted ?? '') ?? []
  return name === undefined || level === undefined
    ? undefined
    : `${name.replaceAll('_', '-')}: ${level}`
}
