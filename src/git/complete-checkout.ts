import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { plural } from '../core/text.ts'
import { exists } from '../runtime/files.ts'
import { git } from './git.ts'
import { checkOut, GitReadError, readRemote, type Remote } from './remote-git.ts'

const FETCH_SECONDS = 240
/** Names in a sentence. */
const NAMED = 3
/** How the text begins that Git LFS keeps in the repository instead of a file. */
const POINTER = 'version https://git-lfs.github.com/spec/v1\n'

/** Checks a commit out with its submodules and its files of Git LFS. @throws GitReadError */
export async function checkOutWhole(
  remote: Remote,
  commit: { readonly commit: string; readonly branch: string | undefined },
  folder: string,
): Promise<void> {
  await checkOut(remote, commit, folder)
  await completeCheckout(remote, folder)
}

/**
 * Brings the submodules of a checkout and its files of Git LFS, where git-lfs is installed. What
 * cannot be read is left out: {@link missingParts} names it.
 * @throws GitReadError for what may pass by itself
 */
export async function completeCheckout(remote: Remote, folder: string): Promise<void> {
  for (const path of await submodulePaths(folder))
    await unlessRefused(remote, folder, [
      ...['submodule', 'update', '--quiet', '--init', '--recursive', '--depth=1'],
      ...['--', path],
    ])
  if ((await lfsPointers(folder)).length === 0) return
  const hasLfs = await git(folder, ['lfs', 'version']).then(
    () => true,
    () => false,
  )
  if (!hasLfs) return
  // Without these filters git takes every file that was brought for a change.
  await git(folder, ['lfs', 'install', '--local', '--skip-repo'])
  const address = `${remote.url.replace(/(?:\.git)?\/?$/, '.git')}/info/lfs`
  // The address of the repository may stand for this clone itself, see checkOut: not that of its files.
  const settings = [`lfs.url=${address}`, `url.${address}.insteadOf=${address}`]
  await unlessRefused(remote, folder, [
    ...settings.flatMap((setting) => ['-c', setting]),
    ...['lfs', 'pull'],
  ])
}

/** Says which submodules and files of Git LFS a checkout lacks below a directory, one sentence each. */
export async function missingParts(directory: string): Promise<string[]> {
  const submodules = await emptySubmodules(directory)
  const pointers = await lfsPointers(directory).catch(() => [])
  return [
    ...(submodules.length === 0
      ? []
      : [
          `${plural(submodules.length, 'submodule')} of its repository ${submodules.length === 1 ? 'is' : 'are'} empty here: ${listed(submodules)}.`,
        ]),
    ...(pointers.length === 0
      ? []
      : [
          `${plural(pointers.length, 'file')} of Git LFS ${pointers.length === 1 ? 'is' : 'are'} only a pointer here: ${listed(pointers)}.`,
        ]),
  ]
}

function listed(paths: readonly string[]): string {
  const more = paths.length > NAMED ? [`and ${paths.length - NAMED} more`] : []
  return [...paths.slice(0, NAMED), ...more].join(', ')
}

async function unlessRefused(
  remote: Remote,
  folder: string,
  args: readonly string[],
): Promise<void> {
  try {
    await readRemote(remote, ['-C', folder, ...args], FETCH_SECONDS)
  } catch (error) {
    if (!(error instanceof GitReadError) || error.kind === 'passing') throw error
  }
}

async function submodulePaths(folder: string): Promise<string[]> {
  if (!(await exists(join(folder, '.gitmodules')))) return []
  const found = await git(folder, [
    ...['config', '--file', '.gitmodules', '--null', '--get-regexp', '^submodule\\..*\\.path$'],
  ]).catch(() => '')
  return rowsOf(found).map((row) => row.slice(row.indexOf('\n') + 1))
}

/** Paths of submodules that were not brought, from the top of the repository. */
async function emptySubmodules(directory: string): Promise<string[]> {
  const top = (await git(directory, ['rev-parse', '--show-toplevel']).catch(() => '')).trim()
  if (top === '' || !(await exists(join(top, '.gitmodules')))) return []
  const status = await git(top, ['submodule', 'status', '--recursive']).catch(() => '')
  return status.split('\n').flatMap((line) => /^-[0-9a-f]+ (.+)$/.exec(line)?.[1] ?? [])
}

/** Files below a directory that Git LFS keeps and that hold its pointer. */
async function lfsPointers(directory: string): Promise<string[]> {
  const tracked = rowsOf(await git(directory, ['ls-files', '-z', '--', ':(attr:filter=lfs)']))
  const isPointer = await Promise.all(
    tracked.map((path) => beginsWithPointer(join(directory, path))),
  )
  return tracked.filter((_, index) => isPointer[index])
}

async function beginsWithPointer(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return false
  try {
    const { bytesRead, buffer } = await file.read(
      Buffer.alloc(POINTER.length),
      0,
      POINTER.length,
      0,
    )
    return buffer.subarray(0, bytesRead).toString() === POINTER
  } finally {
    await file.close()
  }
}

const rowsOf = (output: string): string[] => output.split('\0').filter((row) => row !== '')
