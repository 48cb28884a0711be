import { describe, expect, it } from '@jest/globals'
import { lastOf, type Attempt } from '../../../src/state/attempt.ts'
import { digestOfLosses } from '../../../src/state/losses.ts'
import type { Loss } from '../../../src/result/upgrade.ts'
import type { Check } from '../../../src/result/common.ts'
import { outcomeOf } from '../../../src/core/reasons.ts'
import type { Driver } from '../../../src/deploy/driver.ts'
import { upgrade } from '../../../src/upgrade/upgrade.ts'
import { evidence } from '../state/attempts.ts'
import {
  Killed,
  NEW,
  newWorld,
  OLD,
  SETTINGS,
  toolsFor,
  type Trouble,
  type World,
} from './world.ts'

async function once(world: World, trouble: Trouble = {}, settings = SETTINGS) {
  return upgrade(settings, toolsFor(world, trouble))
}

describe('an upgrade', () => {
  it('ends at the target with the same data, and is nothing the second time', async () => {
    const world = newWorld()
    const first = await once(world)
    expect(first.reasonCode).toBe('upgraded')
    expect(first.details).toMatchObject({
      'from-version': OLD,
      'to-version': NEW,
      changed: true,
      'rolled-back': false,
      lost: [],
    })
    expect(first.details.backup).not.toBeNull()
    expect(first.details['downtime-seconds']).not.toBeNull()
    const second = await once(world)
    expect(second.reasonCode).toBe('already-at-target')
    expect(second.details.changed).toBe(false)
    expect(world).toMatchObject({ running: NEW, schema: NEW, rows: 10, crimes: [] })
  })

  it('changes nothing in a dry run', async () => {
    const world = newWorld()
    const before = structuredClone(world)
    expect((await once(world, {}, { ...SETTINGS, dryRun: true })).reasonCode).toBe('dry-run')
    expect(world).toEqual(before)
  })

  it('makes every check in a dry run, also where there is nothing to upgrade', async () => {
    const world = newWorld()
    Object.assign(world, { running: NEW, schema: NEW })
    const settings = { ...SETTINGS, dryRun: true }
    expect(await once(world, {}, settings)).toMatchObject({
      reasonCode: 'already-at-target',
      details: {
        checks: expect.arrayContaining([expect.objectContaining({ name: 'credentials' })]),
      },
    })
    const check = {
      name: 'configuration file',
      status: 'failed' as const,
      message: 'is as init wrote it',
    }
    const tools = { ...toolsFor(world), checks: () => Promise.resolve([check]) }
    expect(await upgrade(settings, tools)).toMatchObject({
      reasonCode: 'preflight-failed',
      summary: expect.stringContaining('is as init wrote it'),
    })
  })

  it('does not touch the server when the backup fails', async () => {
    const world = newWorld()
    const end = await once(world, { backupFails: true })
    expect(end.reasonCode).toBe('backup-failed')
    expect(end.details.changed).toBe(false)
    expect(world).toMatchObject({ running: OLD, schema: OLD })
  })

  it('does not touch the server when the stacks are to be mirrored and are not, or nobody can tell; with a warning it goes on, and both tell of them', async () => {
    const report = { compared: 2, 'not-in-use': 0, differences: 1, notes: 0, findings: [] }
    const finding = {
      name: 'stack parity',
      message: '1 difference',
      next: 'Make the stacks alike.',
    }
    const withParity = async (check: Check, trouble: Trouble = {}) => {
      const world = newWorld()
      return {
        end: await upgrade(SETTINGS, {
          ...toolsFor(world, trouble),
          parity: () => Promise.resolve({ report, check }),
        }),
        world,
      }
    }
    for (const code of ['stacks-not-mirrored', 'parity-unknown'] as const) {
      const { end, world } = await withParity({ ...finding, status: 'failed', 'reason-code': code })
      expect(end).toMatchObject({
        reasonCode: code,
        next: 'Make the stacks alike.',
        details: { changed: false, parity: report },
      })
      expect(world).toMatchObject({ running: OLD, attempts: [] })
      // What is broken counts more than what holds.
      expect(
        (
          await withParity(
            { ...finding, status: 'failed', 'reason-code': code },
            { databaseOfAnother: true },
          )
        ).end.reasonCode,
      ).toBe('preflight-failed')
    }
    const { end, world } = await withParity({ ...finding, status: 'warning' })
    expect(end).toMatchObject({ reasonCode: 'upgraded', details: { parity: report } })
    expect(world.attempts.map((attempt) => lastOf(attempt, 'closed')?.details?.parity)).toEqual([
      report,
    ])
  })

  it('does not touch the server when the backup would be of another server', async () => {
    const world = newWorld()
    const end = await once(world, { databaseOfAnother: true })
    expect(end).toMatchObject({ reasonCode: 'preflight-failed', details: { changed: false } })
    expect(world).toMatchObject({ running: OLD, attempts: [] })
  })

  it.each<[string, Trouble]>([
    ['the deployment exits with 1', { deployFails: true }],
    ['the migration dies', { migrationFails: true }],
    ['the server never comes back', { neverComesBack: true }],
    ['the server comes back as another version', { reports: '0.97.0' }],
    ['the wall clock is set while it runs', { neverComesBack: true, wallClockSetBy: -7200 }],
  ])('goes back when %s, and blocks the version until an input changes', async (_what, trouble) => {
    const world = newWorld()
    const end = await once(world, trouble)
    expect(end.reasonCode).toBe('rolled-back')
    expect(end.details).toMatchObject({ 'rolled-back': true, 'to-version': OLD })
    expect(world).toMatchObject({ running: OLD, schema: OLD, rows: 10, crimes: [] })
    expect((await once(world)).reasonCode).toBe('version-blocked')
    const inputs = { digest: 'inputs-2', files: ['deploy.sh'] }
    expect((await once(world, {}, { ...SETTINGS, inputs })).reasonCode).toBe('upgraded')
  })

  it('says what lifts the block of a version that was rolled back', async () => {
    const world = newWorld()
    const end = await once(world, { deployFails: true })
    expect(end.next).toContain('a file that deploys it (deploy.sh)')
    const { summary, next } = await once(world)
    expect(summary).toMatch(/nothing that the upgrade is made with has changed since$/)
    expect(next).toBe(
      'Change an input of the upgrade: the version, a setting, a file that deploys it (deploy.sh), or pipeline code; or try it again as it is, with a reason: upgrade-workspace --override-reason why',
    )
  })

  it('tries a blocked version again for a person with a reason, and records who', async () => {
    const world = newWorld()
    await once(world, { deployFails: true })
    const retry = { actor: 'ada', reason: 'the disk was enlarged' }
    const end = await once(world, {}, { ...SETTINGS, retry })
    expect(end).toMatchObject({
      reasonCode: 'upgraded',
      summary: expect.stringContaining('tried again by ada: the disk was enlarged') as unknown,
    })
    expect(world.attempts.map(({ override }) => override)).toEqual([undefined, retry])
  })

  it('records no one where nothing had to be lifted', async () => {
    const world = newWorld()
    await once(world, {}, { ...SETTINGS, retry: { actor: 'ada', reason: 'just in case' } })
    expect(world.attempts.map(({ override }) => override)).toEqual([undefined])
  })

  it('refuses to go back over what was written since, stays stopped, and goes back with loss when told to', async () => {
    const world = newWorld()
    const end = await once(world, { reports: '0.97.0', writesAfterUpgrade: 3 })
    expect(end.reasonCode).toBe('rollback-refused')
    expect(end.summary).toContain('pipeline_run 3')
    expect(world).toMatchObject({ running: undefined, rows: 13 })
    const again = await once(
      world,
      { reports: '0.97.0' },
      { ...SETTINGS, onFailure: 'rollback-with-loss' },
    )
    expect(again.reasonCode).toBe('rolled-back')
    expect(world).toMatchObject({ running: OLD, rows: 10, crimes: [] })
  })

  it('refuses to go back when what was written cannot be counted', async () => {
    const end = await once(newWorld(), { reports: '0.97.0', cannotCount: true })
    expect(end.reasonCode).toBe('rollback-refused')
    expect(end.details['written-since-backup']).toBeNull()
  })

  it('stays where it is with on-failure: stop, and goes on in the next run', async () => {
    const world = newWorld()
    const end = await once(world, { neverComesBack: true }, { ...SETTINGS, onFailure: 'stop' })
    expect(end.reasonCode).toBe('upgrade-failed')
    expect(world.schema).toBe(NEW)
    expect((await once(world)).reasonCode).toBe('upgraded')
  })

  it.each([
    ['untouched', 'changed nothing in the database, which is in the middle of the migration'],
    ['incomplete', 'the database is incomplete'],
    ['unknown', 'what is in the database now is not known'],
  ] as const)(
    'says what a failed restore left (%s), stays stopped, and goes on in the next run',
    async (restoreFails, sentence) => {
      const world = newWorld()
      const end = await once(world, { migrationFails: true, restoreFails })
      expect(end).toMatchObject({
        reasonCode: 'rollback-failed',
        summary: expect.stringContaining(sentence) as unknown,
        next: expect.stringMatching(/^Start no server.*cp \/backups\/.* DATABASE_FILE/) as unknown,
      })
      expect(end.summary).toMatch(/the server is stopped$/)
      expect(world.running).toBeUndefined()
      expect((await once(world)).reasonCode).toBe('rolled-back')
      expect(world).toMatchObject({ running: OLD, schema: OLD, rows: 10, crimes: [] })
    },
  )

  it('starts the old version where the restore failed after the whole backup was in the database', async () => {
    const world = newWorld()
    const end = await once(world, { migrationFails: true, restoreFails: 'complete' })
    expect(end.reasonCode).toBe('rolled-back')
    expect(world).toMatchObject({ running: OLD, schema: OLD, rows: 10, crimes: [] })
  })

  it('is rolled back without a trigger that the database refuses, and names it', async () => {
    const end = await once(newWorld(), { migrationFails: true, restoreRefusesTrigger: true })
    expect(end.reasonCode).toBe('rolled-back')
    expect(end.summary).toContain('not restored: the trigger audit')
    expect(end.details['left-out']).toEqual({
      objects: [{ kind: 'trigger', name: 'audit', reason: 'access denied' }],
      file: '/backups/not-restored.sql',
    })
  })

  it('never starts the old version on a database that a failed restore left at the new schema', async () => {
    const world = newWorld()
    const end = await once(world, { neverComesBack: true, restoreFails: 'untouched' })
    expect(end.summary).toContain(`is whole, at the schema of ZenML ${NEW}`)
    expect(end.next).toContain(`Repair ZenML ${NEW} and start it`)
    expect(world).toMatchObject({ running: undefined, schema: NEW, crimes: [] })
  })

  it('names no damaged backup as the next step, and says what is in the database', async () => {
    const world = newWorld()
    const end = await once(world, { migrationFails: true, backupDamaged: true })
    expect(end).toMatchObject({
      reasonCode: 'rollback-failed',
      summary: expect.stringContaining(
        'the backup is damaged; the restore changed nothing',
      ) as unknown,
      next: expect.stringContaining(`estore another backup of ZenML ${OLD} by hand`) as unknown,
    })
    expect(end.next).not.toContain('fix the cause')
  })

  it('calls no backup bad that cannot be reached, and begins with how it is reached', async () => {
    const end = await once(newWorld(), { migrationFails: true, backupUnreachable: true })
    expect(end).toMatchObject({
      reasonCode: 'rollback-failed',
      next: expect.stringMatching(
        /^Mount the volume\. Start no server .*Fix the cause and run this again, or .*cp \/backups\//,
      ) as unknown,
    })
    expect(end.next).not.toContain('another backup')
  })

  describe('after its rollback failed', () => {
    const failed = async (
      trouble: Trouble = { migrationFails: true, restoreFails: 'incomplete' },
    ) => {
      const world = newWorld()
      expect((await once(world, trouble)).reasonCode).toBe('rollback-failed')
      return world
    }

    it('is rolled back once a person has restored the database and started the old version', async () => {
      const world = await failed()
      Object.assign(world, { running: OLD, schema: OLD, rows: 10 })
      const tools = toolsFor(world)
      const end = await upgrade(SETTINGS, {
        ...tools,
        driver: { ...tools.driver, startOld: () => Promise.reject(new Error('started again')) },
      })
      expect(end).toMatchObject({
        reasonCode: 'rolled-back',
        summary: expect.stringContaining('a person has put the old version back since') as unknown,
      })
      expect(end.summary).not.toContain('cut off')
      expect((await once(world)).reasonCode).toBe('version-blocked')
    })

    it('is upgraded once a person has brought the new version up', async () => {
      const world = await failed()
      Object.assign(world, { running: NEW, schema: NEW, rows: 10 })
      expect((await once(world)).reasonCode).toBe('upgraded')
    })

    it('says what failed before, and not that it was cut off, when nothing was repaired', async () => {
      const world = await failed()
      const end = await once(world, { restoreFails: 'incomplete' })
      expect(end.summary).toContain('the rollback of this attempt had failed: no space')
      expect(end.summary).not.toContain('cut off')
    })

    it('stays open while something is missing that was there before, until a person acknowledges it', async () => {
      const world = await failed()
      Object.assign(world, { running: OLD, schema: OLD, rows: 8 })
      const end = await once(world)
      expect(end).toMatchObject({
        reasonCode: 'rollback-failed',
        next: expect.stringContaining('or accept the loss: acknowledge ') as unknown,
      })
      const [attempt] = world.attempts
      const lost = attempt === undefined ? [] : (lastOf(attempt, 'compared')?.lost ?? [])
      const at = new Date(0).toISOString()
      attempt?.entries.push({
        kind: 'acknowledged',
        at,
        by: 'ada',
        reason: 'test data',
        digest: digestOfLosses(lost),
      })
      expect((await once(world)).reasonCode).toBe('rolled-back')
    })
  })

  it('lists what is fewer on a live server, and never rolls back for it', async () => {
    const world = newWorld()
    const end = await once(world, { losesRows: true })
    expect(end.reasonCode).toBe('counts-decreased')
    expect(outcomeOf(end.reasonCode)).toBe('inconclusive')
    expect(end.details.lost).toHaveLength(8)
    expect(world.running).toBe(NEW)
  })

  it('has no way back without a backup once the schema moved', async () => {
    const world = newWorld()
    const end = await once(world, { neverComesBack: true }, { ...SETTINGS, backup: 'skip' })
    expect(end.reasonCode).toBe('rollback-impossible')
    expect(world.crimes).toEqual([])
  })
})

