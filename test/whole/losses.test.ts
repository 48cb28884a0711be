import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyToMariadb } from '../support/copy-to-mariadb.ts'
import { startMariadb, type TestMariadb } from '../support/mariadb.ts'
import { seededOldServer } from '../support/seed.ts'
import { upgradePlace, type UpgradePlace } from '../support/upgrade-place.ts'
import { NEW, OLD } from '../support/zenml.ts'

/** What no count of the API shows, and what one does. */
const DAMAGE = [
  'DELETE FROM secret',
  'DELETE FROM tag_resource',
  'DELETE FROM tag',
  'DELETE FROM logs',
  'DELETE FROM run_metadata_resource',
  'DELETE FROM run_metadata',
  'DELETE FROM step_configuration',
  'DELETE FROM step_run',
  "UPDATE artifact_version SET uri = '/elsewhere'",
]
const NAMED = [
  'artifact_version.uri',
  'rows of logs',
  'rows of run_metadata',
  'rows of run_metadata_resource',
  'rows of secret',
  'rows of step_configuration',
  'rows of step_run',
  'rows of tag',
  'rows of tag_resource',
]
const DEPLOY = {
  deploy:
    '$CONTROL stop; $CONTROL migrate $TARGET_VERSION; curl -fsS --noproxy "*" -o /dev/null "$DAMAGE_URL"; $CONTROL start $TARGET_VERSION',
  rollback: '$CONTROL start $PREVIOUS_VERSION',
  stop: '$CONTROL stop',
}

/** An address that does some work when it is asked, for a command of a deployment. */
async function address(work: () => Promise<void> | void) {
  const server = createServer((_request, response) => {
    void Promise.resolve(work()).then(() => response.end('done'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

function sqlite(path: string, statements: readonly string[]): void {
  execFileSync('python3', [
    '-c',
    'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()',
    path,
    statements.join(';\n'),
  ])
}

let place: UpgradePlace
afterEach(() => place.close(), 60_000)

async function upgradeWithDamage(damage: () => Promise<void> | void) {
  const damaging = await address(damage)
  try {
    return await place.run(['upgrade-workspace'], { DAMAGE_URL: damaging.url })
  } finally {
    await damaging.close()
  }
}

function expectLosses(run: Awaited<ReturnType<UpgradePlace['run']>>): void {
  expect(run.outputs).toMatchObject({
    outcome: 'inconclusive',
    'reason-code': 'counts-decreased',
    'rolled-back': 'false',
    'to-version': NEW,
  })
  const { lost, compared } = run.result?.details as {
    lost: { subject: string; message: string }[]
    compared: { database: { 'only-listed-columns': boolean } }
  }
  expect(lost.map(({ subject }) => subject)).toEqual(expect.arrayContaining(NAMED))
  // Also what the API shows, and nothing that was not damaged.
  expect(
    lost
      .map(({ subject }) => subject)
      .filter((subject) => /^rows of|^\w+\.\w+$/.test(subject))
      .sort(),
  ).toEqual(NAMED)
  expect(compared.database['only-listed-columns']).toBe(false)
}

/** The server is at its target, nothing changed: without an open loss the run would be green. */
async function expectHeldUntilAcknowledged(attempt: string): Promise<void> {
  const again = await place.run(['upgrade-workspace'])
  expect(again).toMatchObject({
    exitCode: 3,
    outputs: { outcome: 'held', 'reason-code': 'loss-open' },
    result: { next: expect.stringContaining(`acknowledge --environment staging`) as unknown },
  })
  expect(again.log).toContain('rows of the backup are gone')
  const acknowledged = await place.run([
    ...['acknowledge', '--attempt', attempt],
    ...['--reason', 'a test'],
  ])
  expect(acknowledged.outputs['reason-code']).toBe('loss-acknowledged')
  expect((await place.run(['upgrade-workspace'])).outputs['reason-code']).toBe('already-at-target')
}

describe('a deploy command that destroys data', () => {
  it('is caught on SQLite: every table and column is named, nothing is rolled back, and it stays open', async () => {
    place = await upgradePlace({ deploy: DEPLOY })
    const path = join(place.directory, 'zenml.db')
    await place.admin.post('/secrets', { name: 's', private: false, values: { key: 'value' } })
    const run = await upgradeWithDamage(() => {
      sqlite(path, DAMAGE)
    })
    expectLosses(run)
    await expectHeldUntilAcknowledged(run.result?.attempt ?? '')
  }, 300_000)

  describe('on MariaDB', () => {
    let mariadb: TestMariadb
    beforeAll(async () => {
      mariadb = await startMariadb()
    }, 300_000)
    afterAll(() => mariadb.stop(), 60_000)

    it('is caught: every table and column is named, nothing is rolled back, and it stays open', async () => {
      const seeds = await mkdtemp(join(tmpdir(), 'zenml-seeded-'))
      const { apiKey, databasePath } = await seededOldServer(seeds)
      place = await upgradePlace({
        deploy: DEPLOY,
        databaseUrl: mariadb.url('zenml'),
        env: mariadb.env,
        installed: [OLD, NEW],
        fill: async () => {
          await copyToMariadb(databasePath, mariadb, 'zenml')
          return apiKey
        },
      })
      await rm(seeds, { recursive: true, force: true })
      await place.admin.post('/secrets', { name: 's', private: false, values: { key: 'value' } })
      const run = await upgradeWithDamage(async () => {
        await mariadb.sql(`SET FOREIGN_KEY_CHECKS = 0; ${DAMAGE.join('; ')}`, 'zenml')
      })
      expectLosses(run)
      await expectHeldUntilAcknowledged(run.result?.attempt ?? '')
    }, 400_000)
  })
})
