import { fileTime } from '../../../src/runtime/files.ts'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { environmentOf } from '../../../src/deploy/local-install.ts'
import {
  layoutOf,
  migrationVariables,
  serverVariables,
  type LocalLayout,
} from '../../../src/deploy/local-layout.ts'
import { runningServer } from '../../../src/deploy/local-server.ts'
import { databaseUrl, jwtSecret, userVariables } from '../../../src/deploy/local-settings.ts'

let layout: LocalLayout
beforeEach(async () => {
  layout = layoutOf(await mkdtemp(join(tmpdir(), 'deploy-local-')))
})
afterEach(() => rm(layout.directory, { recursive: true }))

describe('environment of the server', () => {
  const variables = () => ({
    machine: {
      PATH: '/bin',
      HTTPS_PROXY: 'http://proxy',
      ZENML_STORE_API_KEY: 'ZENKEY_x',
      GITHUB_TOKEN: 'ghs_x',
      RUNNER_TRACKING_ID: 'github_1',
      PYTHONPATH: '/job',
    },
    user: { ZENML_SERVER_JWT_SECRET_KEY: 'of the user', ZENML_LOGGING_VERBOSITY: 'DEBUG' },
    layout,
    databaseUrl: 'sqlite:////data/zenml.db',
  })
  const server = (migrated: boolean) =>
    serverVariables(variables(), { port: 8080, jwtSecret: 'ours', migrated })

  it('has nothing of the job that starts it but what every program needs', () => {
    expect(server(true)).toMatchObject({ PATH: '/bin', HTTPS_PROXY: 'http://proxy' })
    for (const name of ['ZENML_STORE_API_KEY', 'GITHUB_TOKEN', 'RUNNER_TRACKING_ID', 'PYTHONPATH'])
      expect(server(true)).not.toHaveProperty(name)
  })

  it('lets server.env replace what is only a default', () => {
    expect(server(true)).toMatchObject({
      ZENML_SERVER_JWT_SECRET_KEY: 'of the user',
      ZENML_LOGGING_VERBOSITY: 'DEBUG',
    })
  })

  it('forbids a migration at start after ours, and leaves the check of the schema to an old version', () => {
    expect(server(true)).toMatchObject({ DISABLE_DATABASE_MIGRATION: 'true' })
    expect(server(false)).not.toHaveProperty('DISABLE_DATABASE_MIGRATION')
  })

  it("switches ZenML's own backup off for the migration, and does not act as a server in it", () => {
    const env = migrationVariables(variables())
    expect(env).toMatchObject({
      ZENML_STORE_BACKUP_STRATEGY: 'disabled',
      ZENML_STORE_URL: 'sqlite:////data/zenml.db',
    })
    expect(env).not.toHaveProperty('ZENML_SERVER')
    expect(env).not.toHaveProperty('DISABLE_DATABASE_MIGRATION')
  })
})

describe('settings', () => {
  it('uses a SQLite file of its own unless a variable is named', () => {
    expect(databaseUrl(layout, undefined, {})).toBe(`sqlite:///${layout.directory}/zenml.db`)
    expect(databaseUrl(layout, 'DB', { DB: 'mysql://u:p@h/zenml' })).toBe('mysql://u:p@h/zenml')
  })

  it('names the variable that is not set', () => {
    expect(() => databaseUrl(layout, 'DB', {})).toThrow(
      'the environment variable DB, which deploy.local.database-url-env names, is not set',
    )
  })

  it('reads server.env with quotes and comments; without the file there is nothing', async () => {
    expect(await userVariables(layout)).toEqual({})
    await writeFile(
      layout.environmentFile,
      '# of the team\nZENML_SERVER_AUTO_ACTIVATE=1\nGREETING="a = b # c"\n',
    )
    expect(await userVariables(layout)).toEqual({
      ZENML_SERVER_AUTO_ACTIVATE: '1',
      GREETING: 'a = b # c',
    })
  })

  it('refuses a server.env that would point the server elsewhere', async () => {
    await writeFile(layout.environmentFile, 'ZENML_STORE_URL=sqlite:////other.db\n')
    await expect(userVariables(layout)).rejects.toMatchObject({
      code: 'preflight-failed',
      next: 'Remove the line and name the database with deploy.local.database-url-env.',
    })
  })

  it('makes the secret once, readable by its owner only', async () => {
    const first = await jwtSecret(layout)
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(await jwtSecret(layout)).toBe(first)
    expect((await stat(layout.secretFile)).mode & 0o777).toBe(0o600)
    expect(await readFile(layout.secretFile, 'utf8')).toBe(first)
  })
})

describe('server.json', () => {
  const record = {
    pid: 1,
    started: 'never',
    host: 'elsewhere',
    version: '0.94.1',
    port: 8080,
    since: '2026-11-23T12:00:00.000Z',
    log: '/x.log',
  }

  it('names no running server when the process is another one', async () => {
    expect(await runningServer(layout)).toBeUndefined()
    await writeFile(layout.serverFile, JSON.stringify(record))
    expect(await runningServer(layout)).toBeUndefined()
  })

  it('is reported when damaged: a server may run that nobody can find', async () => {
    await writeFile(layout.serverFile, '{"pid": 1')
    await expect(runningServer(layout)).rejects.toMatchObject({
      code: 'upgrade-failed',
      message: `${layout.serverFile} is damaged, so the server that it names cannot be found`,
    })
  })
})

it('takes only versions as folder names', () => {
  expect(environmentOf(layout, '0.98.0')).toBe(join(layout.versions, '0.98.0'))
  expect(environmentOf(layout, '0.99.0rc1')).toBe(join(layout.versions, '0.99.0rc1'))
  for (const version of ['../0.98.0', '', 'latest', '0.98.0 --index x', '/etc'])
    expect(() => environmentOf(layout, version)).toThrow('is not a version of ZenML')
})

it('writes times that are file names and sort', () => {
  expect(fileTime(new Date('2026-11-23T18:04:29.823Z'))).toBe('20261123T180429Z')
})
