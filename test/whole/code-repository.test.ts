import { execFile, execFileSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { checkOut, fetchCommit, gitSettings, localAddress } from '../../src/git/remote-git.ts'
import type { SnapshotsDeps, SourceRoot } from '../../src/snapshots/deps.ts'
import { rebuildSnapshots } from '../../src/snapshots/modes.ts'
import { integrationsOfCodeRepositories } from '../../src/stacks/code-repositories.ts'
import { projects } from '../../src/zenml/inventory.ts'
import { connect } from '../../src/zenml/server.ts'
import { gitServer, type GitServer } from '../support/git-server.ts'
import { realMachine } from '../support/real-machine.ts'
import { clientJobs, PIPELINES } from '../support/seed.ts'
import { NEW, OLD, startServer, type TestServer } from '../support/zenml.ts'
import { snapshotsDepsFor } from '../support/snapshots-deps.ts'

// A code repository is registered for a private repository. ZenML fetches from it whenever it
// resolves a step, and a job has no credentials.
jest.setTimeout(400_000)

const execute = promisify(execFile)
const READER = 'ghp_reads-the-other-repository'
/** What the integration of GitHub does, without asking GitHub. */
const CODE_REPOSITORY = `
from zenml.code_repositories import BaseCodeRepository
from zenml.code_repositories.git.local_git_repository_context import LocalGitRepositoryContext


class Git(BaseCodeRepository):
    def login(self):
        pass

    def download_files(self, commit, directory, repo_sub_directory):
        raise NotImplementedError

    def get_local_context(self, path):
        return LocalGitRepositoryContext.at(path=path, code_repository=self, remote_url_validation_callback=lambda url: url.endswith("/acme/churn"))
`

let directory: string
let code: GitServer
let commit: string
let server: TestServer

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'code-repository-test-'))
  code = await gitServer({ 'acme/churn': READER })
  const source = join(directory, 'source')
  await cp(PIPELINES, source, { recursive: true })
  await writeFile(join(source, 'acme_code.py'), CODE_REPOSITORY)
  await code.commit('acme/churn', 'main', { '.gitignore': '__pycache__/\n' })
  execFileSync('cp', ['-R', `${source}/.`, code.git('acme/churn', 'rev-parse', '--show-toplevel')])
  commit = await code.commit('acme/churn', 'main', {})
  server = await startServer({ version: NEW })
  await clientJobs(server, {
    clientVersion: OLD,
    sourceRoot: source,
    jobs: [{ op: 'snapshot', source: 'churn.report.report', stack: 'default', name: 'report' }],
  })
  const [project] = (await server.admin.get('/projects', {})).items
  await server.admin.post('/code_repositories', {
    name: 'churn',
    project: project?.id,
    config: {},
    source: { module: 'acme_code', attribute: 'Git', type: 'user' },
    logo_url: null,
    description: null,
  })
})
afterAll(async () => {
  await server.stop()
  await code.close()
  await rm(directory, { recursive: true, force: true })
})

function deps(root: SourceRoot, variables: Readonly<Record<string, string>> = {}): SnapshotsDeps {
  const machine = realMachine()
  return snapshotsDepsFor({ server, directory, target: NEW, root, variables, parallel: 1, machine })
}

const remote = () => ({
  url: `${code.url}/acme/churn`,
  token: READER,
  env: {},
  signal: new AbortController().signal,
})
async function reference(): Promise<unknown> {
  const [snapshot] = (
    await server.admin.get('/pipeline_snapshots', { named_only: 'true', hydrate: 'true' })
  ).items
  return (snapshot?.resources?.['code_reference'] as { body?: { commit?: string } } | null)?.body
    ?.commit
}
/** Makes the snapshot old again. */
const again = () =>
  clientJobs(server, {
    clientVersion: OLD,
    sourceRoot: join(directory, 'source'),
    jobs: [
      {
        op: 'snapshot',
        source: 'churn.report.report',
        stack: 'default',
        name: 'report',
        replace: true,
      },
    ],
  })

