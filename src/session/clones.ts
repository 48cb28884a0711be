import { join } from 'node:path'
import type { Environment } from '../core/environments.ts'
import { once, remember } from '../core/once.ts'
import { plainName } from '../core/plain-name.ts'
import { borrowClone } from '../git/borrowed-clone.ts'
import { commitNamed } from '../git/git.ts'
import { checkOutWhole } from '../git/complete-checkout.ts'
import {
  commitOfRef,
  fetchCommit,
  isFullCommit,
  type FoundCommit,
  type Remote,
} from '../git/remote-git.ts'
import type { Machine } from '../runtime/runtime.ts'
import { scratchFolder } from '../runtime/scratch.ts'
import { readCheckedOut, rethrowFailure, type CheckedOut } from './checked-out.ts'
import { missing, readSource, type SourceElsewhere } from './read-source.ts'
import { localRemote, remoteOf } from './remote-of.ts'
import type { Pins } from './source-commits.ts'

interface Clone extends FoundCommit {
  readonly folder: string
  /** Puts the files of the commit there. */
  readonly checkOut: () => Promise<void>
}

export interface ClonesInputs {
  readonly machine: Machine
  readonly githubToken: string | undefined
  readonly pins?: Pins
  /** Absolute path of the directory for clones; left out, one that this process removes. */
  readonly into?: string
}

/** What one command has cloned of other repositories. */
export interface OpenClones extends ClonesInputs {
  /** By name of the repository. */
  readonly remotes: Map<string, Promise<Remote>>
  /** By repository and what was asked of it. */
  readonly clones: Map<string, Promise<Clone>>
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
export function openClones(inputs: ClonesInputs): OpenClones {
  return {
    ...inputs,
    remotes: new Map(),
    clones: new Map(),
    checkedOut: once(() =>
      inputs.into === undefined ? readCheckedOut(inputs.machine) : Promise.resolve([]),
    ),
    checkouts: new Map(),
    scratch: undefined,
    folders: 0,
  }
}

/** The commit of a source for an environment, with its trees. */
export function clone(
  open: OpenClones,
  source: SourceElsewhere,
  environment: Environment,
  { history }: { readonly history: boolean } = { history: false },
): Promise<Clone> {
  const { wanted, pinned } = askedFor(open, source, environment)
  return remember(
    open.clones,
    `${source.repository} ${wanted ?? ''}`,
    async () =>
      cloneOf(source, wanted, await open.checkedOut()) ??
      (await fetchClone(open, source, wanted, { origin: pinned ? 'pinned' : 'named', history })),
  )
}

/** Puts the files of a clone there; gives its folder. */
export async function filesOf(open: OpenClones, { folder, checkOut }: Clone): Promise<string> {
  await remember(open.checkouts, folder, checkOut)
  return folder
}

/**
 * One commit of the repository of a source, whole.
 * @throws Stop `source-unreachable`, `source-missing`, the latter also for what is no full commit
 */
export async function cloneCommit(
  open: OpenClones,
  source: SourceElsewhere,
  environment: Environment,
  commit: string,
): Promise<Clone> {
  if (!isFullCommit(commit))
    throw missing(
      source,
      `${JSON.stringify(commit)} is no full id of a commit`,
      'Set `code: branch` for the snapshots that were made from it.',
    )
  const { wanted } = askedFor(open, source, environment)
  const brought = cloneOf(source, wanted, await open.checkedOut())
  return remember(open.clones, `${source.repository} ${commit}`, () =>
    brought === undefined
      ? fetchFound(open, source, { commit, branch: undefined }, { origin: 'recorded' })
      : borrowed(open, source, brought, commit),
  )
}

/** A commit of a clone that an earlier step brought, as a clone of its own. */
async function borrowed(
  open: OpenClones,
  source: SourceElsewhere,
  { folder: from }: Clone,
  commit: string,
): Promise<Clone> {
  if ((await commitNamed(from, commit)) === undefined)
    throw missing(
      source,
      `none of the branches and tags of ${source.repository} has the commit ${commit}`,
      'Push a branch or a tag that has it, or set `code: branch`.',
    )
  const remote = await localRemote(from, open.machine)
  const folder = nextFolder(open, source.name)
  await borrowClone(from, remote.url, folder)
  return {
    commit,
    branch: undefined,
    folder,
    checkOut: () =>
      readSource(
        source,
        open.machine,
        () => checkOutWhole(remote, { commit, branch: undefined }, folder),
        'recorded',
      ),
  }
}

function nextFolder(open: OpenClones, name: string): string {
  open.scratch ??= open.into ?? scratchFolder('sources')
  open.folders += 1
  return join(open.scratch, `${open.folders}-${plainName(name)}`)
}

/** The commit that an earlier job looked up for a source. */
export function pinOf(
  { pins }: OpenClones,
  name: string,
  environment: Environment,
): string | undefined {
  return pins?.environment === environment ? pins.commits.get(name) : undefined
}

/** The commit that an earlier job looked up, else the ref of the file; undefined: the default branch. */
export function askedFor(
  open: OpenClones,
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

interface FetchOptions {
  readonly origin: Parameters<typeof readSource>[3]
  /** Brings all commits of the branches and tags too. */
  readonly history?: boolean
}

async function fetchClone(
  open: OpenClones,
  source: SourceElsewhere,
  wanted: string | undefined,
  options: FetchOptions,
): Promise<Clone> {
  const { machine } = open
  const { repository, name } = source
  const remote = await remoteFor(open, source)
  const found = await readSource(source, machine, () => commitOfRef(remote, wanted))
  if (found === undefined)
    throw missing(
      source,
      `${repository} has no ${wanted === undefined ? 'default branch' : `branch or tag ${wanted}`}`,
      `Correct \`ref\` of the source ${name}.`,
    )
  return fetchFound(
    open,
    source,
    { ...found, tag: isFullCommit(wanted ?? '') ? undefined : wanted },
    options,
  )
}

function remoteFor(open: OpenClones, { repository }: SourceElsewhere): Promise<Remote> {
  return remember(open.remotes, repository, () => remoteOf(open, repository))
}

async function fetchFound(
  open: OpenClones,
  source: SourceElsewhere,
  { tag, ...found }: FoundCommit & { readonly tag?: string | undefined },
  { origin, history = false }: FetchOptions,
): Promise<Clone> {
  const { machine } = open
  const { repository, name } = source
  const remote = await remoteFor(open, source)
  const folder = nextFolder(open, name)
  const fetched = () => fetchCommit(remote, found.commit, folder, { history })
  await readSource(source, machine, fetched, origin)
  machine.log.info(
    `source ${name}: ${repository} at ${[found.branch ?? tag, found.commit.slice(0, 8)].filter(Boolean).join(', ')}`,
  )
  const { commit: id, branch } = found
  return {
    ...found,
    folder,
    checkOut: () =>
      readSource(source, machine, () => checkOutWhole(remote, { commit: id, branch }, folder)),
  }
}
