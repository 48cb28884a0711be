import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { writeCheckedOut } from '../../../src/session/checked-out.ts'
import { recordedRoots } from '../../../src/session/recorded-root.ts'
import { openRepositories } from '../../../src/session/repositories.ts'
import type { Place } from '../../../src/state/backend.ts'
import { gitServer, type GitServer } from '../../support/git-server.ts'
import { testMachine, type TestMachine } from '../../support/machine.ts'

// Not synchronously: the server of the repositories is in this process.
const execute = promisify(execFile)
const READER = 'ghp_reader'
const AUTHOR = ['-c', 'user.name=octocat', '-c', 'user.email=octocat@example.com']
const FILE = 'services/churn/training.py'

let server: GitServer
let directory: string
let commits: { old: string; new: string }
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'recorded-root-'))
  server = await gitServer({ 'acme/secret': READER })
  const both = async (text: string) => {
    await server.commit('acme/secret', 'main', { [FILE]: text })
    return server.commit('acme/ml', 'main', { [FILE]: text })
  }
  commits = { old: await both('rows = 1\n'), new: await both('rows = 2\n') }
})
afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true })
})

async function cloneOf(repository: string, ...options: string[]): Promise<string> {
  const folder = mkdtempSync(join(directory, 'clone-'))
  await execute('git', ['clone', '--quiet', ...options, `${server.url}/${repository}`, folder])
  return folder
}

const source = (repository?: string) => ({
  name: 'churn',
  repository,
  path: 'services/churn',
  install: { requirements: [], 'index-env': [] },
})

function machineWith(env: Record<string, string> = {}): TestMachine {
  return testMachine({
    PATH: process.env['PATH'],
    XDG_CACHE_HOME: join(directory, 'cache'),
    GITHUB_SERVER_URL: server.url,
    ...env,
  })
}

/** Commits a file in a clone whose name no file system takes. */
function commitUnwritable(clone: string): string {
  const git = (input: string, ...args: string[]) =>
    execFileSync('git', ['-C', clone, ...AUTHOR, ...args], { input, encoding: 'utf8' }).trim()
  const blob = git('', 'hash-object', '-w', '--stdin')
  const tree = git(`100644 blob ${blob}\t${'a'.repeat(300)}\n`, 'mktree')
  return git('', 'commit-tree', '-m', 'Add a file', tree)
}

function rootsOf(
  workingDirectory: string,
  env: Record<string, string> = {},
  machine = machineWith(env),
) {
  return recordedRoots({
    machine,
    environment: 'staging',
    workingDirectory,
    githubToken: undefined,
    repositories: openRepositories({ machine, place: {} as Place, githubToken: undefined }),
  })
}
const code = (commit: string, subdirectory = 'services/churn') => ({ commit, subdirectory })
const textIn = (root: unknown) =>
  readFileSync(join((root as { directory: string }).directory, 'training.py'), 'utf8')

