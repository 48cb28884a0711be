import { join } from 'node:path'
import type { Source } from '../config/schema.ts'
import { remember } from '../core/once.ts'
import { plainName } from '../core/plain-name.ts'
import { Stop } from '../core/stop.ts'
import { borrowClone } from '../git/borrowed-clone.ts'
import { commitNamed, git } from '../git/git.ts'
import { checkOutWhole } from '../git/complete-checkout.ts'
import { fetchCommit } from '../git/remote-git.ts'
import { exists } from '../runtime/files.ts'
import { scratchFolder } from '../runtime/scratch.ts'
import type { MissingCode, SnapshotsDeps } from '../snapshots/deps.ts'
import { isElsewhere, missing, readSource } from './read-source.ts'
import { localRemote, ownRemote } from './remote-of.ts'
import type { Workspace } from './session.ts'

type RootWorkspace = Pick<
  Workspace,
  'machine' | 'repositories' | 'environment' | 'workingDirectory' | 'githubToken'
>

/**
 * Makes the source roots of recorded commits: one clone for each commit and repository, which this
 * process removes. A commit that cannot be had is a problem of the snapshots that need it.
 */
export function recordedRoots(workspace: RootWorkspace): SnapshotsDeps['recordedRoot'] {
  const clones = new Map<string, Promise<string>>()
  let scratch: string | undefined
  return async (source, { commit, subdirectory }) => {
    try {
      const folder = await remember(clones, `${source.repository ?? ''} ${commit}`, () =>
        isElsewhere(source)
          ? workspace.repositories.commit(source, workspace.environment, commit)
          : ownCommit(workspace, source, {
              commit,
              folder: join((scratch ??= scratchFolder('recorded')), plainName(commit)),
            }),
      )
      const directory = join(folder, subdirectory)
      return (await exists(directory)) ? { directory, commit } : noDirectory(commit, subdirectory)
    } catch (error) {
      if (workspace.machine.signal.aborted) throw error
      return unusable(commit, error)
    }
  }
}

/** Whatever is wrong with one commit must not keep the other snapshots from their rebuild. */
function unusable(commit: string, error: unknown): MissingCode {
  const reason = error instanceof Error ? error.message : String(error)
  return {
    message: `The commit ${commit} that it was made from cannot be had: ${reason}`,
    next: (error instanceof Stop ? error.next : undefined) ?? 'Set `code: branch` for it.',
  }
}

function noDirectory(commit: string, subdirectory: string): MissingCode {
  return {
    message: `The commit ${commit} that it was made from has no directory ${subdirectory}.`,
    next: 'Set `code: branch` for it, or create it once by hand.',
  }
}

/** A commit of this repository: from this clone, else from where it was cloned from. */
async function ownCommit(
  workspace: RootWorkspace,
  source: Source,
  { commit, folder }: { readonly commit: string; readonly folder: string },
): Promise<string> {
  const { machine, workingDirectory } = workspace
  if (await hasWhole(workingDirectory, commit)) {
    const local = await localRemote(workingDirectory, machine)
    const own = { ...source, repository: local.url || 'of this clone' }
    await borrowClone(workingDirectory, local.url, folder)
    const complete = () => checkOutWhole(local, { commit, branch: undefined }, folder)
    await readSource(own, machine, complete, 'recorded')
    return folder
  }
  const remote = await ownRemote(workspace)
  const named = { ...source, repository: remote.url }
  if (remote.url === '')
    throw missing(
      named,
      `this clone does not have the commit ${commit}, and no \`origin\` to fetch it from`,
      'Fetch it into this clone, or set `code: branch`.',
    )
  const bring = async () => {
    await fetchCommit(remote, commit, folder)
    await checkOutWhole(remote, { commit, branch: undefined }, folder)
  }
  await readSource(named, machine, bring, 'recorded')
  return folder
}

/** Whether a clone has a commit and its files; one that was made with `--filter` lacks the files. */
async function hasWhole(clone: string, commit: string): Promise<boolean> {
  const isPartial = await git(clone, ['config', '--get-regexp', '^remote\\..*\\.promisor$']).then(
    () => true,
    () => false,
  )
  return !isPartial && (await commitNamed(clone, commit)) !== undefined
}
