import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { person } from './fake-github/actor.ts'
import { addRun } from './fake-github/actions-runs.ts'
import { fetchIntoClone, pushFromClone } from './fake-github/clones.ts'
import { jobEnvironment } from './fake-github/job-environment.ts'
import { mergePull } from './fake-github/merges.ts'
import {
  addActionsToken,
  addRepository,
  addUser,
  ALL_PERMISSIONS,
  emptyState,
} from './fake-github/repositories.ts'
import { startFakeGithub } from './fake-github/server.ts'
import { git } from '../git/git.ts'

/**
 * A GitHub of the demo's own on 127.0.0.1, with one repository: its API as far as this tool uses
 * it, and no web page.
 */
export interface DemoGithub {
  /** Pushes a branch of the clone, which starts a run of the workflow. */
  push(branch: string): void
  /**
   * What a person does on the web page: merges the open pull request, which starts a run on main.
   * The clone follows.
   */
  merge(): Promise<void>
  /** Variables of a job of the newest run. */
  job(name: string): Promise<Readonly<Record<string, string>>>
  /** The one comment as it is now; undefined before there is one. */
  comment(): { readonly pullRequest: number; readonly body: string } | undefined
  /**
   * Branch of the newest run; each run has result files of its own, as each has a machine of its
   * own.
   */
  branch(): string
  close(): Promise<void>
}

const SOMEBODY = person('you')
const TOKEN = 'ghs_demo'

/** `clone` is a repository with the branch `main`; `directory` keeps the files of events. */
export async function startDemoGithub(clone: string, directory: string): Promise<DemoGithub> {
  const state = emptyState()
  // Nobody's address: links of the demo must not lead to somebody else's repository.
  state.serverUrl = 'http://github.invalid'
  addUser(state, 'you')
  const repository = addRepository(state, 'you/demo', { collaborators: { you: 'admin' } })
  addActionsToken(state, TOKEN, repository, ALL_PERMISSIONS)
  const server = await startFakeGithub({ state })
  const start = (branch: string) => addRun(state, repository, { headBranch: branch, actor: 'you' })
  let run: ReturnType<typeof start> | undefined
  return {
    push(branch) {
      pushFromClone(state, repository, { directory: clone, branch, actor: SOMEBODY })
      run = start(branch)
    },
    async merge() {
      const pull = repository.pulls.find((candidate) => candidate.state === 'open')
      if (pull === undefined) throw new Error('the promotion is not open')
      mergePull(state, repository, pull, { actor: SOMEBODY })
      fetchIntoClone(repository, clone)
      await git(clone, [
        'checkout',
        '--quiet',
        '-B',
        pull.base.ref,
        `refs/remotes/origin/${pull.base.ref}`,
      ])
      run = start(pull.base.ref)
    },
    async job(name) {
      if (run === undefined) throw new Error('nothing was pushed')
      const { env, event } = jobEnvironment({
        state,
        repository,
        run,
        api: server.url,
        job: name,
        token: TOKEN,
      })
      const path = join(directory, `event-${run.id}.json`)
      await writeFile(path, event)
      // The lines of the steps are for a terminal, not for GitHub's log.
      return { ...env, GITHUB_ACTIONS: '', GITHUB_EVENT_PATH: path }
    },
    comment() {
      const comment = repository.comments.at(-1)
      return comment === undefined ? undefined : { pullRequest: comment.issue, body: comment.body }
    },
    branch: () => run?.headBranch ?? '',
    close: () => server.close(),
  }
}