describe('a cut-off upgrade of other content', () => {
  const cutOff = async (environment: 'staging' | 'production') => {
    const world = newWorld()
    await once(world, { neverComesBack: true }, { ...SETTINGS, environment, onFailure: 'stop' })
    expect(world.attempts).toMatchObject([
      { environment, tested: SETTINGS.tested, 'target-version': NEW },
    ])
    return world
  }

  it.each([
    ['of the same version', { tested: 'other' }],
    ['of a later version', { target: '0.98.1' }],
  ])('is finished in production, where content %s waits for the gate', async (_what, other) => {
    const world = await cutOff('production')
    const end = await once(world, {}, { ...SETTINGS, environment: 'production', ...other })
    expect(end).toMatchObject({
      reasonCode: 'gate-first',
      summary: expect.stringMatching(/^production: .*the gate was not asked about$/) as unknown,
    })
    expect(outcomeOf(end.reasonCode)).toBe('held')
    expect(world.attempts).toHaveLength(1)
    expect(world.attempts[0]?.entries.at(-1)).toMatchObject({
      kind: 'closed',
      'reason-code': 'upgraded',
    })
    expect(world).toMatchObject({ running: NEW, crimes: [] })
  })

  it('is finished in production as what it is when the content is the same', async () => {
    expect(
      (await once(await cutOff('production'), {}, { ...SETTINGS, environment: 'production' }))
        .reasonCode,
    ).toBe('upgraded')
  })

  it('is finished in staging, which has no gate, before that of the new content begins', async () => {
    const world = await cutOff('staging')
    await once(world, {}, { ...SETTINGS, target: '0.98.1' })
    expect(world.attempts.map((attempt) => attempt['target-version'])).toEqual([NEW, '0.98.1'])
  })
})

