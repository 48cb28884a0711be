import { createHash } from 'node:crypto'
import type { Config } from '../config/schema.ts'
import type { TrackedFile } from '../runner/git.ts'

export interface TestedContent {
  readonly config: Config
  readonly targetVersion: string
  /** Tracked files of each source, by the source's name; paths relative to the source's root. */
  readonly sources: Readonly<Record<string, readonly TrackedFile[]>>
  /** Path of the configuration file relative to each source root, where it lies inside it. */
  readonly configPath: string
}

/**
 * Digest of what a green staging says something about: the target version, what the file says about pipelines, and the
 * content of each source. Production's own settings and `promotion` are not part of it, nor is the workflow folder.
 */
export function testedDigest({ config, targetVersion, sources, configPath }: TestedContent): string {
  const file = {
    zenml: targetVersion,
    projects: config.projects ?? null,
    sources: config.sources,
    stacks: config.stacks,
    smoke: config.smoke,
    snapshots: config.snapshots,
    exclude: config.exclude,
    execute: config.execute.staging,
    schedules: config.schedules
  }
  const content = Object.entries(sources).map(([name, files]) => [
    name,
    files.filter(({ path }) => path !== configPath && !path.startsWith('.github/')).map(({ path, blob }) => [path, blob])
  ])
  return createHash('sha256').update(canonicalJson({ file, content })).digest('hex')
}

/** JSON whose text depends on the values alone, not on the order in which keys were written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner
  )
}
