import { describe, expect, it } from '@jest/globals'
import { parseConfig } from '../../../src/config/load.ts'
import type { DeclaredSnapshot } from '../../../src/config/schema.ts'
import { plannedWork } from '../../../src/report/wording-plan.ts'
import { configChanges } from '../../../src/promotion/config-changes.ts'
import {
  makePlan,
  type PlanFacts,
  type PlanSelection,
  type RecordedSnapshot,
} from '../../../src/promotion/plan.ts'
import { planDetailsSchema } from '../../../src/result/plan.ts'
import { closed, greenAttempt } from '../state/attempts.ts'

const BASE = `
zenml: 0.94.1
environments:
  staging:
    server: https://staging.zenml.example.com
    deploy: { command: { deploy: ./deploy.sh, rollback: ./back.sh, stop: ./stop.sh } }
    backup: { command: { backup: ./backup.sh, restore: ./restore.sh } }
  production:
    server: https://zenml.example.com
    deploy: { command: { deploy: ./deploy.sh } }
smoke: [{ command: pytest -q tests/smoke }]
snapshots:
  - { name: training, smoke: { parameters: { rows: 100 } }, config: { staging: configs/staging.yaml } }
`
const config = (text: string) => parseConfig(text, 'zenml-upgrade.yml')
const base = config(BASE)
const head = config(BASE.replace('zenml: 0.94.1', 'zenml: 0.98.0'))
const [declaration] = head.snapshots as [DeclaredSnapshot]
const recorded = (name: string, version: string | null = '0.94.1'): RecordedSnapshot => ({
  project: 'default',
  pipeline: 'training',
  name,
  version,
})
const SELECTION: PlanSelection = {
  selected: [
    { snapshot: recorded('training'), source: { name: 'default' }, declaration },
    {
      snapshot: recorded('scoring', '0.98.0'),
      source: { name: 'default' },
      declaration: undefined,
    },
    { snapshot: recorded('report', null), source: { name: 'default' }, declaration: undefined },
  ],
  excluded: [{ snapshot: recorded('legacy-1'), reason: 'retired in January' }],
  misfits: [],
  undecided: [],
}
const FACTS: PlanFacts = {
  environment: 'staging',
  base,
  head,
  baseVersion: '0.94.1',
  target: '0.98.0',
  server: { version: '0.94.1' },
  releases: { versions: ['0.93.0', '0.94.1', '0.95.0rc1', '0.98.0'] },
  attempts: [],
  inputs: { digest: 'inputs', files: [] },
  changesUpgrade: true,
  inventory: { recorded: '2026-11-20T08:00:00.000Z', count: 4, selection: SELECTION },
}
const plan = (changes: Partial<PlanFacts> = {}) => makePlan({ ...FACTS, ...changes })
const check = (name: string, changes: Partial<PlanFacts> = {}) =>
  plan(changes).details.checks.find((one) => one.name === name)

