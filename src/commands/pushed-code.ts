import { git, headCommit } from '../runner/git.ts'
import { fetchFrom, gitSettings } from '../runner/remote-git.ts'
import type { Workspace } from './workspace.ts'

/**
 * Variables for what uses ZenML with the code of this repository. With a code repository registered, ZenML fetches from `origin` to see whether
 * the commit was pushed, and looks for untracked files. In a job the commit was pushed, or the job would not run; there are no credentials to
 * fetch with (actions/checkout with persist-credentials: false), and what is untracked are the reports of the job.
 */
export async function pushedCode({ place, workingDirectory, machine }: Pick<Workspace, 'place' | 'workingDirectory' | 'machine'>): Promise<Record<string, string>> {
  const event = place.github?.context.event
  if (event === undefined || !('sha' in event) || event.sha !== (await headCommit(workingDirectory))) return {}
  const line = (args: readonly string[]) => git(workingDirectory, args).then((text) => text.trim(), () => '')
  const [url, top] = [await line(['config', 'remote.origin.url']), await line(['rev-parse', '--show-toplevel'])]
  if (url === '' || top === '') return {}
  return { ...gitSettings(Object.entries(fetchFrom(top, url)), machine.env), ZENML_CODE_REPOSITORY_IGNORE_UNTRACKED_FILES: 'true' }
}
