/** Pages below docs/ that messages send a reader to. */
export type DocsPage = 'backups' | 'configuration' | 'drivers'

/**
 * Address of a page: whoever reads a message has the repository of the pipelines at hand, not this
 * one.
 */
export function docsUrl(page: DocsPage, repository = __REPOSITORY__): string {
  return `https://github.com/${repository}/blob/main/docs/${page}.md`
}