describe('a server at the target', () => {
  const GREEN = [
    evidence('run-smoke-suite', null, 'smoke-passed'),
    evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
  ]
  const upgradedAndGreen = async (trouble: Trouble = {}) => {
    const world = newWorld()
    await once(world, trouble)
    world.attempts[0]?.entries.push(...GREEN)
    return world
  }

  it('is done with once everything was measured', async () => {
    const world = await upgradedAndGreen()
    expect(await once(world)).toMatchObject({
      reasonCode: 'already-green',
      attempt: world.attempts[0]?.id,
    })
    expect(world.attempts).toHaveLength(1)
  })

  it('is not done with where another server stands in its place', async () => {
    const world = await upgradedAndGreen()
    Object.assign(world, { serverId: 'server-2', clock: world.clock + 1 })
    expect((await once(world)).reasonCode).toBe('already-at-target')
    expect(world.attempts.map((attempt) => attempt['server-id'])).toEqual(['server-1', 'server-2'])
  })
})

describe('a loss that an upgrade measured', () => {
  const GREEN = [
    evidence('run-smoke-suite', null, 'smoke-passed'),
    evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
  ]
  const lossy = async () => {
    const world = newWorld()
    expect((await once(world, { losesRows: true })).reasonCode).toBe('counts-decreased')
    world.attempts[0]?.entries.push(...GREEN)
    world.clock += 1
    return world
  }
  const acknowledge = (world: World, lost: readonly Loss[]) =>
    world.attempts[0]?.entries.push({
      kind: 'acknowledged',
      at: '2026-01-01T00:00:00.000Z',
      by: 'ada',
      reason: 'test data',
      digest: digestOfLosses(lost),
    })
  const LOST = [
    { subject: 'number of pipelines', message: 'pipelines: 10 before, 3 now.' },
    ...[3, 4, 5, 6, 7, 8, 9].map((index) => ({
      subject: `pipelines/p${index}`,
      message: `pipelines: p${index} is gone.`,
    })),
  ]

  it.each([
    ['the same run again', {}],
    ['other content', { tested: 'other', file: 'file-2' }],
    ['a later version', { target: '0.98.1' }],
    ['a dry run', { dryRun: true }],
  ])('holds %s', async (_what, changes) => {
    const world = await lossy()
    const before = structuredClone(world.attempts)
    const end = await once(world, {}, { ...SETTINGS, ...changes })
    expect(end).toMatchObject({
      reasonCode: 'loss-open',
      summary: expect.stringContaining('pipelines: 10 before, 3 now.') as unknown,
      next: expect.stringContaining(`acknowledge ${before[0]?.id ?? ''}`) as unknown,
      details: { changed: false, lost: LOST },
    })
    expect(outcomeOf(end.reasonCode)).toBe('held')
    expect(world.attempts).toEqual(before)
    expect(world.running).toBe(NEW)
  })

  it('holds nothing once it is back', async () => {
    const world = await lossy()
    world.rows = 10
    expect((await once(world)).reasonCode).toBe('already-green')
    expect(lastOf(world.attempts[0] as Attempt, 'compared')).toMatchObject({ lost: [] })
  })

  it('shrinks to what is still missing', async () => {
    const world = await lossy()
    world.rows = 9
    expect(await once(world)).toMatchObject({
      reasonCode: 'loss-open',
      details: {
        lost: [{ message: 'pipelines: 10 before, 9 now.' }, { message: 'pipelines: p9 is gone.' }],
      },
    })
  })

  it('holds nothing once a person has acknowledged it', async () => {
    const world = await lossy()
    acknowledge(world, LOST)
    expect((await once(world)).reasonCode).toBe('already-green')
    world.attempts[0]?.entries.push(evidence('run-smoke-suite', null, 'smoke-failed'))
    expect((await once(world)).reasonCode).toBe('already-at-target')
  })

  it('is not acknowledged by an acknowledgement of other losses', async () => {
    const world = await lossy()
    acknowledge(world, LOST.slice(1))
    expect((await once(world)).reasonCode).toBe('loss-open')
  })
})

