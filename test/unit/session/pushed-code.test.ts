import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Place } from '../../../src/state/backend.ts'
import { pushedCode } from '../../../src/session/pushed-code.ts'
import { testMachine } from '../../support/machine.ts'

let folder: string
let sha: string
const git = (...args: string[]) =>
  execFileSync(
    'git',
    ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args],
    { encoding: 'utf8' },
  ).trim()
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pushed-code-')))
  git('init', '--quiet')
  git('commit', '--quiet', '--no-gpg-sign', '--allow-empty', '--message', 'first')
  sha = git('rev-parse', 'HEAD')
  git('remote', 'add', 'origin', 'https://github.com/acme/ml')
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const none = {} as Place
/** Of a push of this commit. */
const push = (commit: string) =>
  ({
    ...none,
    github: { context: { event: { kind: 'push', branch: 'staging', sha: commit } } },
  }) as unknown as Place
const variables = (place: Place, env = {}) =>
  pushedCode({ place, workingDirectory: folder, machine: testMachine(env) })

describe('code that was pushed', () => {
  it('is fetched from where it lies', async () => {
    const found = await variables(push(sha), { GIT_CONFIG_COUNT: '1' })
    expect(found).toMatchObject({
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_1: `includeIf.gitdir:${folder}/.git.path`,
      ZENML_CODE_REPOSITORY_IGNORE_UNTRACKED_FILES: 'true',
    })
    git('branch', 'staging')
    execFileSync('git', ['-C', folder, 'fetch', '--quiet', 'origin'], {
      env: { ...process.env, ...(await variables(push(sha))) },
    })
    expect(git('rev-parse', 'origin/staging')).toBe(sha)
  })
  it("leaves a neighbour's address alone, whose name begins with the same", async () => {
    const reads = async (url: string, cwd: string) =>
      execFileSync('git', ['-C', cwd, 'ls-remote', '--get-url', url], {
        encoding: 'utf8',
        env: { ...process.env, ...(await variables(push(sha))) },
      }).trim()
    expect(await reads('https://github.com/acme/ml-common.git', tmpdir())).toBe(
      'https://github.com/acme/ml-common.git',
    )
    expect(await reads('origin', folder)).toBe(`file://${folder}`)
  })
  it('is nothing that a person has on a machine, or that a job has committed', async () => {
    expect(await variables({ ...none, github: undefined })).toEqual({})
    expect(await variables(push('0'.repeat(40)))).toEqual({})
  })
})
