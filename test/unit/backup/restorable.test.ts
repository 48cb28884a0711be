import { describe, expect, it } from '@jest/globals'
import type { DatabaseObject } from '../../../src/backup/dump-objects.ts'
import { rightsOn } from '../../../src/backup/mysql-grants.ts'
import { assertLoadable } from '../../../src/backup/mysql-packet.ts'
import { missingTableRights, obstacleTo, type Restorer } from '../../../src/backup/restorable.ts'

const ALL = 'GRANT ALL PRIVILEGES ON `t1`.* TO `app`@`%`'

function restorer(grants: readonly string[] = [ALL], more: Partial<Restorer> = {}): Restorer {
  const rights = rightsOn(grants, { database: 't1', partialRevokes: false, ignoreCase: false })
  return { vendor: 'mysql', user: 'app@%', rights, guardsBinaryLog: false, ...more }
}

const trigger: DatabaseObject = {
  kind: 'trigger',
  name: 'audit',
  definer: 'app@%',
  definition: { create: 'CREATE TRIGGER …', 'sql-mode': '', collation: 'c', 'time-zone': null },
}
const foreign: DatabaseObject = { ...trigger, definer: 'root@localhost' }

describe('what a restore can create', () => {
  it('includes an object of its own user', () => {
    expect(obstacleTo(trigger, restorer())).toBeUndefined()
  })

  it('includes an object of another user only with a right to act in its name', () => {
    const on = (right: string) => `GRANT ${right} ON *.* TO \`app\`@\`%\``
    expect(obstacleTo(foreign, restorer())).toBe('its definer is root@localhost')
    expect(obstacleTo(foreign, restorer([ALL, on('SET_ANY_DEFINER')]))).toBeUndefined()
    expect(
      obstacleTo(foreign, restorer([ALL, on('SET USER')], { vendor: 'mariadb' })),
    ).toBeUndefined()
    expect(
      obstacleTo(foreign, restorer(['GRANT ALL PRIVILEGES ON *.* TO `app`@`%`'])),
    ).toBeUndefined()
  })

  it('includes views, but no trigger or function, where the binary log is guarded', () => {
    const guarded = restorer([ALL], { guardsBinaryLog: true })
    expect(obstacleTo(trigger, guarded)).toMatch(/log_bin_trust_function_creators/)
    expect(obstacleTo({ ...trigger, kind: 'function' }, guarded)).toMatch(/binary log/)
    expect(obstacleTo({ ...trigger, kind: 'view' }, guarded)).toBeUndefined()
  })

  it('leaves out what the user may not create, or cannot read', () => {
    const reader = restorer(['GRANT SELECT, CREATE ON `t1`.* TO `app`@`%`'])
    expect(obstacleTo({ ...trigger, kind: 'view' }, reader)).toBe('app@% lacks CREATE VIEW')
    expect(obstacleTo({ ...trigger, definition: null }, restorer())).toBe(
      'app@% cannot read its definition',
    )
  })

  it('includes no table without the rights on tables; MariaDB asks for none for foreign keys', () => {
    const grants = ['GRANT SELECT, CREATE, CREATE VIEW, DROP ON `t1`.* TO `app`@`%`']
    expect(missingTableRights(restorer(grants))).toEqual(['INSERT', 'REFERENCES'])
    expect(missingTableRights(restorer(grants, { vendor: 'mariadb' }))).toEqual(['INSERT'])
    expect(missingTableRights(restorer())).toEqual([])
  })

  it('includes no row that is longer than the server takes', () => {
    const longest = { table: 'logs', bytes: 16 * 1024 ** 2 }
    assertLoadable(longest, 16 * 1024 ** 2 + 1)
    assertLoadable(null, 1)
    expect(() => {
      assertLoadable(longest, 16 * 1024 ** 2)
    }).toThrow(/longest row of logs takes 16777216 bytes/)
  })
})
