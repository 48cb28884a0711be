import { describe, expect, it } from '@jest/globals'
import type { Entry } from '../../../src/state/attempt.ts'
import { decideStart, type Start, type StartFacts } from '../../../src/upgrade/start.ts'
import {
  decideWayBack,
  isRestoredByHand,
  schemaOf,
  type WayBack,
  type WayBackFacts,
} from '../../../src/upgrade/rollback-plan.ts'
import { closed, greenAttempt } from '../state/attempts.ts'

const AT = '2026-01-01T00:00:00.000Z'
const phase = (
  name: 'backup' | 'deploy' | 'restore' | 'verify' | 'rollback',
  state: 'started' | 'done' | 'failed',
): Entry => ({ kind: 'phase', at: AT, phase: name, state })

const FACTS: StartFacts = {
  serverVersion: '0.94.1',
  target: '0.98.0',
  attempts: [],
  inputs: { digest: 'inputs', files: [] },
  retry: null,
  retryWith: 'upgrade-workspace --override-reason why',
  deployedByOthers: false,
}
const open = (...entries: Entry[]) => [greenAttempt({ entries })]

describe('where a run begins', () => {
  const cases: [string, Partial<StartFacts>, string][] = [
    ['an older server', {}, 'upgrade'],
    ['a server at the target', { serverVersion: '0.98.0' }, 'noop'],
    ['a server at the target, spelt with a v', { serverVersion: 'v0.98.0' }, 'noop'],
    ['a newer server', { serverVersion: '0.99.0' }, 'server-ahead'],
    [
      'a newer server that this file deployed',
      { serverVersion: '0.99.0', attempts: [greenAttempt({ 'target-version': '0.99.0' })] },
      'downgrade-requested',
    ],
    ['a release candidate of the target', { serverVersion: '0.98.0rc1' }, 'upgrade'],
    [
      'a version that was rolled back',
      { attempts: open(closed('rolled-back')) },
      'version-blocked',
    ],
    [
      'a version that was rolled back, after an input of the upgrade changed',
      { attempts: open(closed('rolled-back')), inputs: { digest: 'new', files: [] } },
      'upgrade',
    ],
    [
      'a version that was rolled back, with the inputs of the attempt before the last',
      {
        attempts: [
          greenAttempt({ entries: [closed('rolled-back')] }),
          greenAttempt({ inputs: 'tried meanwhile', entries: [closed('rolled-back')] }),
        ],
      },
      'version-blocked',
    ],
    [
      'a version that was rolled back, which a person tries again',
      { attempts: open(closed('rolled-back')), retry: { actor: 'ada', reason: 'disk enlarged' } },
      'upgrade',
    ],
    ['a failed backup before', { attempts: open(closed('backup-failed')) }, 'upgrade'],
    [
      'somebody else who was faster',
      {
        serverVersion: '0.98.0',
        deployedByOthers: true,
        attempts: [greenAttempt({ 'target-version': '0.94.1' })],
      },
      'deployed-before-backup',
    ],
    [
      'somebody else who did what we know',
      { serverVersion: '0.98.0', deployedByOthers: true, attempts: [greenAttempt()] },
      'noop',
    ],
    ['somebody else, and no record', { serverVersion: '0.98.0', deployedByOthers: true }, 'noop'],
    ['a cut-off run before anything', { attempts: open() }, 'continue at backup'],
    ['a cut-off backup', { attempts: open(phase('backup', 'started')) }, 'continue at backup'],
    [
      'a cut-off backup, while somebody else deployed',
      { attempts: open(phase('backup', 'started')), serverVersion: '0.98.0' },
      'continue at verify',
    ],
    [
      'a cut-off deployment',
      { attempts: open(phase('deploy', 'started')), serverVersion: undefined },
      'continue at deploy',
    ],
    [
      'a cut-off deployment whose server came up',
      { attempts: open(phase('deploy', 'started')), serverVersion: '0.98.0' },
      'continue at verify',
    ],
    [
      'a deployment that was done',
      { attempts: open(phase('deploy', 'done')), serverVersion: undefined },
      'continue at verify',
    ],
    [
      'a cut-off wait',
      {
        attempts: open(phase('deploy', 'done'), phase('verify', 'started')),
        serverVersion: undefined,
      },
      'continue at verify',
    ],
    [
      'a cut-off restore before a second deployment',
      {
        attempts: open(phase('deploy', 'started'), phase('restore', 'started')),
        serverVersion: undefined,
      },
      'continue at deploy',
    ],
    [
      'a restore that failed before a second deployment',
      { attempts: open(phase('restore', 'failed')), serverVersion: undefined },
      'continue at deploy',
    ],
    [
      'a restore that failed, after a person brought the old version up',
      { attempts: open(phase('restore', 'failed')), serverVersion: '0.94.1' },
      'continue at roll-back',
    ],
    [
      'a cut-off restore, while the old version answers',
      { attempts: open(phase('restore', 'started')), serverVersion: '0.94.1' },
      'continue at deploy',
    ],
    [
      'a cut-off rollback',
      { attempts: open(phase('rollback', 'started')), serverVersion: undefined },
      'continue at roll-back',
    ],
    [
      'a cut-off rollback whose new server still answers',
      { attempts: open(phase('rollback', 'started')), serverVersion: '0.98.0' },
      'continue at roll-back',
    ],
    [
      'a refused rollback',
      { attempts: open(phase('rollback', 'failed')), serverVersion: undefined },
      'continue at roll-back',
    ],
    [
      'a refused rollback after a person brought the new version up',
      { attempts: open(phase('rollback', 'failed')), serverVersion: '0.98.0' },
      'continue at verify',
    ],
  ]
  it.each(cases)('with %s', (_with, change, expected) => {
    expect(named(decideStart({ ...FACTS, ...change }))).toBe(expected)
  })
})

