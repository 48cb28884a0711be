import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { filesAt } from '../../../src/git/git.ts'
import {
  checkOut,
  commitOfRef,
  fetchCommit,
  gitSettings,
  GitReadError,
  type Remote,
} from '../../../src/git/remote-git.ts'
import { gitServer, type GitServer } from '../../support/git-server.ts'

let server: GitServer
let root: string
const commits: Record<string, string> = {}
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'remote-git-'))
  server = await gitServer({ 'acme/secret': 'ghp_reader' })
  commits['main'] = await server.commit('acme/churn', 'main', {
    'services/churn/run.py': 'one\n',
    'README.md': 'x',
  })
  server.git('acme/churn', 'tag', 'v1')
  server.git('acme/churn', 'tag', '--annotate', '--message', 'two', 'v2')
  // A tag of the name of a branch, at another commit.
  server.git('acme/churn', 'tag', 'staging')
  commits['staging'] = await server.commit('acme/churn', 'staging', {
    'services/churn/run.py': 'two\n',
  })
  server.git('acme/churn', 'push', '--quiet', 'origin', 'v1', 'v2', 'refs/tags/staging')
  commits['secret'] = await server.commit('acme/secret', 'main', { 'run.py': 'secret\n' })
})
afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true })
})

const remote = (repository = 'acme/churn', token?: string): Remote => ({
  url: `${server.url}/${repository}`,
  token,
  env: {},
  signal: new AbortController().signal,
})
let count = 0
const folder = () => join(root, String((count += 1)))
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    (error: unknown) => (error instanceof GitReadError ? error : String(error)),
  )

describe('a ref of another repository', () => {
  it('is that of a branch, of a tag, of a full commit, or of the default branch', async () => {
    const of = (ref?: string) => commitOfRef(remote(), ref)
    expect(await of('main')).toEqual({ commit: commits['main'], branch: 'main' })
    expect(await of('v1')).toEqual({ commit: commits['main'], branch: undefined })
    expect(await of('v2')).toEqual({ commit: commits['main'], branch: undefined })
    expect(await of(commits['staging'])).toEqual({ commit: commits['staging'], branch: undefined })
    expect(await of()).toEqual({ commit: commits['main'], branch: 'main' })
  })
  it('is a branch where a tag has the same name', async () => {
    expect(await commitOfRef(remote(), 'staging')).toEqual({
      commit: commits['staging'],
      branch: 'staging',
    })
  })
  it('is nothing where there is none of exactly that name', async () => {
    expect(await commitOfRef(remote(), 'taging')).toBeUndefined()
    expect(await commitOfRef(remote(), '--upload-pack=touch /tmp/x')).toBeUndefined()
  })
})

