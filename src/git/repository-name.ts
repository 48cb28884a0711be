/** `owner/name` in the address of a repository, as GitHub and GitLab write it; else undefined. */
export function repositoryName(address: string): string | undefined {
  const path = /^(?:[a-z+]+:\/\/[^/]+\/|[^/:@\s]+@[^/:\s]+:\/?)(.+)$/.exec(address.trim())?.[1]
  const name = path?.replace(/\/+$/, '').replace(/\.git$/, '')
  return name !== undefined && /^[^/]+(?:\/[^/]+)+$/.test(name) ? name : undefined
}