function named(start: Start): string {
  switch (start.kind) {
    case 'held':
      return start.code
    case 'continue':
      return `continue at ${start.at}`
    case 'noop':
    case 'upgrade':
    case 'deployed-before-backup':
      return start.kind
  }
}

const FAILED: WayBackFacts = {
  onFailure: 'rollback',
  fromVersion: '0.94.1',
  serverVersion: undefined,
  schema: 'new',
  migrationBegun: true,
  hasBackup: true,
  canRestore: true,
  canStop: true,
  canStartOld: true,
  revertHint: undefined,
}

describe('the way back', () => {
  const cases: [string, Partial<WayBackFacts>, string][] = [
    ['the schema moved', {}, 'restore'],
    ['the schema cannot be read', { schema: 'unknown' }, 'restore'],
    ['the revision is the old one, but a migration had begun', { schema: 'old' }, 'restore'],
    ['no migration had begun', { schema: 'old', migrationBegun: false }, 'start-old'],
    ['the old version still answers', { schema: 'old', serverVersion: '0.94.1' }, 'start-old'],
    [
      'the old version still answers on a schema that moved',
      { serverVersion: '0.94.1' },
      'restore',
    ],
    [
      'the old version answers and cannot be started by us',
      { schema: 'old', serverVersion: '0.94.1', canStartOld: false },
      'rollback-impossible',
    ],
    ['the input says stop', { onFailure: 'stop' }, 'upgrade-failed'],
    ['somebody else deploys', { revertHint: 'Revert the commit.' }, 'rollback-impossible'],
    ['there is no backup', { hasBackup: false }, 'rollback-impossible'],
    ['the backup cannot be restored by us', { canRestore: false }, 'rollback-impossible'],
    ['the server cannot be stopped by us', { canStop: false }, 'rollback-impossible'],
    ['the old version cannot be started by us', { canStartOld: false }, 'rollback-impossible'],
  ]
  it.each(cases)('where %s', (_where, change, expected) => {
    const way: WayBack = decideWayBack({ ...FAILED, ...change })
    expect(way.kind === 'stay' ? way.code : way.kind).toBe(expected)
  })

  it('never starts old code on a schema that moved without a restore', () => {
    for (const serverVersion of [undefined, '0.94.1', '0.98.0']) {
      for (const hasBackup of [true, false])
        expect(decideWayBack({ ...FAILED, serverVersion, hasBackup }).kind).not.toBe('start-old')
    }
  })
})

describe('an old version that answers after a rollback failed', () => {
  const REPAIRED = {
    hasFailed: true,
    serverVersion: '0.94.1',
    fromVersion: '0.94.1',
    schema: 'old',
  } as const

  it('was put back by a person where the database is of its schema', () => {
    expect(isRestoredByHand(REPAIRED)).toBe(true)
  })

  it.each<[string, Partial<Parameters<typeof isRestoredByHand>[0]>]>([
    ['the rollback was cut off', { hasFailed: false }],
    ['another version answers', { serverVersion: '0.98.0' }],
    ['nothing answers', { serverVersion: undefined }],
    ['the schema has moved under it', { schema: 'new' }],
    ['the database cannot be read', { schema: 'unknown' }],
  ])('proves nothing where %s', (_where, change) => {
    expect(isRestoredByHand({ ...REPAIRED, ...change })).toBe(false)
  })
})

describe('the schema of a database', () => {
  it.each([
    ['0.94.1', 'old'],
    ['0.98.0', 'new'],
    ['0.96.3', 'between'],
    [undefined, 'empty'],
  ] as const)('at revision %s is %s', (revision, schema) => {
    expect(schemaOf(revision, { fromVersion: '0.94.1', toVersion: '0.98.0' })).toBe(schema)
  })
})
