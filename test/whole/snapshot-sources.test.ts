import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { recordedRoots } from '../../src/session/recorded-root.ts'
import { rebuildSnapshots } from '../../src/snapshots/modes.ts'
import { realMachine } from '../support/real-machine.ts'
import { NO_OTHERS } from '../support/repositories.ts'
import { clientJobs, PIPELINES } from '../support/seed.ts'
import { snapshotsDepsFor } from '../support/snapshots-deps.ts'
import { NEW, OLD, startServer, type TestServer } from '../support/zenml.ts'

// Two teams with modules of the same names, a pipeline that a function makes, and code that went on.
jest.setTimeout(600_000)

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
        return LocalGitRepositoryContext.at(path=path, code_repository=self, remote_url_validation_callback=lambda url: url.endswith("/acme/ml.git"))
`
const MADE = `
from zenml import pipeline, step

@step(enable_cache=False)
def load() -> int:
    return 1

def make_pipeline():
    @pipeline(name="made")
    def inner():
        load()
    return inner

made = make_pipeline()
`

let directory: string
let monorepo: string
let recorded: string
let server: TestServer
const git = (...args: string[]) =>
  execFileSync(
    'git',
    ['-C', monorepo, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args],
    { encoding: 'utf8' },
  ).trim()
const root = (team: string) => join(monorepo, 'services', team)

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'snapshot-sources-'))
  monorepo = join(directory, 'monorepo')
  await mkdir(join(monorepo, 'services'), { recursive: true })
  for (const team of ['churn', 'fraud', 'tests'])
    await cp(PIPELINES, root(team), { recursive: true })
  // The same module and the same steps; another pipeline, and another default.
  const report = await readFile(join(PIPELINES, 'churn', 'report.py'), 'utf8')
  await writeFile(
    join(root('fraud'), 'churn', 'report.py'),
    report.replace('churn_report', 'fraud_report'),
  )
  await writeFile(join(root('churn'), 'made.py'), MADE)
  await writeFile(join(root('churn'), 'acme_code.py'), CODE_REPOSITORY)
  await writeFile(join(monorepo, '.gitignore'), '__pycache__/\n')
  // A clone of a repository of this machine: what was pushed is there.
  const origin = join(directory, 'acme', 'ml.git')
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', origin])
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', monorepo])
  git('remote', 'add', 'origin', origin)
  git('add', '--all')
  git('commit', '--quiet', '--no-gpg-sign', '--message', 'first')
  git('push', '--quiet', '--set-upstream', 'origin', 'main')
  recorded = git('rev-parse', 'HEAD')
  server = await startServer({ version: NEW })
  const job = (source: string, name: string) => ({
    op: 'snapshot' as const,
    source,
    stack: 'default',
    name,
  })
  await clientJobs(server, {
    clientVersion: OLD,
    sourceRoot: root('churn'),
    jobs: [job('churn.report.report', 'churn-report'), job('made.made', 'made')],
  })
  await clientJobs(server, {
    clientVersion: OLD,
    sourceRoot: root('fraud'),
    jobs: [job('churn.report.report', 'fraud-report')],
  })
  const [project] = (await server.admin.get('/projects', {})).items
  await server.admin.post('/code_repositories', {
    name: 'ml',
    project: project?.id,
    config: { owner: 'acme', repository: 'ml' },
    source: { module: 'acme_code', attribute: 'Git', type: 'user' },
    logo_url: null,
    description: null,
  })
  await clientJobs(server, {
    clientVersion: OLD,
    sourceRoot: root('churn'),
    jobs: [job('churn.training.training', 'training')],
  })
})
afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})

function deps(file: Record<string, unknown>) {
  const machine = realMachine({ ...process.env })
  const roots = Object.fromEntries(
    ['churn', 'fraud', 'tests'].map((team) => [
      team,
      { directory: root(team), commit: git('rev-parse', 'HEAD') },
    ]),
  )
  return {
    ...snapshotsDepsFor({
      server,
      directory,
      target: NEW,
      root: { directory: monorepo, commit: undefined },
      roots,
      file,
      machine,
    }),
    thisRepository: () => Promise.resolve({ host: undefined, path: 'acme/ml' }),
    recordedRoot: recordedRoots({
      machine,
      environment: 'staging',
      workingDirectory: monorepo,
      githubToken: undefined,
      repositories: NO_OTHERS,
    }),
  }
}
const SOURCES = [
  { name: 'churn', path: 'services/churn' },
  { name: 'fraud', path: 'services/fraud', python: '3.12' },
  { name: 'tests', path: 'services/tests', snapshots: [] },
]

describe('sources without patterns', () => {
  it('are found by code reference, module and pipeline, each with its own Python, commit and pipeline', async () => {
    // The branch goes on, and the work tree has changes.
    const file = join(root('churn'), 'churn', 'training.py')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replaceAll('evaluate', 'assess'))
    git('commit', '--quiet', '--no-gpg-sign', '--all', '--message', 'second')
    git('push', '--quiet')
    await writeFile(file, 'this is no Python\n')
    const before = git('status', '--porcelain')
    const { code, details } = await rebuildSnapshots(
      deps({
        sources: SOURCES,
        snapshots: [
          { name: 'made', 'pipeline-source': 'made.made' },
          { name: 'training', code: 'recorded' },
        ],
      }),
    )
    const rebuilt = { status: 'rebuilt', 'version-after': NEW }
    expect([code, details.snapshots]).toMatchObject([
      'snapshots-rebuilt',
      [
        { name: 'churn-report', source: 'churn', ...rebuilt },
        { name: 'training', source: 'churn', ...rebuilt, 'code-changed': null },
        { name: 'fraud-report', source: 'fraud', ...rebuilt },
        { name: 'made', source: 'churn', ...rebuilt },
      ],
    ])
    const { items } = await server.admin.get('/pipeline_snapshots', {
      named_only: 'true',
      hydrate: 'true',
    })
    const pythons = items.map(({ name, metadata }) => [name, pythonOf(metadata)])
    expect(Object.fromEntries(pythons)).toMatchObject({
      'churn-report': '3.11',
      'fraud-report': '3.12',
    })
    expect(items.find(({ name }) => name === 'training')?.resources).toMatchObject({
      code_reference: { body: { commit: recorded, subdirectory: 'services/churn' } },
    })
    expect(git('status', '--porcelain')).toBe(before)
    expect(git('worktree', 'list').split('\n')).toHaveLength(1)
  })
})

function pythonOf(metadata: unknown): string {
  const { client_environment: environment } = metadata as {
    client_environment?: { python_version?: string }
  }
  return (environment?.python_version ?? '').split('.').slice(0, 2).join('.')
}
