import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import * as z from 'zod'
import { ENVIRONMENTS, type Environment } from '../core/environments.ts'
import type { Config, Source } from '../config/schema.ts'
import type { TrackedFile } from '../git/git.ts'

/** What a source in another repository was when it was looked at. */
export const sourceRevisionSchema = z.strictObject({
  name: z.string(),
  commit: z.string(),
  /** Digest of its files: two commits with the same files are the same content. */
  digest: z.string(),
})
export type SourceRevision = z.infer<typeof sourceRevisionSchema>

/** Of more files that differ only the number is named. */
const MOST_FILES = 5

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
 * Digest of what a green staging says something about: the target version, what the file says about
 * pipelines, the content of each source, and the files that staging is deployed with. Production's
 * own settings and files and `promotion` are not part of it, nor is the workflow folder.
 */
export function testedDigest(content: TestedContent): string {
  return digestOf(testedParts(content))
}

/** What an upgrade of one environment is made with. */
export interface UpgradeInputs {
  /** Digest: a version that was rolled back is blocked until it changes. */
  readonly digest: string
  /** Tracked files that the settings of the environment name. */
  readonly files: readonly string[]
}

/**
 * Digest of what goes into an upgrade: what is tested, and the environment's own settings with the
 * tracked files that they name.
 */
export function upgradeInputs(content: TestedContent, environment: Environment): UpgradeInputs {
  const settings = content.config.environments[environment]
  const files = filesNamedIn(settings, content.files)
  return {
    digest: digestOf({ tested: testedParts(content), settings, files: rows(files) }),
    files: files.map(({ path }) => path),
  }
}

/**
 * Digest of what a pull request changes of the upgrade itself: the version, the configuration file,
 * and the files that it names for deploying, installing and running. Pipeline code is not part of it.
 */
export function upgradeDigest({ config, targetVersion, files, configPath }: TestedContent): string {
  const named = new Set([configPath, ...filesOfSources(config)])
  return digestOf({
    target: targetVersion,
    files: rows([
      ...files.filter(({ path }) => named.has(path) || OWN_WORKFLOWS.test(path)),
      ...filesNamedIn(config.environments, files),
    ]),
  })
}

/** What `init` writes, and the set-up that our workflows call. */
const OWN_WORKFLOWS =
  /^\.github\/(?:workflows\/zenml-upgrade[^/]*\.ya?ml|actions\/zenml-upgrade-setup\/.*)$/

/**
 * Requirements and declared run configurations of the sources in this repository, relative to its
 * root. Which source a configuration belongs to is known only with the snapshots: any may be meant.
 */
function filesOfSources({ sources, snapshots }: Pick<Config, 'sources' | 'snapshots'>): string[] {
  return sources
    .filter(({ repository }) => repository === undefined)
    .flatMap(({ path, install }) =>
      [...install.requirements, ...declaredFiles({ snapshots })].map((file) =>
        posix.normalize(posix.join(path, file)),
      ),
    )
}

/**
 * Names what of two contents differs, for people: keys of the file, sources, and files that staging
 * is deployed with.
 */
export function differingParts(one: TestedContent, other: TestedContent): string[] {
  const [a, b] = [testedParts(one), testedParts(other)]
  const differ = (before: unknown, after: unknown) => canonicalJson(before) !== canonicalJson(after)
  const keys = Object.keys(a.file) as (keyof typeof a.file)[]
  const digests = new Map(a.content.map(([name, digest]) => [name, digest]))
  return [
    ...keys
      .filter((key) => differ(a.file[key], b.file[key]))
      .map((key) => (key === 'execute' ? 'execute.staging' : key)),
    ...b.content
      .filter(([name, digest]) => digests.get(name) !== digest)
      .map(([name]) => `source ${name}${changedFiles(one.files, other.files)}`),
    ...(differ(a.deploy, b.deploy) ? ['the files that staging is deployed with'] : []),
  ]
}

/** The first files that differ, in parentheses; empty where they are in another repository. */
function changedFiles(before: readonly TrackedFile[], after: readonly TrackedFile[]): string {
  const known = new Map(before.map(({ path, blob }) => [path, blob]))
  const now = new Map(after.map(({ path, blob }) => [path, blob]))
  const changed = [...new Set([...known.keys(), ...now.keys()])]
    .filter((path) => !path.startsWith('.github/') && known.get(path) !== now.get(path))
    .sort()
  if (changed.length === 0) return ''
  const more = changed.length - MOST_FILES
  return ` (${changed.slice(0, MOST_FILES).join(', ')}${more > 0 ? ` and ${more} more` : ''})`
}

