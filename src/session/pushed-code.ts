import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git, headCommit } from '../git/git.ts'
import { gitSettings, localAddress } from '../git/remote-git.ts'
import { scratchFolder } from '../runtime/scratch.ts'
import type { Workspace } from './session.ts'

/**
 * Variables for what uses ZenML with the code of this repository. With a code repository
 * registered, ZenML fetches from `origin` to see whether the commit was pushed, and looks for
 * untracked files. In a job the commit was pushed, or the job would not run; there are no
 * credentials to fetch with (actions/checkout with persist-credentials: false), and what is
 * untracked are the reports of the job.
 */
export async function pushedCode({
  place,
  workingDirectory,
  machine,
}: Pick<Workspace, 'place' | 'workingDirectory' | 'machine'>): Promise<Record<string, string>> {
  const event = place.github?.context.event
  if (
    event === undefined ||
    !('sha' in event) ||
    event.sha !== (await headCommit(workingDirectory))
  )
    return {}
  const line = (args: readonly string[]) =>
    git(workingDirectory, args).then(
      (text) => text.trim(),
      () => '',
    )
  const [url, top, own] = [
    await line(['config', 'remote.origin.url']),
    await line(['rev-parse', '--show-toplevel']),
    await line(['rev-parse', '--absolute-git-dir']),
  ]
  if (url === '' || top === '' || own === '') return {}
  // Inside this repository alone: to git an address also stands for all that begin with it, such as
  // a neighbour's.
  const rule = join(scratchFolder('git'), 'config')
  await writeFile(
    rule,
    `[url ${JSON.stringify(localAddress(top))}]\n\tinsteadOf = ${JSON.stringify(url)}\n`,
  )
  return {
    ...gitSettings([[`includeIf.gitdir:${own}.path`, rule]], machine.env),
    ZENML_CODE_REPOSITORY_IGNORE_UNTRACKED_FILES: 'true',
  }
}
