import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { moveBranch, push } from '../../src/demo/fake-github/branches.ts'
import { fetchIntoClone, pushFromClone } from '../../src/demo/fake-github/clones.ts'
import { commitOf } from '../../src/demo/fake-github/git.ts'
import { mergePull } from '../../src/demo/fake-github/merges.ts'
import { openPull } from '../../src/demo/fake-github/pulls.ts'
import { forkRepository } from '../../src/demo/fake-github/repositories.ts'
import type { MergeMethod, Pull } from '../../src/demo/fake-github/state.ts'
import { startCheckedGithub, type CheckedGithub } from '../support/checked-github.ts'
import { JOB, OCTOCAT, octocat, place, R, type Place } from '../support/github-fake-place.ts'
import { caller, type Caller } from '../support/github-calls.ts'

let there: Place
let github: CheckedGithub
let job: Caller
let person: Caller

beforeEach(async () => {
  there = place()
  github = await startCheckedGithub({ state: there.state })
  job = caller(github, JOB)
  person = caller(github, OCTOCAT)
})
afterEach(() => github.close())

const promotion = (): Pull =>
  openPull(there.state, there.repository, {
    head: 'staging',
    base: 'main',
    title: 'Promote',
    actor: octocat,
  })
const tipOf = (branch: string): string => there.repository.branches[branch] ?? ''
const numbersOf = async (sha: string): Promise<number[]> =>
  ((await job('GET', `${R}/commits/${sha}/pulls`)).body as { number: number }[]).map(
    ({ number }) => number,
  )

describe('a merge', () => {
  it.each(['merge', 'squash', 'rebase'] as const)('by %s leaves its history', async (method) => {
    push(there.state, there.repository, {
      branch: 'main',
      change: { 'README.md': 'hotfix' },
      message: 'Hotfix',
      actor: octocat,
    })
    const [main, staging] = [tipOf('main'), tipOf('staging')]
    promotion()
    expect(
      (await person('PUT', `${R}/pulls/1/merge`, { merge_method: method, sha: staging })).status,
    ).toBe(200)
    const { parents, files } = commitOf(there.repository, tipOf('main'))
    expect(parents).toEqual(method === 'merge' ? [main, staging] : [main])
    expect(Object.keys(files)).toContain('README.md')
    expect(files['zenml-upgrade.yml']).toEqual(
      commitOf(there.repository, staging).files['zenml-upgrade.yml'],
    )
    expect((await job('GET', `${R}/pulls/1`)).body).toMatchObject({
      state: 'closed',
      merged: true,
      merge_commit_sha: tipOf('main'),
      merged_by: { login: 'octocat' },
    })
    expect(await numbersOf(tipOf('main'))).toEqual([1])
    expect(await numbersOf(staging)).toEqual([1])
  })

  it.each<[MergeMethod, 'ahead' | 'diverged', number]>([
    ['merge', 'ahead', 0],
    ['squash', 'diverged', 1],
    ['rebase', 'diverged', 1],
  ])('by %s leaves the branches %s', async (method, status, left) => {
    const staging = tipOf('staging')
    mergePull(there.state, there.repository, promotion(), { method, actor: octocat })
    expect((await job('GET', `${R}/compare/${staging}...main`)).body).toMatchObject({
      status,
      behind_by: left,
    })
    expect(commitOf(there.repository, tipOf('main')).files).toEqual(
      commitOf(there.repository, staging).files,
    )
  })

  it('by rebase makes new commits even on a base that did not move', () => {
    const staging = tipOf('staging')
    mergePull(there.state, there.repository, promotion(), { method: 'rebase', actor: octocat })
    expect(tipOf('main')).not.toBe(staging)
    expect(commitOf(there.repository, tipOf('main')).message).toBe('ZenML 0.98.0')
  })

  it("is refused in GitHub's words", async () => {
    promotion()
    expect(await person('PUT', `${R}/pulls/1/merge`, { sha: tipOf('main') })).toMatchObject({
      status: 409,
      body: { message: 'Head branch was modified. Review and try the merge again.' },
    })
    there.repository.allowedMerges = ['merge']
    expect(await person('PUT', `${R}/pulls/1/merge`, { merge_method: 'squash' })).toMatchObject({
      status: 405,
      body: { message: 'Squash merges are not allowed on this repository.' },
    })
    push(there.state, there.repository, {
      branch: 'main',
      change: { 'zenml-upgrade.yml': 'zenml: 0.97.0\n' },
      message: 'Conflict',
      actor: octocat,
    })
    expect(await person('PUT', `${R}/pulls/1/merge`)).toMatchObject({
      status: 405,
      body: { message: 'Pull Request is not mergeable' },
    })
    expect((await job('GET', `${R}/pulls/1`)).body).toMatchObject({
      mergeable: false,
      mergeable_state: 'dirty',
      merge_commit_sha: null,
    })
  })

  it('never lands a workflow file with GITHUB_TOKEN', async () => {
    push(there.state, there.repository, {
      branch: 'staging',
      change: { '.github/workflows/zenml-upgrade.yml': 'on: [push]\n' },
      message: 'Workflow',
      actor: octocat,
    })
    promotion()
    const { status, body } = await job('PUT', `${R}/pulls/1/merge`)
    expect([status, (body as { message: string }).message]).toEqual([
      403,
      'refusing to allow a GitHub App to create or update workflow `.github/workflows/zenml-upgrade.yml` without `workflows` permission',
    ])
    expect((await person('PUT', `${R}/pulls/1/merge`)).status).toBe(200)
  })

  it('by GITHUB_TOKEN starts no workflow, by a person it does', async () => {
    promotion()
    await job('PUT', `${R}/pulls/1/merge`)
    expect(there.state.events.at(-1)).toMatchObject({
      name: 'push',
      ref: 'refs/heads/main',
      actor: 'github-actions[bot]',
      startsWorkflows: false,
    })
    push(there.state, there.repository, {
      branch: 'staging',
      change: { a: 'b' },
      message: 'Next',
      actor: octocat,
    })
    expect(there.state.events.at(-1)).toMatchObject({
      name: 'push',
      ref: 'refs/heads/staging',
      startsWorkflows: true,
    })
  })
})

