import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { git } from '../git/git.ts'
import { repositoryFiles } from './files.ts'

/** Makes the repository of the demo, with one commit on the branch main. */
export async function makeRepository(repository: string, config: string): Promise<void> {
  for (const [path, content] of Object.entries(repositoryFiles(config))) {
    await mkdir(dirname(join(repository, path)), { recursive: true })
    await writeFile(join(repository, path), content)
  }
  await git(repository, ['init', '--quiet', '--initial-branch=main'])
  await commit(repository, 'Pipelines, smoke suite and the version that is deployed')
}

/** Does what a person, or Renovate, does: commits the new version on the branch staging. */
export async function bumpVersion(repository: string, version: string): Promise<void> {
  await git(repository, ['switch', '--quiet', '--create', 'staging'])
  const path = join(repository, 'zenml-upgrade.yml')
  await writeFile(path, (await readFile(path, 'utf8')).replace(/^zenml: .*$/m, `zenml: ${version}`))
  await commit(repository, `ZenML ${version}`)
}

async function commit(repository: string, message: string): Promise<void> {
  await git(repository, ['add', '.'])
  await git(repository, [
    '-c',
    'user.name=you',
    '-c',
    'user.email=you@localhost',
    'commit',
    '--quiet',
    '--no-gpg-sign',
    '--message',
    message,
  ])
}
