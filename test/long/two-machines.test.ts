import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { closeHttp } from '../../src/http/http.ts'
import { NEW } from '../support/environments.ts'
import { team, type Team } from '../support/team.ts'
import { upgradePlace, type UpgradePlace } from '../support/upgrade-place.ts'

// A real server and the record on GitHub: nothing but the two outlives a machine.

let place: UpgradePlace
let github: Team
beforeEach(async () => {
  place = await upgradePlace({
    deploy: { deploy: 'true', rollback: 'true', stop: 'true' },
  })
  github = await team()
  const { directory, backups, url } = place
  const deploy = {
    deploy:
      '$CONTROL stop; sleep 5; $CONTROL migrate $TARGET_VERSION; $CONTROL start $TARGET_VERSION',
    rollback: '$CONTROL start $PREVIOUS_VERSION',
    stop: '$CONTROL stop',
  }
  github.push('staging', {
    'zenml-upgrade.yml': [
      `zenml: ${NEW}`,
      'environments:',
      `  staging: { server: "${url}", deploy: { command: ${JSON.stringify(deploy)} }, backup: { sqlite: { path: "${join(directory, 'zenml.db')}", to: "${backups}" } } }`,
      '  production: { server: "http://127.0.0.1:9", deploy: { command: { deploy: "true" } } }',
      'exclude: [{ pattern: "*", reason: "the snapshots are not what this is about" }]',
      '',
    ].join('\n'),
  })
}, 300_000)
afterEach(async () => {
  await closeHttp()
  await github.close()
  await place.close()
}, 60_000)

const UPGRADE = ['upgrade-workspace', '--environment', 'staging']
const env = () => ({
  ZENML_STORE_API_KEY: place.apiKey,
  CONTROL: join(place.directory, 'control.sh'),
})
it('an upgrade whose machine is lost is finished by the next run on another', async () => {
  const id = (await place.info())?.id
  const counts = await place.counts()
  github.start('staging')
  const first = await github.begin(UPGRADE, { env: env() })
  // The deploy command has stopped the server, and sleeps.
  while ((await place.info()) !== undefined) await sleep(50)
  first.kill('SIGKILL')
  await first.ended
  await rm(join(github.directory, 'zenml-upgrade-report'), { recursive: true, force: true })

  github.start('staging', 'workflow_dispatch')
  const second = await github.run(UPGRADE, { env: env() })
  expect(second.outputs).toMatchObject({ outcome: 'success', 'reason-code': 'upgraded' })
  expect(second.log).toContain('was cut off')
  expect(await place.info()).toMatchObject({ version: NEW, id })
  expect(await place.counts()).toEqual(counts)
}, 600_000)

it('of two upgrades that begin at once one works, and the other says who holds the lock', async () => {
  const run = github.start('staging')
  const other = github.start('staging', 'workflow_dispatch')
  Object.assign(run, { status: 'in_progress', conclusion: null })
  const both = await Promise.all([
    github.run(UPGRADE, { run, env: env() }),
    github.run(UPGRADE, { run: other, env: env() }),
  ])
  const codes = both.map(({ outputs }) => outputs['reason-code']).sort()
  expect(codes[1]).toBe('upgraded')
  expect(['locked', 'already-at-target']).toContain(codes[0])
  expect(await place.info()).toMatchObject({ version: NEW })
}, 600_000)
