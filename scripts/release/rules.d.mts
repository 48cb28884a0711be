export interface ParsedTag {
  readonly version: string
  readonly numbers: readonly [number, number, number]
  readonly prerelease: boolean
}

export interface ReleaseFacts {
  readonly tag: string
  readonly packageVersion: string
  readonly lockVersions: readonly string[]
  readonly changelog: string
  readonly onMain: boolean
}

export function parseTag(tag: string): ParsedTag | undefined
export function changelogEntry(changelog: string, version: string): string | undefined
export function problems(facts: ReleaseFacts): string[]
export function majorTag(tag: string, released: readonly string[]): string | undefined
export function withRelease(
  text: string,
  repository: string,
  release: { readonly version: string; readonly commit: string },
): string
