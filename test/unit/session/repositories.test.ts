import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openRepositories } from '../../../src/session/repositories.ts'
import type { Place } from '../../../src/state/backend.ts'
import { testMachine } from '../../support/machine.ts'

let server: string
beforeEach(() => {
  server = mkdtempSync(join(tmpdir(), 'repositories-'))
})
afterEach(() => {
  rmSync(server, { recursive: true })
})

/** Makes the repository acme/ml on the server, with one commit; returns the commit. */
function createRepository(): string {
  const directory = join(server, 'acme', 'ml.git')
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-C', directory, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args],
      { encoding: 'utf8' },
    ).trim()
  execFileSync('git', ['init', '--quiet', directory])
  git('commit', '--quiet', '--no-gpg-sign', '--allow-empty', '--message', 'first')
  return git('rev-parse', 'HEAD')
}

const SOURCE = {
  name: 'churn',
  repository: 'acme/ml',
  path: '.',
  install: { requirements: [], 'index-env': [] },
  snapshots: [],
}

describe('other repositories', () => {
  it('are read again after a read that failed', async () => {
    const repositories = openRepositories({
      machine: testMachine({
        PATH: process.env['PATH'],
        XDG_CACHE_HOME: join(server, 'cache'),
        GITHUB_SERVER_URL: pathToFileURL(server).href,
      }),
      place: {} as Place,
      githubToken: undefined,
    })
    await expect(repositories.root(SOURCE, 'staging')).rejects.toMatchObject({
      code: 'source-unreachable',
    })
    const commit = createRepository()
    expect(await repositories.root(SOURCE, 'staging')).toMatchObject({ commit })
  })
})
