import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readContent, type Content } from '../../src/session/content.ts'
import type { Environment } from '../../src/core/environments.ts'
import { person } from '../../src/demo/fake-github/actor.ts'
import { addRun } from '../../src/demo/fake-github/actions-runs.ts'
import { fetchIntoClone, pushFromClone } from '../../src/demo/fake-github/clones.ts'
import { jobEnvironment } from '../../src/demo/fake-github/job-environment.ts'
import { mergePull } from '../../src/demo/fake-github/merges.ts'
import { openPull, pullOf } from '../../src/demo/fake-github/pulls.ts'
import {
  addActionsToken,
  addRepository,
  addUser,
  ALL_PERMISSIONS,
  emptyState,
} from '../../src/demo/fake-github/repositories.ts'
import type { MergeMethod, Pull, Repository, Run, State } from '../../src/demo/fake-github/state.ts'
import { connectGithub } from '../../src/github/client.ts'
import { deploymentLog } from '../../src/state/github/rows.ts'
import { githubAttempts } from '../../src/state/github/attempts.ts'
import type { Repositories } from '../../src/session/repositories.ts'
import type { Attempt } from '../../src/state/attempt.ts'
import { testedOf } from '../../src/state/evidence.ts'
import type { Result } from '../../src/result/result.ts'
import { resultFile } from '../../src/result/result-file.ts'
import { greenAttempt } from '../unit/state/attempts.ts'
import { startBundle, type BundleRun } from './bundle.ts'
import { startCheckedGithub, type CheckedGithub } from './checked-github.ts'
import { httpServer } from './http-server.ts'
import { testMachine } from './machine.ts'
import { NO_OTHERS } from './repositories.ts'

const OCTOCAT = person('octocat')
const CONFIG = 'zenml-upgrade.yml'
const NOW = '2026-11-23T12:00:00Z'
const SHORT_WAITS = {
  NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'short-waits.mjs')).href}`,
}

export interface RunOptions {
  readonly run?: Run
  readonly job?: string
  readonly token?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly pull?: Pull
  readonly action?: string
  readonly env?: Readonly<Record<string, string>>
  /** Result files of earlier jobs of this run; left out, none. */
  readonly reports?: string
  /** A report waits as long as it does on GitHub; left out, a twentieth of that. */
  readonly realWaits?: boolean
}

/**
 * A team with one repository, as a real clone and on the fake GitHub, and two servers that say
 * which ZenML they are.
 */
export interface Team {
  readonly directory: string
  readonly state: State
  readonly repository: Repository
  readonly fake: CheckedGithub
  /** What the two servers report; a test changes it. */
  readonly versions: Record<Environment, string>
  /** Commits on the branch in the clone and pushes it. Gives the commit. */
  push(branch: string, files: Readonly<Record<string, string>>, message?: string): string
  /** Checks a branch of GitHub out, as actions/checkout does. */
  checkout(branch: string): void
  /** Checks the test merge of a pull request out, as actions/checkout does for it. */
  checkoutMerge(pull: Pull): void
  /** Makes a branch of the clone known to GitHub as it is. Gives its tip. */
  publish(branch: string): string
  git(...args: readonly string[]): string
  open(head: string, base: string): Pull
  merge(pull: Pull, method?: MergeMethod): string
  /** A run of the workflow for the tip of a branch; it becomes the one that commands run in. */
  start(branch: string, event?: string, more?: Partial<Run>): Run
  /** Runs a command of the bundle in the newest run. */
  run(args: readonly string[], options?: RunOptions): Promise<TeamRun>
  /** The same, without waiting for its end. */
  begin(
    args: readonly string[],
    options?: RunOptions,
  ): Promise<{ readonly ended: Promise<TeamRun>; kill(signal: NodeJS.Signals): void }>
  /** Writes a record of an environment for what is checked out, as the newest run would have. */
  record(environment: Environment, changes?: Partial<Attempt>): Promise<Attempt>
  /**
   * Lays result files of earlier jobs where `report` finds them, as downloaded artifacts; gives the
   * report directory.
   */
  leave(results: readonly Result[], config?: string): Promise<string>
  config(changes?: string): string
  /** What is checked out, as a command reads it. */
  content(): Promise<Content>
  /**
   * Reads the other repositories of the file for `record` and `content`; a test sets it whose file
   * names some.
   */
  repositories: Repositories
  close(): Promise<void>
}

export interface TeamRun extends BundleRun {
  /** The job summary. */
  readonly summary: string
}

/**
 * `main` deploys 0.94.1 and `staging`, one commit ahead, 0.98.0; the promotion is not open.
 * `servers` begins the ids of the servers; with `key` they take no other.
 */
export async function team({
  servers: prefix = '',
  key,
}: { readonly servers?: string; readonly key?: string } = {}): Promise<Team> {
  const directory = await mkdtemp(join(tmpdir(), 'team-'))
  const clone = join(directory, 'clone')
  const state = emptyState()
  state.now = NOW
  addUser(state, 'octocat')
  const repository = addRepository(state, 'acme/ml', { collaborators: { octocat: 'admin' } })
  addActionsToken(state, 'ghs_job', repository, ALL_PERMISSIONS)
  const fake = await startCheckedGithub({ state })
  const versions: Record<Environment, string> = { staging: '0.94.1', production: '0.94.1' }
  const servers = {
    staging: await zenml('staging', { id: `${prefix}staging-server`, versions, key }),
    production: await zenml('production', { id: `${prefix}production-server`, versions, key }),
  }
  const git = (...args: readonly string[]) =>
    execFileSync(
      'git',
      ['-C', clone, '-c', 'user.name=octocat', '-c', 'user.email=octocat@example.com', ...args],
      { encoding: 'utf8', env: { ...process.env, GIT_AUTHOR_DATE: NOW, GIT_COMMITTER_DATE: NOW } },
    ).trim()
  const config = (changes = '') => `zenml: 0.98.0