describe('a commit of another repository', () => {
  it('comes without what its files hold, until it is checked out', async () => {
    const place = folder()
    await fetchCommit(remote(), commits['staging'] ?? '', place)
    expect((await filesAt(place, commits['staging'] ?? '')).map(({ path }) => path)).toEqual([
      'README.md',
      'services/churn/run.py',
    ])
    expect(existsSync(join(place, 'services'))).toBe(false)
    await checkOut(remote(), { commit: commits['staging'] ?? '', branch: 'staging' }, place)
    expect(readFileSync(join(place, 'services/churn/run.py'), 'utf8')).toBe('two\n')
  })

  it('looks pushed to ZenML, also without a network and after its branch moved on', async () => {
    const place = folder()
    await fetchCommit(remote(), commits['main'] ?? '', place)
    await checkOut(remote(), { commit: commits['main'] ?? '', branch: 'main' }, place)
    const seen = server.seen.length
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', place, ...args], { encoding: 'utf8' }).trim()
    git('fetch', 'origin')
    expect(server.seen.length).toBe(seen)
    expect([
      git('rev-parse', 'HEAD'),
      git('rev-parse', 'origin/main'),
      git('symbolic-ref', '--short', 'HEAD'),
    ]).toEqual([commits['main'], commits['main'], 'main'])
    // What ZenML compares with the code repositories that are registered.
    expect(git('config', 'remote.origin.url')).toBe(`${server.url}/acme/churn`)
    expect(git('status', '--porcelain')).toBe('')
  })

  it('comes at the second try where the first one failed on its way', async () => {
    const place = folder()
    server.fail(503, 1)
    expect(await refusal(fetchCommit(remote(), commits['main'] ?? '', place))).toMatchObject({
      kind: 'passing',
    })
    await fetchCommit(remote(), commits['main'] ?? '', place)
    expect(await filesAt(place, commits['main'] ?? '')).toHaveLength(2)
  })

  it('is asked for by the user that belongs to the token', async () => {
    const token = 'glcbt-secret'
    await refusal(
      fetchCommit(
        { ...remote('acme/secret', token), username: 'gitlab-ci-token' },
        commits['secret'] ?? '',
        folder(),
      ),
    )
    expect(server.seen.at(-1)?.authorization).toBe(
      `Basic ${Buffer.from(`gitlab-ci-token:${token}`).toString('base64')}`,
    )
  })

  it('is refused where its id is a name or an option of git', async () => {
    const trace = join(root, 'executed')
    for (const commit of ['main', `--upload-pack=touch ${trace}; git-upload-pack`])
      expect(await refusal(fetchCommit(remote(), commit, folder()))).toMatchObject({
        kind: 'no-commit',
      })
    expect(existsSync(trace)).toBe(false)
  })

  it('that is no more there is told', async () => {
    expect(await refusal(fetchCommit(remote(), 'd'.repeat(40), folder()))).toMatchObject({
      kind: 'no-commit',
      message: expect.stringContaining('d'.repeat(40)),
    })
  })
})

describe('a private repository', () => {
  it('is read with the token, which is in no file', async () => {
    const place = folder()
    expect(await commitOfRef(remote('acme/secret', 'ghp_reader'), 'main')).toEqual({
      commit: commits['secret'],
      branch: 'main',
    })
    await fetchCommit(remote('acme/secret', 'ghp_reader'), commits['secret'] ?? '', place)
    await checkOut(
      remote('acme/secret', 'ghp_reader'),
      { commit: commits['secret'] ?? '', branch: 'main' },
      place,
    )
    expect(readFileSync(join(place, 'run.py'), 'utf8')).toBe('secret\n')
    expect(() => execFileSync('grep', ['-r', 'ghp_reader', place])).toThrow()
  })
  it('is refused without one, or with another', async () => {
    expect(await refusal(commitOfRef(remote('acme/secret'), 'main'))).toMatchObject({
      kind: 'refused',
    })
    expect(await refusal(commitOfRef(remote('acme/secret', 'ghp_other'), 'main'))).toMatchObject({
      kind: 'refused',
    })
    expect(await refusal(commitOfRef(remote('acme/nothing'), 'main'))).toMatchObject({
      kind: 'refused',
    })
  })
  it('gets no token for another server', async () => {
    const other = await gitServer({ 'acme/churn': 'ghp_reader' })
    await other.commit('acme/churn', 'main', { a: 'b' })
    try {
      const redirected = {
        ...remote('acme/churn', 'ghp_reader'),
        env: gitSettings([[`url.${other.url}/.insteadOf`, `${server.url}/`]]),
      }
      expect(await refusal(commitOfRef(redirected, 'main'))).toMatchObject({ kind: 'refused' })
      expect(other.seen.filter(({ authorization }) => authorization !== undefined)).toEqual([])
    } finally {
      await other.close()
    }
  })
})

describe('a server that does not answer', () => {
  it('may answer in a moment', async () => {
    server.fail(502, 1)
    expect(await refusal(commitOfRef(remote(), 'main'))).toMatchObject({ kind: 'passing' })
    expect(
      await refusal(commitOfRef({ ...remote(), url: 'http://127.0.0.1:9/acme/churn' }, 'main')),
    ).toMatchObject({ kind: 'passing' })
  })
  it('is not waited for by a command that was stopped', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'))
    expect(await refusal(commitOfRef({ ...remote(), signal: stopped }, 'main'))).toBe(
      'Error: stopped',
    )
  })
})