function testedParts({ config, targetVersion, files, configPath, revisions = [] }: TestedContent) {
  const file = {
    zenml: targetVersion,
    projects: config.projects ?? null,
    sources: config.sources,
    stacks: config.stacks,
    smoke: config.smoke,
    snapshots: config.snapshots,
    exclude: config.exclude,
    execute: config.execute.staging,
    schedules: config.schedules,
  }
  const ofDeployments = ENVIRONMENTS.map((environment) =>
    filesNamedIn(config.environments[environment].deploy, files),
  )
  const [ofStaging = []] = ofDeployments
  const left = new Set([configPath, ...ofDeployments.flat().map(({ path }) => path)])
  const code = files.filter(({ path }) => !left.has(path))
  const content = config.sources.map((source): [string, string | null] => [
    source.name,
    source.repository === undefined
      ? (sourceDigest(code, source, declaredFiles(config)) ?? null)
      : digestOfSource(source.name, revisions),
  ])
  return { file, content, deploy: rows(ofStaging) }
}

/** Files of run configurations that the file declares, relative to the root of their source. */
export function declaredFiles({ snapshots }: Pick<Config, 'snapshots'>): string[] {
  return snapshots.flatMap(({ config }) =>
    Object.values(config ?? {}).filter((path) => path !== undefined),
  )
}

/**
 * Digest of the files of a repository that a source consists of, without the workflow folder: those
 * below its path; all of them where a link below, or a file that is `named` for it, leads out of
 * there. Undefined where there is none below its path.
 */
export function sourceDigest(
  files: readonly TrackedFile[],
  { path, install }: Pick<Source, 'path' | 'install'>,
  named: readonly string[],
): string | undefined {
  const code = files.filter((file) => !file.path.startsWith('.github/'))
  const below = code.filter(isBelow(path))
  if (below.length === 0) return undefined
  const leadsOut =
    below.some(({ link }) => link) ||
    [...install.requirements, ...named].some((file) => posix.normalize(file).startsWith('../'))
  return digestOf(rows(leadsOut ? code : below))
}

function digestOfSource(name: string, revisions: readonly SourceRevision[]): string {
  const revision = revisions.find((one) => one.name === name)
  if (revision === undefined) throw new Error(`the source ${name} was not read`)
  return revision.digest
}

const digestOf = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex')

const rows = (files: readonly TrackedFile[]) => files.map(({ path, blob }) => [path, blob])

function isBelow(folder: string): (file: TrackedFile) => boolean {
  const root = posix.normalize(folder).replace(/\/$/, '')
  return root === '.' ? () => true : ({ path }) => path.startsWith(`${root}/`)
}

/** Keys of a driver that name a folder; all others name single files. */
const FOLDERS: ReadonlySet<string> = new Set(['directory', 'chart'])

/**
 * Tracked files that settings of an environment name: values, a Compose file, the scripts in a
 * command line. A word of a command is never taken for a folder: that could hide pipelines.
 */
function filesNamedIn(settings: unknown, files: readonly TrackedFile[]): TrackedFile[] {
  const named = namedIn(settings)
  return files.filter(({ path }) =>
    named.some(({ word, folder }) => path === word || (folder && path.startsWith(`${word}/`))),
  )
}

function namedIn(value: unknown, key = ''): { word: string; folder: boolean }[] {
  if (typeof value === 'string') {
    const words = FOLDERS.has(key) ? [value] : [value, ...wordsOf(value)]
    return words
      .map((word) => ({ word: posix.normalize(word).replace(/\/$/, ''), folder: FOLDERS.has(key) }))
      .filter(({ word }) => word !== '.')
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([inner, child]) =>
        namedIn(child, Array.isArray(value) ? key : inner),
      )
    : []
}

/** Words of a command line; a path may follow an option, and begin at the root of the repository. */
function wordsOf(command: string): string[] {
  return command
    .split(/[\s"';&|()<>=]+/)
    .map((word) => word.replace(/^\$(?:PWD|GITHUB_WORKSPACE|\{(?:PWD|GITHUB_WORKSPACE)\})\//, ''))
}

/** JSON whose text depends on the values alone, not on the order in which keys were written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