describe('the gate', () => {
  const CLOSED = {
    kind: 'closed',
    code: 'staging-not-green',
    message: 'the gate is closed',
    next: 'Bring staging to green.',
  } as const

  it.each([false, true])('is asked before anything changes (dry run: %s)', async (dryRun) => {
    const world = newWorld()
    const before = structuredClone(world)
    const end = await once(world, { gate: CLOSED }, { ...SETTINGS, dryRun })
    expect(end).toMatchObject({
      reasonCode: 'staging-not-green',
      summary: 'staging: the gate is closed',
      next: 'Bring staging to green.',
    })
    expect(world).toEqual(before)
  })

  it('holds an attempt that was cut off before it changed anything', async () => {
    const world = newWorld()
    await expect(once(world, { killAtStep: 5 })).rejects.toThrow(Killed)
    expect(world.attempts).toHaveLength(1)
    world.locked = false
    expect((await once(world, { gate: CLOSED })).reasonCode).toBe('staging-not-green')
    expect(world.running).toBe(OLD)
  })

  it('is not asked for an attempt that has begun to change the server', async () => {
    const world = newWorld()
    await once(world, { neverComesBack: true }, { ...SETTINGS, onFailure: 'stop' })
    expect((await once(world, { gate: CLOSED })).reasonCode).toBe('upgraded')
  })

  it('is not asked where nothing is to be done', async () => {
    const world = newWorld()
    await once(world)
    expect((await once(world, { gate: CLOSED })).reasonCode).toBe('already-at-target')
  })

  it('that a person opened is in the record and in the summary', async () => {
    const world = newWorld()
    const override = { reason: 'security fix', actor: 'ada' }
    const end = await once(
      world,
      { gate: { kind: 'open', override } },
      { ...SETTINGS, environment: 'production' },
    )
    expect(end.summary).toContain('; the gate was opened by ada: security fix')
    expect(world.attempts[0]?.override).toEqual(override)
  })
})

