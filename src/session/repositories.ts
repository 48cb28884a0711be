import { join } from 'node:path'
import type { Environment } from '../core/environments.ts'
import { once, remember } from '../core/once.ts'
import { plainName } from '../core/plain-name.ts'
import { Stop } from '../core/stop.ts'
import { sourceDigest, type SourceRevision } from '../state/content-digest.ts'
import { filesAt, type TrackedFile } from '../git/git.ts'
import type { Machine } from '../runtime/runtime.ts'
import {
  checkOut,
  commitOfRef,
  fetchCommit,
  type FoundCommit,
  type Remote,
} from '../git/remote-git.ts'
import { scratchFolder } from '../runtime/scratch.ts'
import type { Pins } from './source-commits.ts'
import { storeThatCounts, type Place } from '../state/backend.ts'
import { isRefused, missing, readSource, type SourceElsewhere } from './read-source.ts'
import { remoteOf } from './remote-of.ts'
import { failedCheckOut, readCheckedOut, rethrowFailure, type CheckedOut } from './checked-out.ts'

/** What a source in another repository is. */
export interface Revision {
  readonly revision: SourceRevision
  /** It could not be read, and stands for what staging was tested with. */
  readonly assumed: boolean
}

/** Reads the other repositories of the file. What was read once is not read again. */
export interface Repositories {
  /**
   * What a source is for an environment; `named` are files besides it, relative to its root, that
   * go into its digest. @throws Stop `source-unreachable`, `source-missing`
   */
  revision(
    source: SourceElsewhere,
    environment: Environment,
    named: readonly string[],
  ): Promise<Revision>
  /** Puts that on this machine, for a later step of this job. */
  bring(source: SourceElsewhere, environment: Environment): Promise<CheckedOut>
  /**
   * Puts that on this machine: the ZenML source root, and its commit. @throws Stop
   * `source-unreachable`, `source-missing`
   */
  root(
    source: SourceElsewhere,
    environment: Environment,
  ): Promise<{ readonly directory: string; readonly commit: string }>
}

interface RepositoriesInputs {
  readonly machine: Machine
  readonly place: Place
  readonly githubToken: string | undefined
  readonly pins?: Pins
  /** Absolute path of the directory for clones; left out, one that this process removes. */
  readonly into?: string
}

interface Clone extends FoundCommit {
  readonly folder: string
  /** Puts the files of the commit there. */
  readonly checkOut: () => Promise<void>
}

/** What one command knows of the other repositories. */
interface OpenRepositories extends RepositoriesInputs {
  /** By name of the repository. */
  readonly remotes: Map<string, Promise<Remote>>
  /** By repository and what was asked of it. */
  readonly clones: Map<string, Promise<Clone>>
  /** Tracked files, by the clone's folder. */
  readonly files: Map<string, Promise<readonly TrackedFile[]>>
  /** What an earlier step of this job brought. */
  readonly checkedOut: () => Promise<readonly CheckedOut[]>
  /** Clones whose files were checked out, by folder. */
  readonly checkouts: Map<string, Promise<void>>
  /** Where clones are, once there is one. */
  scratch: string | undefined
  /** How many folders of clones were begun: each gets a name of its own. */
  folders: number
}

/** Contacts nothing yet. */
export function openRepositories(inputs: RepositoriesInputs): Repositories {
  const open: OpenRepositories = {
    ...inputs,
    remotes: new Map(),
    clones: new Map(),
    files: new Map(),
    checkedOut: once(() =>
      inputs.into === undefined ? readCheckedOut(inputs.machine) : Promise.resolve([]),
    ),
    checkouts: new Map(),
    scratch: undefined,
    folders: 0,
  }
  return {
    revision: (source, environment, named) => readRevision(open, source, environment, named),
    bring: (source, environment) => bring(open, source, environment),
    root: (source, environment) => bringRoot(open, source, environment),
  }
}

async function readRevision(
  open: OpenRepositories,
  source: SourceElsewhere,
  environment: Environment,
  named: readonly string[],
): Promise<Revision> {
  const { place, machine } = open
  const cloned = await clone(open, source, environment).catch((error: unknown) =>
    recordedInstead(error, source, {
      environment,
      pin: pinOf(open, source.name, environment),
      place,
      machine,
    }),
  )
  if ('revision' in cloned) return cloned
  const { folder, commit } = cloned
  const digest = sourceDigest(
    await remember(open.files, folder, () => filesAt(folder, commit)),
    source,
    named,
  )
  if (digest === undefined)
    throw missing(
      source,
      `${source.repository} has no file below ${source.path} at ${commit.slice(0, 8)}`,
      `Correct \`path\` of the source ${source.name}.`,
    )
  return { revision: { name: source.name, commit, digest }, assumed: false }
}

