import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import * as z from 'zod'
import { ENVIRONMENTS, type Environment } from '../config/environments.ts'
import type { Config } from '../config/schema.ts'
import type { TrackedFile } from '../runner/git.ts'

/** What a source in another repository was when it was looked at. */
export const sourceRevisionSchema = z.strictObject({
  name: z.string(),
  commit: z.string(),
  /** Digest of its files: two commits with the same files are the same content. */
  digest: z.string()
})
export type SourceRevision = z.infer<typeof sourceRevisionSchema>

export interface TestedContent {
  readonly config: Config
  readonly targetVersion: string
  /** Every tracked file of the repository; paths relative to its root, sorted. */
  readonly files: readonly TrackedFile[]
  /** Path of the configuration file relative to the same root. */
  readonly configPath: string
  /** Of every source in another repository. */
  readonly revisions?: readonly SourceRevision[]
}

/**
 * Digest of what a green staging says something about: the target version, what the file says about pipelines, the content of each
 * source, and the files that staging is deployed with. Production's own settings and files and `promotion` are not part of it, nor
 * is the workflow folder.
 */
export function testedDigest({ config, targetVersion, files, configPath, revisions = [] }: TestedContent): string {
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
  const ofDeployments = ENVIRONMENTS.map((environment) => deployFiles(config, environment, files))
  const [ofStaging = []] = ofDeployments
  const left = new Set([configPath, ...ofDeployments.flat().map(({ path }) => path)])
  const code = files.filter(({ path }) => !left.has(path))
  const content = config.sources.map(({ name, path, repository }) => [name, repository === undefined ? sourceDigest(code, path) ?? null : digestOfSource(name, revisions)])
  return digestOf({ file, content, deploy: rows(ofStaging) })
}

/** Digest of the files of a repository below the path of a source, without the workflow folder; undefined where there are none. */
export function sourceDigest(files: readonly TrackedFile[], path: string): string | undefined {
  const own = files.filter(isBelow(path)).filter((file) => !file.path.startsWith('.github/'))
  return own.length === 0 ? undefined : digestOf(rows(own))
}

function digestOfSource(name: string, revisions: readonly SourceRevision[]): string {
  const revision = revisions.find((one) => one.name === name)
  if (revision === undefined) throw new Error(`the source ${name} was not read`)
  return revision.digest
}

const digestOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

const rows = (files: readonly TrackedFile[]) => files.map(({ path, blob }) => [path, blob])

function isBelow(folder: string): (file: TrackedFile) => boolean {
  const root = posix.normalize(folder).replace(/\/$/, '')
  return root === '.' ? () => true : ({ path }) => path.startsWith(`${root}/`)
}

/** Keys of a driver that name a folder; all others name single files. */
const FOLDERS: ReadonlySet<string> = new Set(['directory', 'chart'])

/** Tracked files that the driver of an environment names: values, a Compose file, the scripts in a command line. A word of a command is never taken for a folder: that could hide pipelines. */
function deployFiles(config: Config, environment: Environment, files: readonly TrackedFile[]): TrackedFile[] {
  const named = namedIn(config.environments[environment].deploy)
  return files.filter(({ path }) => named.some(({ word, folder }) => path === word || (folder && path.startsWith(`${word}/`))))
}

function namedIn(value: unknown, key = ''): { word: string; folder: boolean }[] {
  if (typeof value === 'string') {
    const words = FOLDERS.has(key) ? [value] : [value, ...value.split(/[\s"';&|()]+/)]
    return words.map((word) => ({ word: posix.normalize(word).replace(/\/$/, ''), folder: FOLDERS.has(key) })).filter(({ word }) => word !== '.')
  }
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([inner, child]) => namedIn(child, Array.isArray(value) ? key : inner)) : []
}

/** JSON whose text depends on the values alone, not on the order in which keys were written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner
  )
}
