import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { exists } from '../runtime/files.ts'
import { git } from './git.ts'

/**
 * Makes a clone without a work tree that reads the objects of another clone on this machine and
 * changes nothing in that one: no branch, no worktree entry, no index.
 * @throws Stop `invalid-input` where `from` is no clone
 */
export async function borrowClone(from: string, url: string, folder: string): Promise<void> {
  const pathIn = async (name: string) =>
    resolve(from, (await git(from, ['rev-parse', '--git-path', name])).trim())
  await mkdir(dirname(folder), { recursive: true })
  await git(dirname(folder), ['init', '--quiet', folder])
  await git(folder, ['config', 'remote.origin.url', url])
  await git(folder, ['config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*'])
  const info = join(folder, '.git', 'objects', 'info')
  await mkdir(info, { recursive: true })
  await writeFile(join(info, 'alternates'), `${await pathIn('objects')}\n`)
  // Without it git looks for the parents that a shallow clone does not have.
  const shallow = await pathIn('shallow')
  if (await exists(shallow)) await copyFile(shallow, join(folder, '.git', 'shallow'))
}