describe('a registered code repository', () => {
  it('is used for a source that was checked out from another repository', async () => {
    const folder = join(directory, 'elsewhere')
    await fetchCommit(remote(), commit, folder)
    await checkOut(remote(), { commit, branch: 'main' }, folder)
    const seen = code.seen.length
    const { code: ended, details } = await rebuildSnapshots(deps({ directory: folder, commit }))
    expect([ended, details.snapshots]).toMatchObject([
      'snapshots-rebuilt',
      [{ name: 'report', status: 'rebuilt', 'version-after': NEW }],
    ])
    expect(await reference()).toBe(commit)
    expect(code.seen.length).toBe(seen)
  })

  it('is used for what a job has checked out, without credentials and with reports lying about', async () => {
    await again()
    const folder = join(directory, 'own')
    // As actions/checkout leaves it with persist-credentials: false.
    await fetchCommit(remote(), commit, folder)
    // Not synchronously: what the files hold comes from a server in this process.
    const git = (...args: string[]) =>
      execute('git', [
        '-C',
        folder,
        '-c',
        `http.extraHeader=Authorization: Basic ${Buffer.from(`x-access-token:${READER}`).toString('base64')}`,
        ...args,
      ])
    await git('update-ref', 'refs/remotes/origin/main', commit)
    await git('checkout', '--quiet', '-B', 'main', 'refs/remotes/origin/main')
    await writeFile(join(folder, 'result.json'), '{}')
    const refused = await rebuildSnapshots(
      deps({ directory: folder, commit }, { ZENML_CODE_REPOSITORY_IGNORE_UNTRACKED_FILES: 'true' }),
    )
    expect(refused.details.snapshots).toMatchObject([
      { status: 'failed', message: expect.stringContaining('git fetch') },
    ])

    const variables = {
      ...gitSettings([[`url.${localAddress(folder)}.insteadOf`, `${code.url}/acme/churn`]]),
      ZENML_CODE_REPOSITORY_IGNORE_UNTRACKED_FILES: 'true',
    }
    const { details } = await rebuildSnapshots(deps({ directory: folder, commit }, variables))
    expect(details.snapshots).toMatchObject([
      { name: 'report', status: 'rebuilt', 'version-after': NEW },
    ])
    expect(await reference()).toBe(commit)
  })

  it('lets the code decide what it changed since the recorded commit, and nothing else', async () => {
    const folder = join(directory, 'elsewhere')
    await clientJobs(server, {
      clientVersion: OLD,
      sourceRoot: folder,
      jobs: [
        {
          op: 'snapshot',
          source: 'churn.report.report',
          stack: 'default',
          name: 'report',
          replace: true,
          config: { parameters: { title: 'Weekly' } },
        },
      ],
    })
    expect(await reference()).toBe(commit)
    const text = await readFile(join(PIPELINES, 'churn', 'report.py'), 'utf8')
    const next = await code.commit('acme/churn', 'main', {
      'churn/report.py': text
        .replace('@step(enable_cache=False)', '@step(enable_cache=False, extra={"owner": "data"})')
        .replace('title: str = "Churn"):\n    summarize', 'title: str = "Other"):\n    summarize'),
    })
    const changed = join(directory, 'changed')
    await fetchCommit(remote(), next, changed)
    await checkOut(remote(), { commit: next, branch: 'main' }, changed)
    const { details } = await rebuildSnapshots(deps({ directory: changed, commit: next }))
    const range = `${commit.slice(0, 7)}..${next.slice(0, 7)}`
    expect(details.snapshots).toMatchObject([
      {
        status: 'rebuilt',
        'code-changed': range,
        'not-checked': [
          `steps.summarize.extra.owner: recorded nothing, now "data": the code says so (${range}).`,
        ],
      },
    ])
    expect(await reference()).toBe(next)
  })

  it('brings the integration that its class is in', async () => {
    const zenml = connect({ url: server.url, apiKey: server.apiKey, machine: realMachine() })
    const all = await projects(zenml)
    expect(await integrationsOfCodeRepositories(zenml, all)).toEqual([])
    await server.admin.post('/code_repositories', {
      name: 'on-github',
      project: all[0]?.id,
      config: {},
      source: {
        module: 'zenml.integrations.github.code_repositories',
        attribute: 'GitHubCodeRepository',
        type: 'internal',
      },
      logo_url: null,
      description: null,
    })
    expect(await integrationsOfCodeRepositories(zenml, all)).toEqual(['github'])
  })
})
