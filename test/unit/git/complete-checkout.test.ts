import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { checkOutWhole, missingParts } from '../../../src/git/complete-checkout.ts'
import { git } from '../../../src/git/git.ts'
import { fetchCommit, type Remote } from '../../../src/git/remote-git.ts'
import { completeOwnCheckout } from '../../../src/session/own-checkout.ts'
import { gitLfs } from '../../support/environments.ts'
import { gitServer, type GitServer } from '../../support/git-server.ts'
import { testMachine } from '../../support/machine.ts'

const execute = promisify(execFile)
const READER = 'ghp_reader'
const WEIGHTS = 'the weights of a model\n'
const PATH = process.env['PATH'] ?? ''

let server: GitServer
let root: string
let commit: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'complete-checkout-'))
  server = await gitServer({ 'acme/ml': READER, 'acme/common': READER, 'acme/closed': 'ghp_other' })
  const gitlink = async (repository: string) =>
    server.commit(repository, 'main', { 'common.py': `name = "${repository}"\n` })
  const modules = { common: await gitlink('acme/common'), closed: await gitlink('acme/closed') }
  await server.commit('acme/ml', 'main', {
    '.gitmodules': [
      '[submodule "common"]\n\tpath = libs/common\n\turl = ../common.git\n',
      `[submodule "closed"]\n\tpath = libs/closed\n\turl = ${server.url}/acme/closed.git\n`,
    ].join(''),
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    'models/weights.bin': await server.storeLfs('acme/ml', WEIGHTS),
  })
  for (const [name, id] of Object.entries(modules))
    server.git('acme/ml', 'update-index', '--add', '--cacheinfo', `160000,${id},libs/${name}`)
  server.git('acme/ml', 'commit', '--quiet', '--no-gpg-sign', '--message', 'submodules')
  server.git('acme/ml', 'push', '--quiet', 'origin', 'main')
  commit = server.git('acme/ml', 'rev-parse', 'HEAD')
}, 120_000)
afterEach(() => {
  process.env['PATH'] = PATH
})
afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true })
})

const remote = (): Remote => ({
  url: `${server.url}/acme/ml.git`,
  token: READER,
  env: {},
  signal: new AbortController().signal,
})
async function checkedOut(): Promise<string> {
  const folder = mkdtempSync(join(root, 'clone-'))
  await fetchCommit(remote(), commit, folder)
  await checkOutWhole(remote(), { commit, branch: 'main' }, folder)
  return folder
}
const CLOSED = '1 submodule of its repository is empty here: libs/closed.'
const POINTER = '1 file of Git LFS is only a pointer here: models/weights.bin.'

describe('a checkout of another repository', () => {
  it('has its submodules, also a private one, and names one that the token does not read', async () => {
    const folder = await checkedOut()
    expect(readFileSync(join(folder, 'libs/common/common.py'), 'utf8')).toContain('acme/common')
    expect(existsSync(join(folder, 'libs/closed/common.py'))).toBe(false)
    expect((await missingParts(folder))[0]).toBe(CLOSED)
  })

  it('has its files of Git LFS where git-lfs is installed, and nothing that git takes for a change', async () => {
    process.env['PATH'] = [await gitLfs(), PATH].join(delimiter)
    const folder = await checkedOut()
    expect(readFileSync(join(folder, 'models/weights.bin'), 'utf8')).toBe(WEIGHTS)
    expect(await missingParts(folder)).toEqual([CLOSED])
    expect(await git(folder, ['status', '--porcelain'])).toBe('')
  }, 120_000)

  it('names its files of Git LFS where git-lfs is not installed', async () => {
    expect(await missingParts(await checkedOut())).toEqual([CLOSED, POINTER])
  })
})

describe('the checkout of this repository', () => {
  it('is completed by the step that has the tokens', async () => {
    const folder = mkdtempSync(join(root, 'own-'))
    const header = `http.extraHeader=Authorization: Basic ${Buffer.from(`x-access-token:${READER}`).toString('base64')}`
    // As actions/checkout leaves it.
    await execute('git', ['-c', header, 'clone', '--quiet', '--depth=1', remote().url, folder])
    expect(await missingParts(folder)).toEqual([
      '2 submodules of its repository are empty here: libs/closed, libs/common.',
      POINTER,
    ])
    await completeOwnCheckout({
      machine: testMachine({
        PATH,
        XDG_CACHE_HOME: join(root, 'cache'),
        GITHUB_SERVER_URL: server.url,
        GITHUB_REPOSITORY: 'acme/ml',
        ZENML_UPGRADE_SOURCES_TOKEN: READER,
      }),
      workingDirectory: folder,
      githubToken: 'ghs_of-the-job',
    })
    expect(await missingParts(folder)).toEqual([CLOSED, POINTER])
  })
})
