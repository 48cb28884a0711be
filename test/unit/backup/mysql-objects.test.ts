import { describe, expect, it } from '@jest/globals'
import type { DatabaseObject } from '../../../src/backup/dump-objects.ts'
import { MysqlError } from '../../../src/backup/mysql-connection.ts'
import { createObjects } from '../../../src/backup/mysql-objects.ts'

const LOST = 'ERROR 2013 (HY000): Lost connection to server during query'

function trigger(name: string): DatabaseObject {
  return {
    kind: 'trigger',
    name,
    definer: 'root@localhost',
    definition: {
      create: `CREATE TRIGGER ${name}`,
      'sql-mode': '',
      collation: 'utf8mb4_bin',
      'time-zone': null,
    },
  }
}

describe('objects of a backup that are created after its tables', () => {
  it('are all left out, each with the reason, where the connection is lost before the first', async () => {
    const query = () => Promise.reject(new MysqlError(LOST))
    const reason = expect.stringContaining(LOST) as unknown
    expect(await createObjects({ query }, [trigger('audit'), trigger('costs')])).toEqual([
      { kind: 'trigger', name: 'audit', reason },
      { kind: 'trigger', name: 'costs', reason },
    ])
  })

  it('are left out from the one where the client cannot be started any more', async () => {
    let isGone = false
    const query = (sql: string) => {
      if (isGone) return Promise.reject(new Error('spawn ENOMEM'))
      isGone = sql.includes('CREATE TRIGGER audit')
      return Promise.resolve([])
    }
    expect(await createObjects({ query }, [trigger('audit'), trigger('costs')])).toEqual([
      { kind: 'trigger', name: 'costs', reason: 'spawn ENOMEM' },
    ])
  })
})
