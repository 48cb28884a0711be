/** A repository as an address or a registered code repository names it. */
export interface RepositoryName {
  /** In lower case, without a port; undefined where it is not known. */
  readonly host: string | undefined
  /** `owner/name`. */
  readonly path: string
}

/** The repository of an address, as GitHub and GitLab write it; else undefined. */
export function repositoryName(address: string): RepositoryName | undefined {
  const [, before = '', after = ''] =
    /^((?:[a-z+]+:\/\/[^/]+(?=\/))|[^/:@\s]+@[^/:\s]+(?=:))[:/]\/?(.+)$/.exec(address.trim()) ?? []
  const path = after.replace(/\/+$/, '').replace(/\.git$/, '')
  if (!/^[^/]+(?:\/[^/]+)+$/.test(path)) return undefined
  return { host: hostOf(before), path }
}

/** Whether two names are of one repository, as far as they are known. Pure. */
export function isSameRepository(one: RepositoryName, other: RepositoryName): boolean {
  const [ownHost, otherHost] = [one.host, other.host].map(knownHost)
  return (
    one.path.toLowerCase() === other.path.toLowerCase() &&
    (ownHost === undefined || otherHost === undefined || ownHost === otherHost)
  )
}

function hostOf(before: string): string | undefined {
  return /^(?:[a-z+]+:\/\/)?(?:[^@]*@)?([^:/]+)/.exec(before)?.[1]?.toLowerCase()
}

/** An alias in the configuration of SSH has no dot, and may stand for any host. */
function knownHost(host: string | undefined): string | undefined {
  if (host?.includes('.') !== true) return undefined
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^(?:ssh|altssh)\.(?=git(?:hub|lab)\.com$)/, '')
}
