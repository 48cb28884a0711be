import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve } from 'node:path'
import type { Environment } from '../core/environments.ts'
import { loadConfig, type LoadedConfig } from '../config/load.ts'
import {
  declaredFiles,
  testedDigest,
  upgradeDigest,
  upgradeInputs,
  type SourceRevision,
  type TestedContent,
  type UpgradeInputs,
} from '../state/content-digest.ts'
import { ifReadable, Stop } from '../core/stop.ts'
import { fileAt, filesAt, git, headCommit, trackedFiles } from '../git/git.ts'
import { zenmlVersion } from '../config/target-version.ts'
import { isElsewhere } from './read-source.ts'
import type { Repositories, Revision } from './repositories.ts'

/** What is tested: see state/content-digest.ts. */
export interface Tested {
  /** Its digest. */
  readonly tested: string
  /** What an upgrade of the environment is made with: with its own settings and files. */
  readonly inputs: UpgradeInputs
  /** What of it is in other repositories. */
  readonly sources: readonly SourceRevision[]
  /**
   * Names of those that could not be read and stand for what staging was tested with: see
   * repositories.ts.
   */
  readonly assumed: readonly string[]
}

/**
 * What lies in the repository: the file, the version it deploys, and digests to know them again by.
 */
export interface Content {
  readonly config: LoadedConfig
  readonly target: string
  /**
   * With the code of other repositories as the environment gets it. @throws Stop
   * `source-unreachable`, `source-missing`
   */
  readonly testedIn: (environment: Environment) => Promise<Tested>
  /**
   * What `testedIn` makes the digest of. @throws Stop `source-unreachable`, `source-missing`
   */
  readonly contentIn: (environment: Environment) => Promise<TestedContent>
  /** Digest of what changes the upgrade itself: see state/content-digest.ts. */
  readonly upgrade: string
  /** Digest of the configuration file's text; how its lines end does not count. */
  readonly file: string
  /** The commit that is checked out, or was asked for. */
  readonly sha: string | null
}

export interface ContentPlace {
  /** Absolute. */
  readonly workingDirectory: string
  /** Path of the configuration file, relative to it. */
  readonly configPath: string
  readonly repositories: Repositories
  readonly targetVersion?: string | undefined
}

/** Reads what is checked out. @throws Stop `invalid-input`, `invalid-file`, `not-built-yet` */
export async function readContent({
  workingDirectory,
  configPath,
  repositories,
  targetVersion,
}: ContentPlace): Promise<Content> {
  const configFile = resolve(workingDirectory, configPath)
  const config = await loadConfig(configFile, configPath)
  const target = targetVersion === undefined ? config.zenml : releaseOf(targetVersion)
  for (const { name, path } of config.sources.filter((source) => !isElsewhere(source)))
    await demandFolder(
      join(workingDirectory, path),
      `the path of source ${name}`,
      `Correct \`path\` of that source in ${configPath}.`,
    )
  const files = await trackedFiles(workingDirectory)
  return {
    config,
    target,
    ...readersOf(repositories, {
      config,
      targetVersion: target,
      files,
      configPath: relative(workingDirectory, configFile),
    }),
    file: digestOf(await readFile(configFile, 'utf8')),
    sha: await headCommit(workingDirectory),
  }
}

/** @throws Stop `invalid-input` */
function releaseOf(targetVersion: string): string {
  const { data, error } = zenmlVersion.safeParse(targetVersion)
  if (data !== undefined) return data
  throw new Stop(
    'invalid-input',
    `input target-version ${error.issues.map(({ message }) => message).join('; ')}`,
    { next: 'Name a release of ZenML, or leave the input out: the file says the version.' },
  )
}

/**
 * The same of another commit or tree of this clone; undefined where it has no such file. @throws
 * Stop `invalid-file`, `not-built-yet`
 */
export async function contentAt(
  { workingDirectory, configPath, repositories }: ContentPlace,
  treeish: string,
): Promise<Content | undefined> {
  const text = await fileAt(workingDirectory, treeish, configPath)
  if (text === undefined) return undefined
  const config = await loadConfig(
    configPath,
    `${configPath} of ${treeish.slice(0, 12)}`,
    async (path) => {
      const found = await fileAt(workingDirectory, treeish, path)
      return found === undefined
        ? { text: undefined, why: 'does not exist', missing: true }
        : { text: found }
    },
  )
  const target = config.zenml
  const files = await filesAt(workingDirectory, treeish)
  const own = {
    config,
    targetVersion: target,
    files,
    configPath: relative(workingDirectory, resolve(workingDirectory, configPath)),
  }
  return {
    config,
    target,
    ...readersOf(repositories, own),
    file: digestOf(text),
    sha: treeish,
  }
}

function readersOf(
  repositories: Repositories,
  own: Omit<TestedContent, 'revisions'>,
): Pick<Content, 'testedIn' | 'contentIn' | 'upgrade'> {
  const revisionsIn = async (environment: Environment): Promise<Revision[]> => {
    const found: Revision[] = []
    for (const source of own.config.sources.filter(isElsewhere))
      found.push(await repositories.revision(source, environment, declaredFiles(own.config)))
    return found
  }
  return {
    upgrade: upgradeDigest({ ...own, revisions: [] }),
    async testedIn(environment) {
      const found = await revisionsIn(environment)
      const sources = found.map(({ revision }) => revision)
      return {
        tested: testedDigest({ ...own, revisions: sources }),
        inputs: upgradeInputs({ ...own, revisions: sources }, environment),
        sources,
        assumed: found.filter(({ assumed }) => assumed).map(({ revision }) => revision.name),
      }
    },
    async contentIn(environment) {
      const found = await revisionsIn(environment)
      return { ...own, revisions: found.map(({ revision }) => revision) }
    },
  }
}

/** Nothing also where the commit is not in this clone, or has no file that can be read. */
export function contentOrNothing(
  place: ContentPlace,
  treeish: string,
): Promise<Content | undefined> {
  return ifReadable(contentAt(place, treeish))
}

/**
 * Files that lie in the repository must not be taken for what a run found out. @throws Stop
 * `invalid-input`
 */
export async function demandUntracked(
  workingDirectory: string,
  reportDirectory: string,
): Promise<void> {
  const inside = relative(workingDirectory, reportDirectory)
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return
  const tracked = await git(workingDirectory, ['ls-files', '-z', '--', inside]).catch(() => '')
  if (tracked.trim() !== '')
    throw new Stop(
      'invalid-input',
      `the report directory ${inside} holds files that are tracked by Git`,
      {
        next: 'Remove them from the repository and let Git ignore the folder, or give --report-directory another one.',
      },
    )
}

export async function demandFolder(path: string, what: string, next: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() !== true)
    throw new Stop('invalid-input', `${what} is not a folder: ${path}`, { next })
}

/** Git's output comes line by line: what is checked out must give the same. */
function digestOf(text: string): string {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/)
  if (lines.at(-1) === '') lines.pop()
  return createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex')
}
