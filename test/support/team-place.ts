// A team: two real ZenML servers of the old version, a repository with both branches on a fake
// GitHub, and runners that are gone after each run.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { configFile, repositoryFiles } from '../../src/demo/files.ts'
import {
  driverOf,
  freePort,
  startDemoServer,
  type DemoServer,
  type ServerPlace,
} from '../../src/demo/servers.ts'
import { addRun } from '../../src/demo/fake-github/actions-runs.ts'
import { person } from '../../src/demo/fake-github/actor.ts'
import { fetchIntoClone, pushFromClone } from '../../src/demo/fake-github/clones.ts'
import { mergePull } from '../../src/demo/fake-github/merges.ts'
import { pullOf } from '../../src/demo/fake-github/pulls.ts'
import {
  addActionsToken,
  addRepository,
  addUser,
  emptyState,
} from '../../src/demo/fake-github/repositories.ts'
import type { Repository } from '../../src/demo/fake-github/state.ts'
import { gitSettings } from '../../src/git/remote-git.ts'
import { runAct, type ActRun, type Suite } from './act.ts'
import { startCheckedGithub, type CheckedGithub } from './checked-github.ts'
import { NEW, OLD, serverEnvironment, uv } from './environments.ts'
import { realMachine } from './real-machine.ts'
import { rest, type Rest } from './rest.ts'
import { clientJobs } from './seed.ts'
import { EXAMPLES, read } from './workflow-files.ts'

type Branch = 'staging' | 'main'
type Name = 'staging' | 'production'

export interface Team {
  readonly github: CheckedGithub
  readonly repository: Repository
  /** The configuration file for a version. */
  config(version: string): string
  /**
   * Commits files on a branch and pushes it; null removes one. The workflow of that push has run
   * when this ends.
   */
  push(
    branch: Branch,
    files: Readonly<Record<string, string | null>>,
    message: string,
  ): Promise<ActRun>
  /**
   * Merges a pull request as a person does, with a merge commit; the workflow of that push has run
   * when this ends.
   */
  merge(number: number): Promise<ActRun>
  /**
   * What happens when a person closes and reopens the pull request of a promotion: its workflow
   * runs, which a bot's pull request would not start.
   */
  reopen(number: number): Promise<ActRun>
  version(name: Name): Promise<string>
  /**
   * Every named snapshot with the version of ZenML that made it; on a local stack there are no
   * images that could tell.
   */
  snapshots(name: Name): Promise<Record<string, unknown>>
  close(): Promise<void>
}

/**
 * What lies in the repository of the team, and what in one of another team: names of snapshots, and
 * their pipelines.
 */
const OWN = { training: 'pipelines.training', scoring: 'pipelines.scoring' }
const REPORTS = { report: 'reports.weekly_report' }
const REPORTS_CODE = `from zenml import pipeline, step


@step
def count(rows: int = 5) -> int:
    return rows


@pipeline
def weekly_report():
    count()
`
const SOURCES = `
    snapshots: [training, scoring]
  - name: reports
    repository: acme/reports
    ref: { staging: staging, production: main }
    snapshots: [report]
`

const TOKEN = 'ghs_not-a-real-token-of-the-job'
const WORKFLOW = '.github/workflows/zenml-upgrade.yml'
const octocat = person('octocat')

/** What the jobs of both flows have together; the policy tests say which job has what. */
const PERMISSIONS = {
  contents: 'read',
  actions: 'read',
  deployments: 'write',
  pull_requests: 'write',
  statuses: 'write',
} as const

export async function teamPlace(suite: Suite): Promise<Team> {
  const root = await mkdtemp(join(tmpdir(), 'zenml-upgrade-team-'))
  const places = {
    staging: await serverPlace(root, 'staging'),
    production: await serverPlace(root, 'production'),
  }
  const cleanUp = async () => {
    for (const place of Object.values(places))
      await driverOf(machine, place, program).stop?.({ fromVersion: '', toVersion: '' })
    await rm(root, { recursive: true, force: true })
  }
  try {
    return await startTeam({ suite, root, places, cleanUp })
  } catch (error) {
    await cleanUp()
    throw error
  }
}

const machine = realMachine()
const program = async () => ({ path: await uv(), version: '1' })

interface TeamParts {
  readonly suite: Suite
  readonly root: string
  readonly places: Readonly<Record<Name, ServerPlace>>
  readonly cleanUp: () => Promise<void>
}

