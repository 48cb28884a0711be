import { describe, expect, it } from '@jest/globals'
import {
  planComparison,
  written,
  type Schema,
  type TableShape,
} from '../../../src/backup/comparison.ts'

const table = (columns: string[], key = ['id'], rows = 1): TableShape => ({
  columns: [...key, ...columns],
  key,
  rows,
})
const plan = (backup: Schema, live: Schema, revisions = { backup: '0.94.1', live: '0.98.0' }) =>
  planComparison(backup, live, revisions)
const SAME = { backup: '0.94.1', live: '0.94.1' }

describe('what is compared to count what users wrote', () => {
  it('is every column while the schema is the same, but for those that the server writes by itself', () => {
    const shape = {
      stack: table(['updated', 'name']),
      api_key: table(['updated', 'last_login', 'name']),
      step_run: table(['updated', 'latest_heartbeat', 'status']),
    }
    expect(
      plan(shape, shape, SAME).pairs.map(({ table: name, compared }) => [name, compared]),
    ).toEqual([
      ['api_key', ['name']],
      ['stack', ['updated', 'name']],
      ['step_run', ['updated', 'status']],
    ])
  })

  it('is the stamp after a migration, where the stamp can be trusted', () => {
    const before = {
      stack: table(['updated', 'name']),
      trigger: table(['updated', 'active', 'next_occurrence']),
      api_key: table(['updated', 'name']),
      stack_composition: table(['position'], ['stack_id', 'component_id']),
    }
    const after = {
      ...before,
      stack: table(['updated', 'name', 'labels']),
      trigger: table(['updated', 'active', 'next_occurrence', 'webhook_id']),
    }
    expect(plan(before, after).pairs.map(({ table: name, compared }) => [name, compared])).toEqual([
      ['api_key', ['name']],
      ['stack', ['updated']],
      ['stack_composition', ['position']],
      ['trigger', ['updated', 'active']],
    ])
  })

  it('takes a schema that differs for a migration, also at the same revision: one that was killed half-way', () => {
    const [pair] = plan(
      { stack: table(['updated', 'name']) },
      { stack: table(['updated', 'name', 'labels']) },
      SAME,
    ).pairs
    expect(pair?.compared).toEqual(['updated'])
  })

  it('leaves bookkeeping out, and the rows of a table that belong to the server', () => {
    const shape = {
      alembic_version: table([]),
      api_transaction: table(['updated']),
      auth_devices: table(['updated']),
      flavor: table(['updated', 'is_custom']),
    }
    expect(plan(shape, shape).pairs).toEqual([
      {
        table: 'flavor',
        live: 'flavor',
        key: ['id'],
        compared: ['updated'],
        usersColumn: 'is_custom',
      },
    ])
  })

  it('follows a renamed table', () => {
    const { pairs, fresh } = plan(
      { pipeline_deployment: table(['updated']) },
      { pipeline_snapshot: table(['updated', 'name']) },
    )
    expect(pairs).toEqual([
      {
        table: 'pipeline_deployment',
        live: 'pipeline_snapshot',
        key: ['id'],
        compared: ['updated'],
        usersColumn: null,
      },
    ])
    expect(fresh).toEqual([])
  })

  it('counts in a new table what is younger than the backup, or all of it', () => {
    expect(
      plan(
        {},
        {
          webhook: table(['created', 'updated']),
          webhook_stats: table([]),
          hook_output: table([], ['a', 'b']),
        },
      ).fresh,
    ).toEqual([
      { table: 'hook_output', created: null, usersColumn: null },
      { table: 'webhook', created: 'created', usersColumn: null },
    ])
  })

  it('cannot be told when a table with rows is gone or its rows cannot be matched', () => {
    expect(() => plan({ resource_pool: table(['updated']) }, {})).toThrow('resource_pool')
    expect(plan({ resource_pool: table(['updated'], ['id'], 0) }, {}).pairs).toEqual([])
    expect(() =>
      plan({ stack: table(['updated']) }, { stack: table(['updated'], ['uuid']) }),
    ).toThrow('its key is id')
    expect(() =>
      plan(
        { log: { rows: 1, columns: ['line'], key: [] } },
        { log: { rows: 1, columns: ['line'], key: [] } },
      ),
    ).toThrow('its key is missing')
  })

  it('has a key only for tables with a difference', () => {
    expect(written('stack', { added: 1, changed: 2, deleted: 0 })).toEqual([['stack', 3]])
    expect(written('stack', { added: 0, changed: 0, deleted: 4 })).toEqual([['stack (deleted)', 4]])
    expect(written('stack', { added: 0, changed: 0, deleted: 0 })).toEqual([])
  })
})