describe('the plan', () => {
  it('leaves the source of a snapshot open that only the code tells', () => {
    const { reasonCode, details } = plan({
      inventory: {
        recorded: '2026-11-20T08:00:00.000Z',
        count: 1,
        selection: {
          ...SELECTION,
          selected: [],
          excluded: [],
          undecided: [{ snapshot: recorded('training'), declaration }],
        },
      },
    })
    expect(reasonCode).toBe('planned')
    const [planned] = details.snapshots ?? []
    expect(planned).toMatchObject({ status: 'planned', source: null, rebuild: true })
    expect(planned && plannedWork(planned)).toBe('rebuilt from the source that has its code, run')
  })

  it('says what a merge would do', () => {
    const { reasonCode, summary, details } = plan()
    expect(reasonCode).toBe('planned')
    expect(summary).toBe('ZenML 0.94.1 → 0.98.0, 2 of 4 snapshots to rebuild and 3 to run')
    expect(details).toMatchObject({
      'base-version': '0.94.1',
      'target-version': '0.98.0',
      'live-version': '0.94.1',
      driver: 'command',
      backup: 'command',
      suites: [{ source: null, command: 'pytest -q tests/smoke' }],
    })
    expect(details.changes).toEqual([{ path: 'zenml', before: '0.94.1', after: '0.98.0' }])
    expect(details.breaks.map(({ version }) => version)).toEqual(['0.94.2', '0.95.0', '0.97.0'])
    expect(details.checks.map(({ status }) => status)).toEqual([
      'passed',
      'passed',
      'passed',
      'passed',
    ])
    expect(planDetailsSchema.parse(details)).toEqual(details)
  })

  it('says which snapshots would be rebuilt and run, and with what', () => {
    expect(
      plan().details.snapshots?.map(
        ({ name, status, rebuild, execute, parameters, config: file }) => [
          name,
          status,
          rebuild,
          execute,
          parameters,
          file,
        ],
      ),
    ).toEqual([
      ['training', 'planned', true, true, { rows: 100 }, 'configs/staging.yaml'],
      ['scoring', 'planned', false, true, null, null],
      ['report', 'planned', null, true, null, null],
      ['legacy-1', 'excluded', false, false, null, null],
    ])
  })

  it('runs only what the file asks for', () => {
    const executed = (execute: string) =>
      plan({ head: config(`${BASE}execute: { staging: ${execute} }\n`) })
        .details.snapshots?.filter((one) => one.execute)
        .map(({ name }) => name)
    expect(executed('declared')).toEqual(['training'])
    expect(executed('none')).toEqual([])
    expect(plan({ environment: 'production' }).details.snapshots?.some((one) => one.execute)).toBe(
      false,
    )
  })

  it('rebuilds a snapshot whose version is no version', () => {
    const selection = {
      ...SELECTION,
      selected: [
        {
          snapshot: recorded('odd', 'unknown'),
          source: { name: 'default' },
          declaration: undefined,
        },
      ],
    }
    expect(
      plan({ inventory: { recorded: '2026-11-20T08:00:00.000Z', count: 1, selection } }).details
        .snapshots?.[0]?.rebuild,
    ).toBe(true)
  })

  it('tells what it does not know', () => {
    const { summary, details, reasonCode } = plan({
      server: { unknown: 'connection refused' },
      inventory: null,
    })
    expect(reasonCode).toBe('planned')
    expect(summary).toBe('ZenML 0.94.1 → 0.98.0, no snapshots recorded yet')
    expect(details).toMatchObject({ 'live-version': null, inventory: null, snapshots: null })
    expect(check('version', { server: { unknown: 'connection refused' } })).toMatchObject({
      status: 'not-checked',
      message:
        'the staging server could not be asked for its version from here: connection refused',
    })
    expect(
      plan({ inventory: { recorded: '2026-11-20T08:00:00.000Z', count: 4, selection: null } })
        .summary,
    ).toContain('4 snapshots to look at')
  })

  it('asks no server on behalf of a file that is new', () => {
    expect(
      check('address', {
        base: null,
        baseVersion: null,
        server: { unknown: 'the base branch has no file' },
      })?.status,
    ).toBe('not-checked')
    expect(
      plan({ base: null, baseVersion: null, server: { unknown: 'x' } }).details.changes,
    ).toEqual([])
  })
})

// Each row: when, what is different, the check, its status, the code of the plan.
const PROBLEMS: [string, Partial<PlanFacts>, string, string, string][] = [
  ['the server is ahead', { server: { version: '0.99.0' } }, 'version', 'failed', 'server-ahead'],
  [
    'the file goes back behind what it deployed',
    { server: { version: '0.99.0' }, attempts: [greenAttempt({ 'target-version': '0.99.0' })] },
    'version',
    'failed',
    'downgrade-requested',
  ],
  [
    'the file goes back, and the server cannot be asked',
    { target: '0.93.0', server: { unknown: 'refused' } },
    'version',
    'failed',
    'downgrade-requested',
  ],
  [
    'the version was rolled back',
    { attempts: [greenAttempt({ entries: [closed('rolled-back')] })] },
    'blocked version',
    'failed',
    'version-blocked',
  ],
  [
    'the version was rolled back, and what the upgrade is made with cannot be read',
    { inputs: null, attempts: [greenAttempt({ entries: [closed('rolled-back')] })] },
    'blocked version',
    'not-checked',
    'planned',
  ],
  ['there is no such release', { target: '0.99.1' }, 'release', 'failed', 'version-not-found'],
  [
    'nobody knows the releases',
    { releases: { unknown: 'the package index answered 503' } },
    'release',
    'not-checked',
    'planned',
  ],
  ['no backup is set', { environment: 'production' }, 'backup', 'failed', 'preflight-failed'],
  [
    'the file does not fit a snapshot',
    {
      inventory: {
        recorded: '2026-11-20T08:00:00.000Z',
        count: 1,
        selection: {
          ...SELECTION,
          misfits: [
            {
              snapshot: recorded('lost'),
              message: 'No source has a pattern for this name.',
              next: 'Add it.',
            },
          ],
        },
      },
    },
    'snapshots',
    'failed',
    'snapshots-failed',
  ],
  ['the server has it already', { server: { version: '0.98.0' } }, 'version', 'passed', 'planned'],
  [
    'the server is not where its branch says',
    { server: { version: '0.95.0' } },
    'version',
    'warning',
    'planned',
  ],
  [
    'the version was rolled back, and an input of the upgrade changes',
    { attempts: [greenAttempt({ inputs: 'other', entries: [closed('rolled-back')] })] },
    'version',
    'passed',
    'planned',
  ],
  [
    'the address changes',
    { head: config(BASE.replace('staging.zenml', 'other.zenml')) },
    'address',
    'warning',
    'planned',
  ],
  [
    'the driver changes',
    {
      head: config(
        BASE.replace(
          '{ command: { deploy: ./deploy.sh, rollback: ./back.sh, stop: ./stop.sh } }',
          '{ local: { directory: server, port: 8237 } }',
        ),
      ),
    },
    'driver',
    'warning',
    'planned',
  ],
  [
    'the driver cannot go back',
    { head: config(BASE.replace(', rollback: ./back.sh, stop: ./stop.sh', '')) },
    'driver',
    'warning',
    'planned',
  ],
  [
    'there is no smoke suite',
    { head: config(BASE.replace(/smoke: \[.*\]\n/, '')) },
    'smoke suite',
    'warning',
    'planned',
  ],
]