async function startTeam({ suite, root, places, cleanUp }: TeamParts): Promise<Team> {
  const clone = join(root, 'clone')
  const config = (version: string) =>
    configFile(version, { ...places, backups: join(root, 'backups') })
      .replace(/(- name: customers\n.*)\n/, `$1${SOURCES}`)
      .replace('{ command: pytest', '{ source: customers, command: pytest')
  const reports = await otherRepository(join(root, 'elsewhere', 'acme', 'reports.git'), {
    'reports.py': REPORTS_CODE,
  })
  await writeFiles(clone, { ...repositoryFiles(config(OLD)), [WORKFLOW]: read(EXAMPLES[0]) })
  const git = (...args: string[]) =>
    execFileSync('git', [
      '-C',
      clone,
      '-c',
      'user.name=octocat',
      '-c',
      'user.email=octocat@example.com',
      ...args,
    ])
      .toString()
      .trim()
  git('init', '--quiet', '--initial-branch=main')
  git('remote', 'add', 'origin', 'https://github.com/acme/ml.git')
  git('add', '.')
  git('commit', '--quiet', '--no-gpg-sign', '--message', `Pipelines, smoke suite and ZenML ${OLD}`)
  git('branch', 'staging')

  const start = async (place: ServerPlace) => {
    const server = await startDemoServer(machine, place, OLD, program)
    for (const [sourceRoot, snapshots] of [
      [clone, OWN],
      [reports, REPORTS],
    ] as const) {
      await clientJobs(server, {
        clientVersion: OLD,
        sourceRoot,
        jobs: Object.entries(snapshots).map(([name, source]) => ({
          op: 'snapshot',
          source,
          name,
          stack: 'default',
        })),
      })
    }
    return server
  }
  const [staging, production] = await Promise.all([start(places.staging), start(places.production)])
  const servers: Record<Name, DemoServer> = { staging, production }
  const admins: Record<Name, Rest> = {
    staging: rest(staging.url, 'admin'),
    production: rest(production.url, 'admin'),
  }

  const state = emptyState()
  addUser(state, 'octocat')
  const repository = addRepository(state, 'acme/ml', { collaborators: { octocat: 'admin' } })
  addActionsToken(state, TOKEN, repository, PERMISSIONS)
  for (const branch of ['main', 'staging'])
    pushFromClone(state, repository, { directory: clone, branch, actor: octocat })
  fetchIntoClone(repository, clone)
  const github = await startCheckedGithub({ state })

  /** Runs the workflow on what the clone has checked out. */
  const workflow = async (
    branch: Branch,
    event: 'push' | 'pull_request',
    ref: string,
    payload: Readonly<Record<string, unknown>>,
  ): Promise<ActRun> => {
    const run = addRun(state, repository, { headBranch: branch, event })
    const ended = await runAct({
      suite,
      repository: clone,
      workflow: WORKFLOW,
      event,
      runId: run.id,
      artifacts: join(root, 'artifacts', String(run.id)),
      payload: { ...payload, repository: { full_name: 'acme/ml', default_branch: 'main' } },
      secrets: {
        GITHUB_TOKEN: TOKEN,
        ZENML_STAGING_API_KEY: staging.apiKey,
        ZENML_PRODUCTION_API_KEY: production.apiKey,
      },
      env: {
        GITHUB_API_URL: github.url,
        GITHUB_WORKFLOW_REF: `acme/ml/${WORKFLOW}@${ref}`,
        ...gitSettings(
          [[`url.file://${join(root, 'elsewhere')}/.insteadOf`, 'https://github.com/']],
          {},
        ),
      },
    })
    Object.assign(run, { status: 'completed', conclusion: ended.succeeded ? 'success' : 'failure' })
    return ended
  }
  const pushed = (branch: Branch, before: string) => {
    const ref = `refs/heads/${branch}`
    return workflow(branch, 'push', ref, {
      ref,
      before,
      after: repository.branches[branch],
      deleted: false,
      forced: false,
    })
  }

  return {
    github,
    repository,
    config,
    async push(branch, changes, message) {
      const before = repository.branches[branch] ?? ''
      git('checkout', '--quiet', branch)
      await writeFiles(clone, changes)
      git('add', '--all', '.')
      git('commit', '--quiet', '--no-gpg-sign', '--message', message)
      pushFromClone(state, repository, { directory: clone, branch, actor: octocat })
      fetchIntoClone(repository, clone)
      return pushed(branch, before)
    },
    async merge(number) {
      const before = repository.branches['main'] ?? ''
      mergePull(state, repository, pullOf(repository, number), { actor: octocat })
      fetchIntoClone(repository, clone)
      git('checkout', '--quiet', '-B', 'main', 'origin/main')
      return pushed('main', before)
    },
    reopen(number) {
      const { head, base, labels } = pullOf(repository, number)
      const [ref, full_name] = [`refs/pull/${number}/merge`, 'acme/ml']
      const pull_request = {
        number,
        head: { ...head, repo: { full_name } },
        base: { ...base, repo: { full_name } },
        user: { login: 'github-actions[bot]' },
        labels: labels.map((name) => ({ name })),
      }
      return workflow('staging', 'pull_request', ref, { action: 'reopened', number, pull_request })
    },
    async version(name) {
      return (
        (await (await fetch(`${servers[name].url}/api/v1/info`)).json()) as { version: string }
      ).version
    },
    async snapshots(name) {
      const { items } = await admins[name].get('/pipeline_snapshots', {
        named_only: 'true',
        hydrate: 'true',
        size: '50',
      })
      return Object.fromEntries(
        items.map((snapshot) => [snapshot.name, snapshot.metadata?.['client_version']]),
      )
    },
    async close() {
      await cleanUp()
      await github.close()
    },
  }
}

/**
 * Where a server will be; its Python environments are there already, as after an earlier upgrade.
 */
async function serverPlace(root: string, environment: Name): Promise<ServerPlace> {
  const directory = join(root, environment)
  await mkdir(join(directory, 'versions'), { recursive: true })
  for (const version of [OLD, NEW])
    await symlink(await serverEnvironment(version), join(directory, 'versions', version))
  return { environment, directory, port: await freePort() }
}

/** A repository of another team, with one content on both branches. */
async function otherRepository(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  await writeFiles(directory, files)
  const git = (...args: string[]) =>
    execFileSync('git', [
      '-C',
      directory,
      '-c',
      'user.name=octocat',
      '-c',
      'user.email=octocat@example.com',
      ...args,
    ])
  git('init', '--quiet', '--initial-branch=main')
  git('add', '.')
  git('commit', '--quiet', '--no-gpg-sign', '--message', 'Reports')
  git('branch', 'staging')
  return directory
}

async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string | null>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    if (content === null) await rm(join(directory, path))
    else await writeFile(join(directory, path), content)
  }
}
