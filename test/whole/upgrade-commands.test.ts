import { afterEach, describe, expect, it } from '@jest/globals'
import { OLD } from '../support/environments.ts'
import { upgradePlace, type UpgradePlace } from '../support/upgrade-place.ts'

const UPGRADE = ['upgrade-workspace']

describe("a deployment by the user's commands on SQLite", () => {
  let place: UpgradePlace
  const commands = {
    deploy: '$CONTROL stop; $CONTROL start $TARGET_VERSION',
    rollback: '$CONTROL start $PREVIOUS_VERSION',
    stop: '$CONTROL stop',
  }
  afterEach(() => place.close(), 60_000)

  it('that exits with 1 before it touched anything leaves the old version as it was', async () => {
    place = await upgradePlace({
      deploy: {
        ...commands,
        deploy: 'echo cannot reach the cluster >&2; exit 1',
        rollback: 'true',
      },
    })
    const before = { info: await place.info(), counts: await place.counts() }
    const run = await place.run(UPGRADE)
    expect(run.outputs).toMatchObject({
      outcome: 'failure',
      'reason-code': 'rolled-back',
      'rolled-back': 'true',
      'to-version': OLD,
    })
    expect(run.result?.summary).toContain('cannot reach the cluster')
    expect(await place.info()).toMatchObject({ version: OLD, id: before.info?.id })
    expect(await place.counts()).toEqual(before.counts)
  }, 300_000)

  it('whose server never comes back is rolled back, and the version is blocked until its script changes or a person gives a reason', async () => {
    place = await upgradePlace({ deploy: { ...commands, deploy: 'bash deploy.sh' } })
    await place.write('deploy.sh', '$CONTROL stop; $CONTROL migrate $TARGET_VERSION\n')
    const before = { info: await place.info(), counts: await place.counts() }
    const run = await place.run([...UPGRADE, '--timeout', '10s'])
    expect(run.outputs).toMatchObject({
      outcome: 'failure',
      'reason-code': 'rolled-back',
      'rolled-back': 'true',
      'to-version': OLD,
    })
    expect(await place.info()).toMatchObject({ version: OLD, id: before.info?.id })
    expect(await place.counts()).toEqual(before.counts)
    const blocked = await place.run(UPGRADE)
    expect(blocked.outputs).toMatchObject({ outcome: 'held', 'reason-code': 'version-blocked' })
    expect(blocked.result?.next).toMatch(/a file that deploys it \(deploy\.sh\).*--override-reason/)

    const reason = 'the network was down'
    const again = await place.run([...UPGRADE, '--timeout', '10s', '--override-reason', reason])
    expect(again.outputs).toMatchObject({ 'reason-code': 'rolled-back' })
    expect((await place.attempts()).at(-1)?.override?.reason).toBe(reason)

    await place.write('deploy.sh', '$CONTROL stop; $CONTROL start $TARGET_VERSION\n')
    expect((await place.run(UPGRADE)).outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'upgraded',
    })
    expect(await place.counts()).toEqual(before.counts)
  }, 500_000)

  it('is not rolled back over what users wrote since the backup', async () => {
    // The new version comes up and is used; then something else makes the verification fail: it
    // never reports for long enough.
    const deploy =
      '$CONTROL stop; $CONTROL start $TARGET_VERSION; curl -fsS --noproxy "*" -o /dev/null "$WRITE_URL"; $CONTROL stop; exit 1'
    place = await upgradePlace({ deploy: { ...commands, deploy } })
    const writer = await place.writeOnce()
    try {
      const run = await place.run(UPGRADE, { WRITE_URL: writer.url })
      expect(run.outputs).toMatchObject({
        outcome: 'failure',
        'reason-code': 'rollback-refused',
        'rolled-back': '',
      })
      expect(run.result?.summary).toMatch(/project 1/)
      expect(await place.info()).toBeUndefined()
      const again = await place.run([...UPGRADE, '--on-failure', 'rollback-with-loss'])
      expect(again.outputs).toMatchObject({
        outcome: 'failure',
        'reason-code': 'rolled-back',
        'to-version': OLD,
      })
      expect(await place.info()).toMatchObject({ version: OLD })
    } finally {
      await writer.close()
    }
  }, 500_000)
})
