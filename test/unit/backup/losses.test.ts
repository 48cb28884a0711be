import { describe, expect, it } from '@jest/globals'
import type { TableShape } from '../../../src/backup/comparison.ts'
import { isOfDatabase, judgeLosses } from '../../../src/backup/loss-judgement.ts'
import { planLosses } from '../../../src/backup/loss-plan.ts'
import { migrationsBetween } from '../../../src/backup/migrations-between.ts'

const table = (columns: string[], rows = 1, key = ['id']): TableShape => ({
  columns: [...key, ...columns],
  key,
  rows,
})
const REVISIONS = { backup: '0.93.3', live: '0.98.0' }

describe('what the migrations between two releases do to data', () => {
  it('is the sum of all releases after the first', () => {
    const migrated = migrationsBetween('0.93.3', '0.98.0')
    expect([...(migrated?.droppedTables ?? [])]).toContain('event_source')
    expect([...(migrated?.droppedColumns ?? [])]).toEqual([
      'pipeline_run.trigger_execution_id',
      'logs.log_key',
    ])
    expect(migrated?.deletedWithout).toEqual({})
    expect(migrationsBetween('0.93.2', '0.93.3')?.deletedWithout).toEqual({
      logs: ['pipeline_run_id', 'step_run_id'],
    })
  })

  it('is nothing where the schema is the same, also of a release that was not read', () => {
    expect(migrationsBetween('0.85.0', '0.85.0')?.droppedTables.size).toBe(0)
  })

  it('is not known of a release that was not read, nor on the way back', () => {
    expect(migrationsBetween('0.85.0', '0.98.0')).toBeUndefined()
    expect(migrationsBetween('0.98.0', '1.0.0')).toBeUndefined()
    expect(migrationsBetween('0.98.0', '0.94.1')).toBeUndefined()
    expect(migrationsBetween(null, '0.98.0')).toBeUndefined()
  })
})

describe('the plan of a comparison with the backup', () => {
  it('compares every column that both sides have, and locations in every row', () => {
    const shape = { artifact_version: table(['updated', 'uri', 'version']) }
    expect(planLosses(shape, shape, REVISIONS)).toEqual({
      kept: [
        {
          table: 'artifact_version',
          live: 'artifact_version',
          key: ['id'],
          usersColumn: null,
          compared: ['updated', 'version'],
          locations: ['uri'],
          stamp: 'updated',
          countsChanged: true,
          mayVanishWithout: [],
        },
      ],
      goneTables: [],
      goneColumns: [],
      dropped: [],
      unmatched: [],
      onlyListed: false,
    })
  })

  it('leaves out what a server in use changes without moving the stamp', () => {
    const shape = { pipeline: table(['name', 'run_count']), api_key: table(['key', 'updated']) }
    const { kept } = planLosses(shape, shape, REVISIONS)
    expect(kept.map(({ compared }) => compared)).toEqual([['key'], ['name']])
    expect(kept[0]).toMatchObject({ stamp: 'updated', countsChanged: false })
  })

  it('knows the tables and columns that a migration drops, and reports every other one', () => {
    const before = {
      trigger: table(['name']),
      logs: table(['uri', 'log_key']),
      stack: table(['name', 'labels']),
      secret: table(['name'], 3),
      tag: table(['name'], 0),
    }
    const after = { trigger: table(['name']), logs: table(['uri']), stack: table(['name']) }
    expect(planLosses(before, after, REVISIONS)).toMatchObject({
      kept: [{ table: 'logs' }, { table: 'stack' }],
      dropped: ['trigger'],
      goneTables: ['secret'],
      goneColumns: ['stack.labels'],
    })
  })

  it('compares only listed columns by content where the migrations were not read', () => {
    const shape = {
      stack: table(['name', 'updated', 'user_id', 'labels']),
      code: table(['config']),
    }
    const plan = planLosses(shape, shape, { backup: '0.98.0', live: '1.0.0' })
    expect(plan.onlyListed).toBe(true)
    expect(plan.kept.map(({ compared }) => compared)).toEqual([['config'], ['name', 'labels']])
  })

  it('does not match rows without a key', () => {
    const shape = { odd: table(['name'], 2, []) }
    expect(planLosses(shape, shape, REVISIONS)).toMatchObject({ kept: [], unmatched: ['odd'] })
  })
})

describe('the losses of a comparison', () => {
  const before = { step_run: table(['name']), secret: table(['name'], 3) }
  const plan = planLosses(before, { step_run: table(['name']) }, REVISIONS)
  const found = { table: 'step_run', changed: 4, differing: [2] }

  it('are one for each table and column, with ids of a few rows', () => {
    const ids = ['0123456789abcdef0123456789abcdef', "my secret's name"]
    const { lost, compared } = judgeLosses(plan, before, [{ ...found, missing: 3, examples: ids }])
    expect(lost).toEqual([
      { subject: 'rows of secret', message: 'secret: the table with its 3 rows is gone.' },
      {
        subject: 'rows of step_run',
        message:
          'step_run: 3 rows of the backup are gone, such as 0123456789abcdef0123456789abcdef.',
      },
      { subject: 'step_run.name', message: 'step_run.name: 2 rows differ from the backup.' },
    ])
    expect(lost.every(isOfDatabase)).toBe(true)
    expect(compared).toMatchObject({ tables: 1, columns: 1, changed: 4 })
  })

  it('are not mixed up with those of the API', () => {
    const api = ['number of runs', 'snapshots/default/a/b.c', 'more pipelines', 'tags/x']
    expect(api.some((subject) => isOfDatabase({ subject, message: '' }))).toBe(false)
  })
})
