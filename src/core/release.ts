/** A release of zenml-upgrade: its version without `v`, and its commit. */
export interface Release {
  readonly version: string
  readonly commit: string
}

/**
 * The last release, at which workflows use our actions. `scripts/release/main.mjs pin` writes it
 * here and wherever a file names it; forty zeros until there is a release.
 */
export const LAST_RELEASE: Release = {
  version: '0.0.0',
  commit: '0000000000000000000000000000000000000000',
}