async function bring(
  open: OpenRepositories,
  source: SourceElsewhere,
  environment: Environment,
): Promise<CheckedOut> {
  const { repository } = source
  const { wanted } = askedFor(open, source, environment)
  try {
    const { folder, commit, branch, checkOut } = await clone(open, source, environment)
    await remember(open.checkouts, folder, checkOut)
    return {
      kind: 'found',
      repository,
      wanted: wanted ?? null,
      commit,
      branch: branch ?? null,
      directory: folder,
    }
  } catch (error) {
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    return failedCheckOut(repository, wanted, error)
  }
}

async function bringRoot(
  open: OpenRepositories,
  source: SourceElsewhere,
  environment: Environment,
): Promise<{ readonly directory: string; readonly commit: string }> {
  const { folder, commit, checkOut } = await clone(open, source, environment)
  await remember(open.checkouts, folder, checkOut)
  return { directory: join(folder, source.path), commit }
}

function pinOf(
  { pins }: OpenRepositories,
  name: string,
  environment: Environment,
): string | undefined {
  return pins?.environment === environment ? pins.commits.get(name) : undefined
}

function clone(
  open: OpenRepositories,
  source: SourceElsewhere,
  environment: Environment,
): Promise<Clone> {
  const { wanted, pinned } = askedFor(open, source, environment)
  return remember(
    open.clones,
    `${source.repository} ${wanted ?? ''}`,
    async () =>
      cloneOf(source, wanted, await open.checkedOut()) ??
      (await fetchClone(open, source, wanted, { pinned })),
  )
}

/** The commit that an earlier job looked up, else the ref of the file; undefined: the default branch. */
function askedFor(
  open: OpenRepositories,
  { name, ref }: SourceElsewhere,
  environment: Environment,
): { readonly wanted: string | undefined; readonly pinned: boolean } {
  const pin = pinOf(open, name, environment)
  return { wanted: pin ?? ref?.[environment], pinned: pin !== undefined }
}

/** The clone that an earlier step brought; undefined where it was not asked for this one. */
function cloneOf(
  source: SourceElsewhere,
  wanted: string | undefined,
  checkedOut: readonly CheckedOut[],
): Clone | undefined {
  const entry = checkedOut.find(
    (one) => one.repository === source.repository && (one.wanted ?? undefined) === wanted,
  )
  if (entry === undefined) return undefined
  if (entry.kind === 'failed') return rethrowFailure(source, entry)
  const { commit, branch, directory } = entry
  return {
    commit,
    branch: branch ?? undefined,
    folder: directory,
    checkOut: () => Promise.resolve(),
  }
}

async function fetchClone(
  open: OpenRepositories,
  source: SourceElsewhere,
  wanted: string | undefined,
  commit: { readonly pinned: boolean },
): Promise<Clone> {
  const { machine } = open
  const { repository, name } = source
  const remote = await remember(open.remotes, repository, () => remoteOf(open, repository))
  const found = await readSource(source, machine, () => commitOfRef(remote, wanted))
  if (found === undefined)
    throw missing(
      source,
      `${repository} has no ${wanted === undefined ? 'default branch' : `branch or tag ${wanted}`}`,
      `Correct \`ref\` of the source ${name}.`,
    )
  open.scratch ??= open.into ?? scratchFolder('sources')
  open.folders += 1
  const folder = join(open.scratch, `${open.folders}-${plainName(name)}`)
  await readSource(source, machine, () => fetchCommit(remote, found.commit, folder), commit)
  machine.log.info(
    `source ${name}: ${repository} at ${[found.branch ?? (wanted === found.commit ? undefined : wanted), found.commit.slice(0, 8)].filter(Boolean).join(', ')}`,
  )
  const { commit: id, branch } = found
  return {
    ...found,
    folder,
    checkOut: () =>
      readSource(source, machine, () => checkOut(remote, { commit: id, branch }, folder)),
  }
}

/**
 * What the record says of a repository that nobody lets this job read. Of the commit that an
 * earlier job looked up it is what that job found. A run for a pull request, which gets no secrets,
 * has no such commit: what staging was tested with is assumed, and that is told; the gate reads it
 * again.
 */
async function recordedInstead(
  error: unknown,
  { name, repository }: SourceElsewhere,
  {
    environment,
    pin,
    place,
    machine,
  }: {
    readonly environment: Environment
    readonly pin: string | undefined
    readonly place: Place
    readonly machine: Machine
  },
): Promise<Revision> {
  const event = place.github?.context.event.kind
  const forPullRequest = event === 'pull-request' || event === 'merge-group'
  if (!isRefused(error) || (pin === undefined && !forPullRequest)) throw error
  const attempts = await storeThatCounts(place, { measuring: false }).list(
    pin === undefined ? 'staging' : environment,
  )
  const revision = attempts
    .flatMap(({ sources = [] }) => sources)
    .findLast((one) => one.name === name && (pin === undefined || one.commit === pin))
  if (revision === undefined) throw error
  if (pin === undefined)
    machine.log.warn(
      `source ${name}: ${repository} cannot be read in a run for a pull request, so it is taken as staging was tested with it (${revision.commit.slice(0, 8)})`,
    )
  return { revision, assumed: pin === undefined }
}