describe('an attempt that ended before anything was compared', () => {
  const repaired = async (rows: number) => {
    const world = newWorld()
    const settings = { ...SETTINGS, backup: 'skip' } as const
    const end = await once(world, { neverComesBack: true }, settings)
    expect(end.reasonCode).toBe('rollback-impossible')
    Object.assign(world, { running: NEW, rows, clock: world.clock + 1 })
    return world
  }

  it('is compared by the next run, which is held when something is missing', async () => {
    const world = await repaired(7)
    expect((await once(world)).reasonCode).toBe('loss-open')
    expect((await once(world)).reasonCode).toBe('loss-open')
  })

  it('is compared by the next run, which goes on when nothing is missing', async () => {
    const world = await repaired(10)
    expect((await once(world)).reasonCode).toBe('already-at-target')
  })
})

describe('what is not measured', () => {
  it('is no reason to go back: our own network', async () => {
    const world = newWorld()
    const end = await once(world, { neverComesBack: true, ownNetworkGone: true })
    expect(end.reasonCode).toBe('server-unreachable')
    expect(end.summary).toMatch(/the server was stopped at .* attempt \S+ is open/)
    expect(end.details).toMatchObject({ changed: true, backup: { kind: 'sqlite' } })
    expect(world).toMatchObject({ schema: NEW, crimes: [] })
    expect((await once(world)).reasonCode).toBe('upgraded')
  })

  it('is no reason to go back: a page of a gateway', async () => {
    const world = newWorld()
    const end = await once(world, { neverComesBack: true, whileDown: 'other-content' })
    expect(end.reasonCode).toBe('server-unreachable')
    expect(world).toMatchObject({ schema: NEW, crimes: [] })
    expect((await once(world)).reasonCode).toBe('upgraded')
  })

  it('is no stopped server: a page of a gateway; nothing is restored under it', async () => {
    const world = newWorld()
    const trouble: Trouble = { reports: '0.97.0', whileDown: 'other-content' }
    const end = await once(world, trouble)
    expect(end).toMatchObject({
      reasonCode: 'server-unreachable',
      summary: expect.stringContaining('whether the server stopped cannot be known') as unknown,
    })
    expect(world).toMatchObject({ schema: NEW, crimes: [] })
    // A driver that looks past the gateway sees the stop.
    const tools = toolsFor(newWorld(), trouble)
    const driver = { ...tools.driver, serves: () => Promise.resolve(undefined) }
    expect((await upgrade(SETTINGS, { ...tools, driver })).reasonCode).toBe('rolled-back')
  })

  it('is reported as stopped by us: a server that a gateway hides, where the driver cannot tell when it stopped', async () => {
    const tools = toolsFor(newWorld(), { reports: '0.97.0', whileDown: 'other-content' })
    const deploy: Driver['deploy'] = async (deployment, journal) => ({
      ...(await tools.driver.deploy(deployment, journal)),
      stoppedAt: null,
    })
    const end = await upgrade(SETTINGS, { ...tools, driver: { ...tools.driver, deploy } })
    expect(end.summary).toMatch(/cannot be known from here: .*; the server was stopped at /)
  })

  it('is no reason to go back: a server with another id', async () => {
    const world = newWorld()
    const end = await once(world, { otherDatabase: true })
    expect(end).toMatchObject({
      reasonCode: 'unexpected-answer',
      summary: expect.stringContaining('its id is server-2, before it was server-1') as unknown,
      details: { changed: true, 'rolled-back': null },
    })
    expect(world).toMatchObject({ running: NEW, schema: NEW, crimes: [] })
    expect((await once(world)).reasonCode).toBe('upgraded')
  })

  it.each([7200, -7200])(
    'is no reason to go back: a wall clock that is set by %d s, and the downtime stays right',
    async (seconds) => {
      const world = newWorld()
      const end = await once(world, { wallClockSetBy: seconds })
      expect(end.reasonCode).toBe('upgraded')
      const downtime = end.details['downtime-seconds'] ?? -1
      expect(downtime).toBeGreaterThanOrEqual(0)
      expect(downtime).toBeLessThan(60)
    },
  )

  it('is never called kept: an upgrade without a look before', async () => {
    const world = newWorld()
    await once(world, { killAtStep: 8 }, { ...SETTINGS, backup: 'skip' }).catch(() => undefined)
    for (const attempt of world.attempts)
      attempt.entries = attempt.entries.filter(({ kind }) => kind !== 'inventory')
    const end = await once(world, {}, { ...SETTINGS, backup: 'skip' })
    expect(end).toMatchObject({
      reasonCode: 'counts-decreased',
      summary: expect.stringContaining('nothing was compared') as unknown,
    })
  })
})

