import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stateDirectory } from '../../src/state/local/attempts.ts'
import { createBackup } from '../../src/backup/backup.ts'
import { createDriver } from '../../src/deploy/create-driver.ts'
import { upgrade } from '../../src/upgrade/upgrade.ts'
import type { UpgradeEnd } from '../../src/upgrade/work.ts'
import { closeHttp } from '../../src/http/http.ts'
import { readInventory } from '../../src/zenml/inventory.ts'
import { connect } from '../../src/zenml/server.ts'
import { httpServer, type HttpTestServer } from '../support/http-server.ts'
import { testMachine, type TestMachine } from '../support/machine.ts'

// A controller rolls the new version out by itself; the upgrade only watches the server.

const page = (items: unknown[]) => ({
  index: 1,
  max_size: 100,
  total_pages: 1,
  total: items.length,
  items,
})

let directory: string
let fake: HttpTestServer
let machine: TestMachine
/** What the controller has rolled out. */
let version: string
/** Called before each answer to a question after the version. */
let onInfo: () => void

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'driver-gitops-'))
  machine = testMachine({ PATH: process.env['PATH'] })
  version = '0.94.1'
  onInfo = () => undefined
  fake = await httpServer((request) => {
    if (request.path === '/api/v1/login')
      return { json: { access_token: 'token', expires_in: null } }
    if (request.path !== '/api/v1/info')
      return {
        json: page(
          request.path === '/api/v1/projects'
            ? [{ id: 'project-1', name: 'default', body: {} }]
            : [],
        ),
      }
    onInfo()
    return {
      json: {
        id: 'server-1',
        name: 'zenml',
        version,
        active: true,
        deployment_type: 'kubernetes',
        database_type: 'mysql',
        auth_scheme: 'OAUTH2_PASSWORD_BEARER',
        server_url: fake.url,
        dashboard_url: null,
      },
    }
  })
})
afterEach(async () => {
  await closeHttp()
  await fake.close()
  await rm(directory, { recursive: true })
})

async function run(): Promise<UpgradeEnd> {
  const server = connect({ url: fake.url, apiKey: 'ZENKEY_test', machine })
  const place = {
    machine,
    environment: 'production' as const,
    workingDirectory: directory,
    reportDirectory: join(directory, 'report'),
  }
  return upgrade(
    {
      environment: 'production',
      target: '0.98.0',
      onFailure: 'rollback',
      backup: 'required',
      dryRun: false,
      timeoutSeconds: 600,
      tested: 'tested',
      sources: [],
      inputs: { digest: 'inputs', files: [] },
      sha: null,
      expectations: { smokeSuite: false, executeSnapshots: false },
      retry: null,
      retryWith: 'upgrade-workspace --override-reason why',
      goBackWithLoss: 'run upgrade-workspace --on-failure rollback-with-loss',
      acknowledgeWith: (attempt) => `acknowledge ${attempt}`,
    },
    {
      machine,
      server,
      driver: createDriver(
        { gitops: { tool: 'argocd', name: 'zenml' } },
        {
          machine,
          environment: 'production',
          workspace: directory,
          logDirectory: directory,
          serverUrl: fake.url,
          uv: () => Promise.reject(new Error('not needed')),
        },
      ),
      backup: createBackup(
        { command: { backup: 'echo dump > "$BACKUP_FILE"', to: join(directory, 'backups') } },
        place,
      ),
      store: stateDirectory(join(directory, 'state'), 'zenml-upgrade.yml'),
      lock: () => Promise.resolve({ release: () => Promise.resolve() }),
      checks: () => Promise.resolve([]),
      parity: () => Promise.resolve(undefined),
      gate: () => Promise.resolve({ kind: 'open', override: null }),
      inventory: () => readInventory(server, undefined),
    },
  )
}

describe('a server that Argo CD deploys', () => {
  it('is upgraded when it reports the target after the backup; nothing is sent to it but questions', async () => {
    // The sync is started by somebody who waits for our line in the log.
    onInfo = () => {
      if (
        machine.lines.some((line) =>
          line.includes('waiting for Argo CD application zenml to roll out ZenML 0.98.0'),
        )
      )
        version = '0.98.0'
    }
    const end = await run()
    expect(end).toMatchObject({
      reasonCode: 'upgraded',
      details: {
        driver: 'gitops',
        'from-version': '0.94.1',
        'to-version': '0.98.0',
        'downtime-seconds': null,
      },
    })
    expect(end.details.checks).toContainEqual(
      expect.objectContaining({ name: 'Argo CD application zenml', status: 'not-checked' }),
    )
    expect(await readdir(join(directory, 'backups'))).not.toEqual([])
    expect(
      fake.seen.filter(({ method, path }) => method !== 'GET' && path !== '/api/v1/login'),
    ).toEqual([])
  })

  it('that was rolled out while we backed up is told to have no backup of ours', async () => {
    onInfo = () => {
      if (machine.lines.some((line) => line.startsWith('Back up the database'))) version = '0.98.0'
    }
    const end = await run()
    expect(end).toMatchObject({
      reasonCode: 'deployed-before-backup',
      details: { 'to-version': '0.98.0' },
    })
    expect(end.next).toContain('docs/drivers.md')
  })

  it('that never arrives is left alone, and the way to revert is named', async () => {
    const end = await run()
    expect(end.reasonCode).toBe('rollback-impossible')
    expect(end.summary).toContain(
      'waiting for ZenML 0.98.0: not there after 600 s; last: it reports ZenML 0.94.1',
    )
    expect(end.next).toBe(
      'Pause Argo CD application zenml (turn off automated sync), scale the server down, restore the backup, revert the commit that left ZenML 0.94.1, then let Argo CD go on; never let 0.94.1 start on the new schema.',
    )
  })
})
