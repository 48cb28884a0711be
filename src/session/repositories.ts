import { join } from 'node:path'
import type { Environment } from '../core/environments.ts'
import { remember } from '../core/once.ts'
import { Stop } from '../core/stop.ts'
import { filesAt, type TrackedFile } from '../git/git.ts'
import type { Machine } from '../runtime/runtime.ts'
import { storeThatCounts, type Place } from '../state/backend.ts'
import { sourceDigest, type SourceRevision } from '../state/content-digest.ts'
import { failedCheckOut, type CheckedOut } from './checked-out.ts'
import {
  askedFor,
  clone,
  cloneCommit,
  filesOf,
  openClones,
  pinOf,
  type ClonesInputs,
  type OpenClones,
} from './clones.ts'
import { isRefused, missing, type SourceElsewhere } from './read-source.ts'

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
  /**
   * Puts that on this machine, for a later step of this job; with `history`, so that the later step
   * has every commit of its branches and tags.
   */
  bring(
    source: SourceElsewhere,
    environment: Environment,
    what: { readonly history: boolean },
  ): Promise<CheckedOut>
  /**
   * Puts one commit of a repository on this machine, all of it; gives the directory of the clone.
   * @throws Stop `source-unreachable`, `source-missing`
   */
  commit(source: SourceElsewhere, environment: Environment, commit: string): Promise<string>
  /**
   * Puts that on this machine: the ZenML source root, and its commit. @throws Stop
   * `source-unreachable`, `source-missing`
   */
  root(
    source: SourceElsewhere,
    environment: Environment,
  ): Promise<{ readonly directory: string; readonly commit: string }>
}

interface RepositoriesInputs extends ClonesInputs {
  readonly place: Place
}

/** What one command knows of the other repositories. */
interface OpenRepositories extends RepositoriesInputs {
  readonly clones: OpenClones
  /** Tracked files, by the clone's folder. */
  readonly files: Map<string, Promise<readonly TrackedFile[]>>
}

/** Contacts nothing yet. */
export function openRepositories(inputs: RepositoriesInputs): Repositories {
  const clones = openClones(inputs)
  const open: OpenRepositories = { ...inputs, clones, files: new Map() }
  return {
    revision: (source, environment, named) => readRevision(open, source, environment, named),
    bring: (source, environment, what) => bring(clones, source, environment, what),
    commit: async (source, environment, commit) =>
      filesOf(clones, await cloneCommit(clones, source, environment, commit)),
    root: (source, environment) => bringRoot(clones, source, environment),
  }
}

async function readRevision(
  open: OpenRepositories,
  source: SourceElsewhere,
  environment: Environment,
  named: readonly string[],
): Promise<Revision> {
  const { place, machine } = open
  const cloned = await clone(open.clones, source, environment).catch((error: unknown) =>
    recordedInstead(error, source, {
      environment,
      pin: pinOf(open.clones, source.name, environment),
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
  open: OpenClones,
  source: SourceElsewhere,
  environment: Environment,
  what: { readonly history: boolean },
): Promise<CheckedOut> {
  const { repository } = source
  const { wanted } = askedFor(open, source, environment)
  try {
    const found = await clone(open, source, environment, what)
    const { commit, branch } = found
    return {
      kind: 'found',
      repository,
      wanted: wanted ?? null,
      commit,
      branch: branch ?? null,
      directory: await filesOf(open, found),
    }
  } catch (error) {
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    return failedCheckOut(repository, wanted, error)
  }
}

async function bringRoot(
  open: OpenClones,
  source: SourceElsewhere,
  environment: Environment,
): Promise<{ readonly directory: string; readonly commit: string }> {
  const found = await clone(open, source, environment)
  return { directory: join(await filesOf(open, found), source.path), commit: found.commit }
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
