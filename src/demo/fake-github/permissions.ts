import { fullName } from './actor.ts'
import type { Need } from './call.ts'
import { notFound, Refusal } from './refusal.ts'
import type { Level, PermissionName, Permissions, Repository, Token } from './state.ts'

const RANK = { none: 0, read: 1, write: 2, admin: 3 }

/**
 * Whether a token may do one of `needs` here, as GitHub decides it: everybody reads what is public;
 * what a token cannot see is not found; what it sees but may not do is refused.
 * @throws Refusal 401, 403 or 404 in GitHub's words.
 */
export function authorize(
  repository: Repository,
  token: Token | null,
  needs: readonly Need[],
): void {
  if (!sees(repository, token)) throw notFound()
  const wanted = needs.map((need) => need.split(':') as [PermissionName, Level])
  if (wanted.length === 0 || (!repository.private && wanted.some(([, level]) => level === 'read')))
    return
  if (token === null) throw new Refusal(401, 'Requires authentication')
  const has = permissionsOn(repository, token)
  if (wanted.some(([name, level]) => RANK[has[name] ?? 'none'] >= RANK[level])) return
  throw new Refusal(
    403,
    `Resource not accessible by ${token.kind === 'user' ? 'personal access token' : 'integration'}`,
  )
}

function sees(repository: Repository, token: Token | null): boolean {
  if (!repository.private) return true
  if (token === null) return false
  return (
    isFor(repository, token) &&
    (token.kind !== 'user' || personLevel(repository, token.login) !== 'none')
  )
}

function isFor(repository: Repository, token: Token): boolean {
  return token.repositories?.includes(fullName(repository)) ?? true
}

/** What the token may do in this repository. */
export function permissionsOn(repository: Repository, token: Token): Permissions {
  if (!isFor(repository, token)) return {}
  if (token.kind !== 'user') return token.permissions
  const level = personLevel(repository, token.login)
  const may = (name: PermissionName): Level | undefined => {
    const own = token.permissions[name]
    // Whoever reads may also comment and open pull requests.
    const open = name === 'issues' || name === 'pull_requests'
    return own === 'write' && RANK[level] < RANK.write && !open ? 'read' : own
  }
  const names = Object.keys(token.permissions) as PermissionName[]
  return Object.fromEntries(names.map((name) => [name, may(name)]))
}

/** @returns how far a person may go, whatever the token. */
export function personLevel(repository: Repository, login: string): keyof typeof RANK {
  return login === repository.owner
    ? 'admin'
    : (repository.collaborators[login] ?? (repository.private ? 'none' : 'read'))
}

/** Whether a push or a merge with this token may change files of workflows. */
export function mayWriteWorkflows(repository: Repository, token: Token | null): boolean {
  return token !== null && permissionsOn(repository, token).workflows === 'write'
}