describe('an open attempt whose server is hidden by a page of a gateway', () => {
  const HIDDEN: Trouble = { whileDown: 'not-found' }
  const stopped = async (schema: string) => {
    const world = newWorld()
    const killAtStep = await stepWhere((at) => at.running === undefined && at.schema === schema)
    await expect(once(world, { killAtStep })).rejects.toBeInstanceOf(Killed)
    return world
  }
  const withDriver = (world: World, change: Partial<Driver>) => {
    const tools = toolsFor(world, HIDDEN)
    return { ...tools, driver: { ...tools.driver, ...change } }
  }

  it('goes on where the driver sees that the server is stopped', async () => {
    for (const schema of [NEW, 'half']) {
      const world = await stopped(schema)
      const serves = () => Promise.resolve(undefined)
      const end = await upgrade(SETTINGS, withDriver(world, { serves }))
      expect(end.reasonCode).toBe('upgraded')
      expect(world).toMatchObject({ running: NEW, schema: NEW, rows: 10, crimes: [] })
    }
  })

  it('goes on without such a driver where it only deploys forward', async () => {
    const world = await stopped(NEW)
    expect((await once(world, HIDDEN)).reasonCode).toBe('upgraded')
    expect(world).toMatchObject({ running: NEW, schema: NEW, rows: 10, crimes: [] })
  })

  it('stops nothing without such a driver where the database must be restored first', async () => {
    const stop = () => Promise.reject(new Error('stopped'))
    const end = await upgrade(SETTINGS, withDriver(await stopped('half'), { stop }))
    expect(end).toMatchObject({
      reasonCode: 'server-unreachable',
      summary: expect.stringContaining('whether the server runs cannot be known') as unknown,
    })
  })

  it('says which step cannot go on where our own network is the trouble, or the attempt goes back', async () => {
    const deploying = once(await stopped(NEW), { ownNetworkGone: true })
    await expect(deploying).rejects.toThrow(/is open at its step "deploy", and whether/)
    const world = newWorld()
    await once(world, { migrationFails: true, restoreFails: 'incomplete' })
    const error: unknown = await once(world, HIDDEN).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'server-unreachable',
      message: expect.stringMatching(
        /^attempt \S+ to ZenML 0\.98\.0 is open at its step "rollback", and whether/,
      ) as unknown,
      cause: { kind: 'not-found' },
    })
  })

  it('is not deployed again where the driver sees the new server run', async () => {
    const world = newWorld()
    await once(world, { neverComesBack: true, ownNetworkGone: true })
    const tools = withDriver(world, {
      deploy: () => Promise.reject(new Error('deployed again')),
      serves: () => Promise.resolve({ id: world.serverId, version: NEW, active: true }),
    })
    expect((await upgrade(SETTINGS, tools)).summary).toContain('the server itself answers')
  })
})