environments:
  staging: { server: "${servers.staging.url}", deploy: { command: { deploy: ./deploy.sh staging } }, backup: { command: { backup: ./backup.sh, check: ./backup.sh --check } } }
  production: { server: "${servers.production.url}", deploy: { command: { deploy: ./deploy.sh production } }, backup: { command: { backup: ./backup.sh, check: ./backup.sh --check } } }
smoke: [{ command: pytest -q tests/smoke }]
${changes}`
  let current: Run | undefined

  const place: Team = {
    directory: clone,
    state,
    repository,
    fake,
    versions,
    config,
    repositories: NO_OTHERS,
    content: () =>
      readContent({
        workingDirectory: clone,
        configPath: CONFIG,
        repositories: place.repositories,
      }),
    push(branch, files, message = `Change ${Object.keys(files).join(', ')}`) {
      if (git('symbolic-ref', '--short', 'HEAD') !== branch) git('switch', '--quiet', branch)
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(clone, path)), { recursive: true })
        writeFileSync(join(clone, path), text)
      }
      git('add', '--all')
      git('commit', '--quiet', '--no-gpg-sign', '--message', message)
      return pushed(branch)
    },
    checkout(branch) {
      fetchIntoClone(repository, clone)
      git('checkout', '--quiet', '-B', branch, `refs/remotes/origin/${branch}`)
    },
    checkoutMerge(pull) {
      fetchIntoClone(repository, clone)
      git('checkout', '--quiet', '-B', 'test-merge', `refs/remotes/origin/${pull.base.ref}`)
      git('merge', '--quiet', '--no-edit', '--no-gpg-sign', pull.head.sha)
    },
    publish: (branch) => pushed(branch),
    git,
    open: (head, base) =>
      openPull(state, repository, { head, base, title: `${head} into ${base}`, actor: OCTOCAT }),
    merge(pull, method = 'merge') {
      const sha = mergePull(state, repository, pullOf(repository, pull.number), {
        method,
        actor: OCTOCAT,
      })
      place.checkout(pull.base.ref)
      return sha
    },
    start(branch, event = 'push', more = {}) {
      if (current !== undefined)
        Object.assign(current, { status: 'completed', conclusion: 'success' })
      current = addRun(state, repository, { headBranch: branch, event, ...more })
      return current
    },
    run: async (args, options) => (await place.begin(args, options)).ended,
    async begin(args, options = {}) {
      const scratch = await mkdtemp(join(directory, 'job-'))
      const run = options.run ?? current
      if (run === undefined) throw new Error('start a run first')
      const job = jobEnvironment({
        state,
        repository,
        run,
        api: fake.url,
        job: options.job ?? 'upgrade',
        token: options.token ?? 'ghs_job',
        ...options,
      })
      const [eventPath, summaryPath] = [join(scratch, 'event.json'), join(scratch, 'summary.md')]
      await writeFile(eventPath, job.event)
      await writeFile(summaryPath, '')
      const running = await startBundle(args, {
        cwd: clone,
        env: {
          ...job.env,
          GITHUB_EVENT_PATH: eventPath,
          GITHUB_STEP_SUMMARY: summaryPath,
          ZENML_STORE_API_KEY: 'ZENKEY_test',
          ...(args[0] === 'report' && options.realWaits !== true ? SHORT_WAITS : {}),
          ...options.env,
        },
        ...(options.reports === undefined ? {} : { reports: options.reports }),
      })
      return {
        kill: (signal) => {
          running.process.kill(signal)
        },
        ended: (async () => ({
          ...(await running.ended),
          summary: await readFile(summaryPath, 'utf8'),
        }))(),
      }
    },
    async record(environment, changes = {}) {
      const run = current
      if (run === undefined) throw new Error('start a run first')
      const content = await place.content()
      const context = {
        repository: { owner: 'acme', name: 'ml' },
        urls: { server: state.serverUrl, api: fake.url, graphql: '' },
        run: {
          id: run.id,
          attempt: run.attempt,
          key: `${run.id}.${run.attempt}`,
          job: 'x',
          workflow: run.path,
          url: '',
        },
      }
      const github = await connectGithub({ context, token: 'ghs_job', machine: testMachine() })
      const attempts = githubAttempts({
        github,
        context,
        config: CONFIG,
        log: deploymentLog({ github, config: CONFIG, sha: run.headSha }),
      })
      const attempt = greenAttempt({
        environment,
        ...testedOf(await content.testedIn(environment)),
        sha: content.sha,
        'server-id': `${environment}-server`,
        'server-url': servers[environment].url,
        ...changes,
      })
      await attempts.begin({ ...attempt, entries: [] })
      for (const entry of attempt.entries) await attempts.append(environment, attempt.id, entry)
      return attempt
    },
    async leave(results, config = CONFIG) {
      const reports = await mkdtemp(join(directory, 'report-'))
      for (const result of results) {
        const path = resultFile(reports, {
          command: result.command,
          environment: result.environment,
          config,
          ...(result.command === 'promote' ? { step: result.details?.step ?? 'gate' } : {}),
          ...(result.command === 'rebuild-snapshots'
            ? { mode: result.details?.mode ?? 'all', shard: result.details?.shard ?? undefined }
            : {}),
        })
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, JSON.stringify(result))
      }
      return reports
    },
    async close() {
      await Promise.all(Object.values(servers).map((server) => server.close()))
      await fake.close().finally(() => rm(directory, { recursive: true, force: true }))
    },
  }

  function pushed(branch: string): string {
    const sha = pushFromClone(state, repository, { directory: clone, branch, actor: OCTOCAT })
    git('update-ref', `refs/remotes/origin/${branch}`, sha)
    return sha
  }

  await mkdir(clone)
  git('init', '--quiet', '--template=', '--initial-branch=main')
  place.push(
    'main',
    {
      'zenml-upgrade.yml': config().replace('0.98.0', '0.94.1'),
      'pipelines.py': 'training = 1\n',
      'deploy.sh': '#!/bin/sh\n',
    },
    'First',
  )
  git('switch', '--quiet', '--create', 'staging')
  place.push('staging', { 'zenml-upgrade.yml': config() }, 'ZenML 0.98.0')
  return place
}

/** What ZenML 0.98.0 says about a key that is not one of its own. */
const REFUSED = ['CredentialsNotValid', 'Authentication error: error decoding API key']

function zenml(
  environment: Environment,
  {
    id,
    versions,
    key,
  }: {
    readonly id: string
    readonly versions: Readonly<Record<Environment, string>>
    readonly key: string | undefined
  },
) {
  const page = (items: unknown[]) => ({
    index: 1,
    max_size: 100,
    total_pages: 1,
    total: items.length,
    items,
  })
  return httpServer(({ path, headers, body }) => {
    if (path === '/api/v1/login') {
      const given = new URLSearchParams(body).get('password')
      return key === undefined || given === key
        ? { json: { access_token: 'token', expires_in: null } }
        : { status: 401, json: { detail: REFUSED } }
    }
    if (key !== undefined && path !== '/api/v1/info' && headers.authorization === undefined)
      return { status: 401, json: { detail: 'Not authenticated' } }
    if (path === '/api/v1/projects')
      return { json: page([{ id: 'project-1', name: 'default', body: {} }]) }
    if (path === '/api/v1/current-user')
      return { json: { id: 'user-1', name: 'upgrader', body: {} } }
    if (path !== '/api/v1/info') return { json: page([]) }
    return {
      json: {
        id,
        name: 'default',
        version: versions[environment],
        active: true,
        deployment_type: 'other',
        database_type: 'sqlite',
        auth_scheme: 'OAUTH2_PASSWORD_BEARER',
        server_url: null,
        dashboard_url: null,
      },
    }
  })
}