describe('the source root of a recorded commit', () => {
  it('is a clone of its own, and leaves the work tree, the index and the branches of the user alone', async () => {
    const own = await cloneOf('acme/ml')
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', own, ...args], { encoding: 'utf8' })
    writeFileSync(join(own, FILE), 'rows = 3\n')
    git('add', '--all')
    writeFileSync(join(own, FILE), 'rows = 4\n')
    const before = [git('status', '--porcelain'), git('for-each-ref'), git('worktree', 'list')]
    const rootOf = rootsOf(own)
    const root = await rootOf(source(), code(commits.old))
    expect(root).toMatchObject({ commit: commits.old })
    expect(textIn(root)).toBe('rows = 1\n')
    expect(await rootOf(source(), code(commits.old))).toEqual(root)
    expect([git('status', '--porcelain'), git('for-each-ref'), git('worktree', 'list')]).toEqual(
      before,
    )
  })

  it('is on a branch that was pushed, as ZenML wants it', async () => {
    const root = await rootsOf(await cloneOf('acme/ml'))(source(), code(commits.old))
    if (!('directory' in root)) throw new Error(root.message)
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', root.directory, ...args], { encoding: 'utf8' }).trim()
    expect(git('config', 'remote.origin.url')).toBe(`${server.url}/acme/ml`)
    git('fetch', '--quiet', 'origin')
    expect(git('rev-parse', `origin/${git('symbolic-ref', '--short', 'HEAD')}`)).toBe(commits.old)
    expect(git('status', '--porcelain')).toBe('')
  })

  it('is fetched where this clone is shallow', async () => {
    const own = await cloneOf('acme/ml', '--depth=1')
    expect(textIn(await rootsOf(own)(source(), code(commits.old)))).toBe('rows = 1\n')
    expect(textIn(await rootsOf(own)(source(), code(commits.new)))).toBe('rows = 2\n')
  })

  it('is fetched where this clone does not have all files', async () => {
    const own = await cloneOf('acme/ml', '--filter=blob:none')
    expect(textIn(await rootsOf(own)(source(), code(commits.old)))).toBe('rows = 1\n')
  })

  it('is read from another repository with its token', async () => {
    const env = { ZENML_UPGRADE_SOURCES_TOKEN: READER }
    const old = server.git('acme/secret', 'rev-parse', 'HEAD^')
    const root = await rootsOf(directory, env)(source('acme/secret'), code(old))
    expect(textIn(root)).toBe('rows = 1\n')
  })

  it('is no branch and no tag of another repository', async () => {
    const rootOf = rootsOf(directory, { ZENML_UPGRADE_SOURCES_TOKEN: READER })
    expect(await rootOf(source('acme/secret'), code('main'))).toMatchObject({
      message: expect.stringContaining('"main" is no full id of a commit'),
    })
  })

  it('is taken from what an earlier step brought, without any token', async () => {
    const into = mkdtempSync(join(directory, 'into-'))
    const machine = machineWith({ ZENML_UPGRADE_SOURCES_TOKEN: READER })
    const bringing = openRepositories({
      machine,
      place: {} as Place,
      githubToken: undefined,
      into,
    })
    const secret = { ...source(), repository: 'acme/secret' }
    const brought = await bringing.bring(secret, 'staging', { history: true })
    await writeCheckedOut(into, [brought])
    const rootOf = rootsOf(directory, { ZENML_UPGRADE_SOURCES_DIRECTORY: into })
    const old = server.git('acme/secret', 'rev-parse', 'HEAD^')
    expect(textIn(await rootOf(secret, code(old)))).toBe('rows = 1\n')
    expect(await rootOf(secret, code('0'.repeat(40)))).toMatchObject({
      message: expect.stringContaining(
        'none of the branches and tags of acme/secret has the commit 0000',
      ),
    })
    const clone = brought.kind === 'found' ? brought.directory : ''
    expect(await rootOf(secret, code(commitUnwritable(clone)))).toMatchObject({
      message: expect.stringContaining('File name too long'),
    })
  })

  it('is fetched with the password in the address of this clone, which is shown nowhere', async () => {
    const own = await cloneOf('acme/ml', '--depth=1')
    const address = `${server.url.replace('://', `://x-access-token:${READER}@`)}/acme/secret`
    execFileSync('git', ['-C', own, 'config', 'remote.origin.url', address])
    const machine = machineWith()
    const shown: string[] = machine.lines
    const progress: TestMachine['log']['progress'] = (what, work) => {
      shown.push(what)
      return work(() => undefined)
    }
    const rootOf = rootsOf(own, {}, { ...machine, log: { ...machine.log, progress } })
    const root = await rootOf(source(), code(server.git('acme/secret', 'rev-parse', 'HEAD^'), '.'))
    if (!('directory' in root)) throw new Error(root.message)
    shown.push(readFileSync(join(root.directory, '.git', 'config'), 'utf8'))
    const gone = await rootOf(source(), code('0'.repeat(40)))
    expect([...shown, JSON.stringify(gone)].join('\n')).not.toContain(READER)
    expect(shown).toContain(`read the repository ${server.url}/acme/secret`)
  })

  it('is a problem of its snapshots where the commit cannot be checked out', async () => {
    const own = await cloneOf('acme/ml')
    expect(await rootsOf(own)(source(), code(commitUnwritable(own), '.'))).toMatchObject({
      message: expect.stringContaining('File name too long'),
      next: expect.any(String),
    })
  })

  it('is a problem of its snapshots where its repository does not answer, until the command is stopped', async () => {
    const own = await cloneOf('acme/ml', '--depth=1')
    server.fail(503, 3)
    expect(await rootsOf(own)(source(), code(commits.old))).toMatchObject({
      message: expect.stringContaining('could not be read'),
    })
    const machine = machineWith()
    machine.stop(new Error('stopped'))
    await expect(rootsOf(own, {}, machine)(source(), code(commits.old))).rejects.toThrow('stopped')
  })

  it('is a problem of its snapshots where the commit or its directory is gone', async () => {
    const own = await cloneOf('acme/ml')
    expect(await rootsOf(own)(source(), code('0'.repeat(40)))).toMatchObject({
      message: expect.stringContaining('no longer has that commit'),
      next: expect.stringContaining('`code: branch`'),
    })
    expect(await rootsOf(own)(source(), code(commits.old, 'old/place'))).toMatchObject({
      message: expect.stringContaining('has no directory old/place'),
    })
    execFileSync('git', ['-C', own, 'remote', 'remove', 'origin'])
    expect(await rootsOf(own)(source(), code('0'.repeat(40)))).toMatchObject({
      message: expect.stringContaining('no `origin` to fetch it from'),
    })
    expect(existsSync(join(own, '.git', 'worktrees'))).toBe(false)
  })
})