describe('what others do meanwhile', () => {
  const cutOffInBackup = async (world: World) => {
    await expect(once(world, { killAtStep: 4 })).rejects.toBeInstanceOf(Killed)
    expect(world.attempts[0]?.entries.at(-1)).toMatchObject({ phase: 'backup', state: 'started' })
  }

  it('gives up a cut-off attempt whose target the file no longer asks for', async () => {
    const world = newWorld()
    await cutOffInBackup(world)
    const end = await once(world, {}, { ...SETTINGS, target: OLD })
    expect(end.reasonCode).toBe('already-at-target')
    expect(world).toMatchObject({ running: OLD, schema: OLD })
  })

  it('gives up a cut-off attempt when the server was brought to another version', async () => {
    const world = newWorld()
    await cutOffInBackup(world)
    Object.assign(world, { running: '0.96.0', schema: '0.96.0', clock: world.clock + 1 })
    expect((await once(world, {}, { ...SETTINGS, dryRun: true })).reasonCode).toBe('dry-run')
    await once(world)
    expect(world.attempts[0]?.entries.at(-1)).toMatchObject({
      kind: 'closed',
      'reason-code': 'cancelled',
    })
    expect(world.attempts[1]).toMatchObject({ 'from-version': '0.96.0' })
  })

  it('never puts a backup of another schema under the old version', async () => {
    const world = newWorld()
    await once(world, { neverComesBack: true }, { ...SETTINGS, onFailure: 'stop' })
    for (const backup of world.backups.values()) backup.schema = '0.96.0'
    const end = await once(world, { neverComesBack: true })
    expect(end).toMatchObject({
      reasonCode: 'rollback-failed',
      summary: expect.stringContaining('is of schema 0.96.0') as unknown,
    })
    expect(world.crimes).toEqual([])
  })

  it('keeps an unfinished attempt in sight behind a newer one that needed no upgrade', async () => {
    const world = newWorld()
    await once(world, { reports: '0.97.0', writesAfterUpgrade: 1 })
    Object.assign(world, { running: OLD })
    world.attempts.push({
      ...structuredClone(world.attempts[0] ?? never()),
      id: 'z',
      entries: [
        {
          kind: 'closed',
          at: '2026-01-01T00:00:00.000Z',
          'reason-code': 'already-at-target',
          details: null,
        },
      ],
    })
    const end = await once(
      world,
      { reports: '0.97.0' },
      { ...SETTINGS, onFailure: 'rollback-with-loss' },
    )
    expect(end.reasonCode).toBe('rolled-back')
  })

  it('leaves an old server alone that serves behind a killed deployment', async () => {
    const world = newWorld()
    const tools = toolsFor(world)
    await expect(
      once(world, {
        killAtStep: await stepWhere(
          ({ attempts }) =>
            attempts[0]?.entries.some(
              (entry) => entry.kind === 'phase' && entry.phase === 'deploy',
            ) === true,
        ),
      }),
    ).rejects.toBeInstanceOf(Killed)
    const end = await upgrade(SETTINGS, {
      ...tools,
      driver: { ...tools.driver, tellsMigration: false },
    })
    expect(end.reasonCode).toBe('upgraded')
    expect(
      world.attempts[0]?.entries.some(
        (entry) => entry.kind === 'phase' && entry.phase === 'restore',
      ),
    ).toBe(false)
  })

  it('restores nothing where the server cannot be stopped', async () => {
    const world = newWorld()
    await expect(
      once(world, { killAtStep: await stepWhere(({ schema }) => schema === 'half') }),
    ).rejects.toBeInstanceOf(Killed)
    const driver = { ...toolsFor(world).driver }
    delete driver.stop
    const end = await upgrade(SETTINGS, { ...toolsFor(world), driver })
    expect(end).toMatchObject({
      reasonCode: 'rollback-failed',
      summary: expect.stringContaining('cannot be stopped from here') as unknown,
    })
    expect(world).toMatchObject({ schema: 'half', crimes: [] })
  })

  it('deploys nothing where a restore before the deployment failed and a person put the old version back', async () => {
    const world = newWorld()
    await expect(
      once(world, { killAtStep: await stepWhere(({ schema }) => schema === 'half') }),
    ).rejects.toBeInstanceOf(Killed)
    expect((await once(world, { restoreFails: 'incomplete' })).reasonCode).toBe('rollback-failed')
    Object.assign(world, { running: OLD, schema: OLD, rows: 12 })
    expect(await once(world)).toMatchObject({
      reasonCode: 'rolled-back',
      summary: expect.stringContaining('the restore of this attempt had failed') as unknown,
    })
    expect(world).toMatchObject({ running: OLD, schema: OLD, rows: 12, crimes: [] })
  })
})

