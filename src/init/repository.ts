import { readFile, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import pMap from 'p-map'
import { Stop } from '../core/stop.ts'
import { git } from '../git/git.ts'
import { repositoryName, type RepositoryName } from '../git/repository-name.ts'
import { projectDependencies } from '../zenml-client/pyproject.ts'
import type { Facts } from './facts.ts'
import { WORKFLOW_PATH } from './files.ts'
import { remoteHost } from './forms.ts'

export interface InitRepository extends Pick<Facts, 'files' | 'projectFiles' | 'branches'> {
  /** Host of the remote `origin`; null: there is none, or it is a path. */
  readonly host: string | null
  /** The repository of the remote `origin`; undefined: there is none, or it is a path. */
  readonly name: RepositoryName | undefined
  /** Text of the workflow that is there already. */
  readonly workflow: string | undefined
}

/**
 * Reads what git knows of this clone.
 * @throws Stop `invalid-input` where the folder is none, or in no clone.
 */
export async function readRepository(folder: string): Promise<InitRepository> {
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory() !== true)
    throw new Stop('invalid-input', `the working directory is not a folder: ${folder}`, {
      next: 'Name the root of the repository as --working-directory.',
    })
  const listed = await git(folder, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  const files = listed
    .replace(/\n$/, '')
    .split('\0')
    .filter((file) => file !== '')
  const address = (await git(folder, ['remote', 'get-url', 'origin']).catch(() => '')).trim()
  const branches = await git(folder, [
    'for-each-ref',
    '--format=%(refname:lstrip=2)',
    'refs/heads',
    'refs/remotes/origin',
  ])
  return {
    files,
    projectFiles: await projectFiles(folder, files),
    branches: branches.split('\n').map((name) => name.replace(/^origin\//, '')),
    workflow: await readFile(join(folder, WORKFLOW_PATH), 'utf8').catch(() => undefined),
    host: address === '' ? null : remoteHost(address),
    name: repositoryName(address),
  }
}

/** The `pyproject.toml` files that name dependencies; many hold settings of tools only. */
async function projectFiles(folder: string, files: readonly string[]): Promise<string[]> {
  const named = await pMap(
    files.filter((file) => posix.basename(file) === 'pyproject.toml'),
    async (file) => {
      const text = await readFile(join(folder, file), 'utf8').catch(() => '')
      return projectDependencies(text).length > 0 ? [file] : []
    },
    { concurrency: 8 },
  )
  return named.flat()
}