describe('pull requests', () => {
  it('of one head and base are open once', async () => {
    const wanted = { head: 'staging', base: 'main', title: 'Promote' }
    expect((await job('POST', `${R}/pulls`, wanted)).status).toBe(201)
    expect(await job('POST', `${R}/pulls`, wanted)).toMatchObject({
      status: 422,
      body: {
        message: 'Validation Failed',
        errors: [
          {
            resource: 'PullRequest',
            code: 'custom',
            message: 'A pull request already exists for acme:staging.',
          },
        ],
      },
    })
    await person('PUT', `${R}/pulls/1/merge`)
    expect(await job('POST', `${R}/pulls`, wanted)).toMatchObject({
      status: 422,
      body: { errors: [{ message: 'No commits between main and staging' }] },
    })
    expect(await job('POST', `${R}/pulls`, { ...wanted, head: 'nothing' })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'head', code: 'invalid' }] },
    })
  })

  it('cannot be opened by Actions where the organisation forbids it', async () => {
    there.repository.actionsMayCreatePulls = false
    const wanted = { head: 'staging', base: 'main', title: 'Promote' }
    expect(await job('POST', `${R}/pulls`, wanted)).toMatchObject({
      status: 403,
      body: { message: 'GitHub Actions is not permitted to create or approve pull requests.' },
    })
    expect((await person('POST', `${R}/pulls`, wanted)).status).toBe(201)
  })

  it('follow their branch, and are merged when all of it is pushed to the base', async () => {
    promotion()
    const sha = push(there.state, there.repository, {
      branch: 'staging',
      change: { b: 'c' },
      message: 'More',
      actor: octocat,
    })
    expect((await job('GET', `${R}/pulls/1`)).body).toMatchObject({ head: { sha } })
    moveBranch(there.state, there.repository, 'main', sha, octocat)
    expect((await job('GET', `${R}/pulls/1`)).body).toMatchObject({
      state: 'closed',
      merged: true,
      merge_commit_sha: sha,
    })
  })

  it('of forks name the fork', async () => {
    const fork = forkRepository(there.state, there.repository, 'mallory')
    push(there.state, fork, {
      branch: 'staging',
      change: { x: 'y' },
      message: 'Mine',
      actor: { login: 'mallory', app: null },
    })
    openPull(there.state, there.repository, {
      head: 'mallory:staging',
      base: 'main',
      title: 'Mine',
      actor: { login: 'mallory', app: null },
    })
    expect((await job('GET', `${R}/pulls?head=mallory:staging`)).body).toMatchObject([
      { head: { label: 'mallory:staging', repo: { full_name: 'mallory/platform', fork: true } } },
    ])
    expect((await job('GET', `${R}/pulls?head=acme:staging`)).body).toEqual([])
  })

  it('that are open have a merge commit nobody can reach', async () => {
    promotion()
    const { merge_commit_sha: sha } = (await job('GET', `${R}/pulls/1`)).body as {
      merge_commit_sha: string
    }
    expect(sha).toMatch(/^[0-9a-f]{40}$/)
    expect((await job('GET', `${R}/commits/${sha}`)).status).toBe(422)
  })

  it('of a commit are known late, and the open one only until the commit is on the default branch', async () => {
    there.state.behaviour.indexedAfterLookups = 2
    promotion()
    const staging = tipOf('staging')
    expect([await numbersOf(staging), await numbersOf(staging), await numbersOf(staging)]).toEqual([
      [],
      [],
      [1],
    ])
    there.state.behaviour.indexedAfterLookups = 0
    moveBranch(there.state, there.repository, 'release', tipOf('main'), octocat)
    there.repository.defaultBranch = 'staging'
    expect(await numbersOf(staging)).toEqual([])
    expect(await numbersOf(tipOf('main'))).toEqual([])
  })
})