/** The first step before which the world is so. */
async function stepWhere(is: (world: World) => boolean): Promise<number> {
  for (let killAtStep = 1; killAtStep < 60; killAtStep += 1) {
    const world = newWorld()
    await once(world, { killAtStep }).catch(() => undefined)
    if (is(world)) return killAtStep
  }
  return never()
}

function never(): never {
  throw new Error('it never came')
}

describe('a run that is killed', () => {
  // Every trouble, killed before every single step, then run again until it ends: the same end as
  // without the kill.
  const troubles: [string, Trouble, 'upgraded' | 'rolled-back'][] = [
    ['without other trouble', {}, 'upgraded'],
    ['while the migration is broken', { migrationFails: true }, 'rolled-back'],
    ['while the server never comes back', { neverComesBack: true }, 'rolled-back'],
  ]
  it.each(troubles)(
    '%s, at any step, is finished by the next run',
    async (_what, trouble, expected) => {
      const total = await stepsOf(trouble)
      expect(total).toBeGreaterThan(10)
      for (let killAtStep = 1; killAtStep <= total; killAtStep += 1) {
        const world = newWorld()
        await expect(once(world, { ...trouble, killAtStep })).rejects.toBeInstanceOf(Killed)
        const end = await once(world, trouble)
        const ends = [expected, expected === 'upgraded' ? 'already-at-target' : 'version-blocked']
        expect({
          killAtStep,
          reason: ends.includes(end.reasonCode) ? expected : end.reasonCode,
        }).toEqual({ killAtStep, reason: expected })
        expect({
          killAtStep,
          world: {
            running: world.running,
            schema: world.schema,
            rows: world.rows,
            crimes: world.crimes,
          },
        }).toEqual({
          killAtStep,
          world:
            expected === 'upgraded'
              ? { running: NEW, schema: NEW, rows: 10, crimes: [] }
              : { running: OLD, schema: OLD, rows: 10, crimes: [] },
        })
      }
    },
  )

  it('twice, at any two steps, is finished by the third run', async () => {
    const total = await stepsOf({})
    for (let first = 1; first <= total; first += 1) {
      for (let second = 1; second <= total; second += 3) {
        const world = newWorld()
        await once(world, { killAtStep: first }).catch(() => undefined)
        await once(world, { killAtStep: second }).catch(() => undefined)
        await once(world)
        expect({
          first,
          second,
          running: world.running,
          schema: world.schema,
          rows: world.rows,
          crimes: world.crimes,
        }).toEqual({ first, second, running: NEW, schema: NEW, rows: 10, crimes: [] })
      }
    }
  })

  async function stepsOf(trouble: Trouble): Promise<number> {
    const tools = toolsFor(newWorld(), trouble)
    await upgrade(SETTINGS, tools)
    return tools.steps()
  }
})