describe('what the plan finds', () => {
  it.each(PROBLEMS)('when %s', (_when, changes, name, status, code) => {
    expect(check(name, changes)?.status).toBe(status)
    expect(plan(changes).reasonCode).toBe(code)
  })

  it('names every problem at once', () => {
    const { summary, next } = plan({ environment: 'production', server: { version: '0.99.0' } })
    expect(summary).toBe(
      '2 problems would stop the upgrade: production runs ZenML 0.99.0, the file says 0.98.0; environments.production.backup is not set in the file',
    )
    expect(next).toBe('Set zenml in the file to the version of the server.')
  })
})

describe('a version that does not exist', () => {
  it('is told with the releases beside it', () => {
    expect(check('release', { target: '0.97.0' })?.message).toBe(
      'the package index has no ZenML 0.97.0; the nearest are 0.93.0, 0.94.1 and 0.98.0',
    )
    expect(check('release', { target: '9.8.0' })?.message).toBe(
      'the package index has no ZenML 9.8.0; the nearest are 0.94.1 and 0.98.0',
    )
    expect(check('release', { releases: { versions: ['1.0rc1'] } })?.message).toBe(
      'the package index has no ZenML 0.98.0; the nearest is 1.0rc1',
    )
  })

  it('may be spelt otherwise', () => {
    expect(check('release', { target: '0.98' })?.status).toBe('passed')
  })
})

describe('what to do next', () => {
  const same = {
    target: '0.98.0',
    server: { version: '0.98.0' },
    baseVersion: '0.98.0',
    base: head,
    inventory: null,
  }

  it('is a merge where that does something', () => {
    expect(plan().next).toBe('Merge the pull request; that upgrades staging.')
    expect(plan({ ...same, server: { version: '0.94.1' } }).next).toBe(
      'Merge the pull request; that upgrades staging.',
    )
    const staysButMoves = 'Merge the pull request; the server stays at ZenML 0.98.0.'
    expect(
      plan({
        ...same,
        base: config(BASE.replace('0.94.1', '0.98.0').replace('rows: 100', 'rows: 5')),
      }).next,
    ).toBe(staysButMoves)
    expect(plan({ ...same, base: null }).next).toBe(staysButMoves)
    expect(plan({ ...same, inventory: FACTS.inventory }).next).toBe(staysButMoves)
  })

  it('is none where nothing changes', () => {
    const nothing =
      'Nothing to upgrade: ZenML stays at 0.98.0 and no setting changes; merge only for the other changes.'
    expect(plan(same).next).toBe(nothing)
    const current = {
      ...SELECTION,
      selected: SELECTION.selected.map((one) => ({
        ...one,
        snapshot: { ...one.snapshot, version: '0.98.0' },
      })),
    }
    expect(
      plan({
        ...same,
        server: { unknown: 'refused' },
        inventory: { recorded: '2026-11-20T08:00:00.000Z', count: 4, selection: current },
      }).next,
    ).toBe(nothing)
  })
})

describe('what changes in the file', () => {
  it('is nothing for another spelling of the same', () => {
    expect(
      configChanges(base, config(`${BASE}execute: { staging: all }\npromotion: { soak: 0s }\n`)),
    ).toEqual([])
  })

  it('knows entries of lists by their names', () => {
    const changed = config(
      BASE.replace('snapshots:\n', 'snapshots:\n  - { name: scoring, timeout: 90m }\n').replace(
        'rows: 100',
        'rows: 50',
      ),
    )
    expect(configChanges(base, changed)).toEqual([
      { path: 'snapshots.scoring.name', before: null, after: 'scoring' },
      { path: 'snapshots.scoring.timeout', before: null, after: '1 h 30 min' },
      { path: 'snapshots.training.smoke.parameters.rows', before: '100', after: '50' },
    ])
  })

  it('tells two entries of one name apart', () => {
    const twice = config(
      BASE.replace(
        'snapshots:\n',
        'snapshots:\n  - { name: training, pipeline: scoring }\n',
      ).replace('- { name: training, smoke', '- { name: training, pipeline: training, smoke'),
    )
    expect(configChanges(base, twice).map(({ path }) => path)).toContain(
      'snapshots.training (2).name',
    )
  })
})