describe('a real clone', () => {
  let clone: string
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', clone, ...args], {
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
    }).trim()

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'zenml-upgrade-clone-'))
  })
  afterEach(() => {
    rmSync(clone, { recursive: true })
  })

  it('has the same ids, both ways', () => {
    git('init', '-q', '-b', 'feature')
    fetchIntoClone(there.repository, clone)
    expect(git('rev-parse', 'origin/staging')).toBe(tipOf('staging'))
    git('checkout', '-q', '-B', 'feature', 'origin/staging')
    writeFileSync(join(clone, 'weights.bin'), Buffer.from([0, 255, 10]))
    writeFileSync(join(clone, 'ümlaut "quoted".txt'), 'text')
    git('add', '.')
    git(
      '-c',
      'user.name=Octo Cat',
      '-c',
      'user.email=o@example.com',
      'commit',
      '-q',
      '-m',
      'Weights',
      '-m',
      'and more',
    )
    expect(
      pushFromClone(there.state, there.repository, {
        directory: clone,
        branch: 'feature',
        actor: octocat,
      }),
    ).toBe(git('rev-parse', 'HEAD'))
    mergePull(
      there.state,
      there.repository,
      openPull(there.state, there.repository, {
        head: 'feature',
        base: 'main',
        title: 'Weights',
        actor: octocat,
      }),
      { actor: octocat },
    )
    fetchIntoClone(there.repository, clone)
    expect(git('rev-parse', 'origin/main')).toBe(tipOf('main'))
    expect(git('rev-parse', 'origin/main^2')).toBe(git('rev-parse', 'feature'))
    expect(git('fsck', '--strict')).toBe('')
  })
})
