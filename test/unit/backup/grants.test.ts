import { describe, expect, it } from '@jest/globals'
import { rightsOn, type GrantContext } from '../../../src/backup/mysql-grants.ts'

const T1: GrantContext = { database: 't1', partialRevokes: false, ignoreCase: false }
const PASSWORD = "IDENTIFIED BY PASSWORD '*D821809F681A40A6E379B50D0463EFAE20BDD122'"
const WORDS = ['SELECT', 'INSERT', 'CREATE', 'DROP', 'CREATE VIEW', 'TRIGGER']

const words = (lines: readonly string[], context: Partial<GrantContext> = {}) => {
  const rights = rightsOn(lines, { ...T1, ...context })
  return WORDS.filter((word) => rights.has(word))
}

// The lines are those that MariaDB 10.11 and MySQL 9.7 answered.
describe('rights on a database', () => {
  it.each<[string, string[], string[]]>([
    [
      'are all with ALL on this database (MariaDB)',
      [
        `GRANT USAGE ON *.* TO \`app\`@\`127.0.0.1\` ${PASSWORD}`,
        'GRANT ALL PRIVILEGES ON `t1`.* TO `app`@`127.0.0.1`',
      ],
      WORDS,
    ],
    [
      'are all with ALL on the server (MariaDB)',
      [
        `GRANT ALL PRIVILEGES ON *.* TO \`super\`@\`127.0.0.1\` ${PASSWORD} WITH GRANT OPTION`,
        'GRANT PROXY ON `app`@`127.0.0.1` TO `super`@`127.0.0.1`',
      ],
      WORDS,
    ],
    [
      'are those that a list on the server names (MySQL)',
      [
        'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, EVENT, TRIGGER, CREATE TABLESPACE, CREATE ROLE, DROP ROLE ON *.* TO `super`@`127.0.0.1` WITH GRANT OPTION',
        'GRANT ALLOW_NONEXISTENT_DEFINER,SET_ANY_DEFINER,SYSTEM_USER ON *.* TO `super`@`127.0.0.1` WITH GRANT OPTION',
      ],
      ['SELECT', 'INSERT', 'CREATE', 'DROP', 'TRIGGER'],
    ],
    [
      'are not those on another database, nor part of another word',
      [
        'GRANT USAGE ON *.* TO `ro`@`127.0.0.1`',
        'GRANT SELECT, SHOW VIEW, CREATE VIEW, TRIGGER ON `t1`.* TO `ro`@`127.0.0.1`',
        'GRANT ALL PRIVILEGES ON `t1_scratch`.* TO `ro`@`127.0.0.1`',
      ],
      ['SELECT', 'CREATE VIEW', 'TRIGGER'],
    ],
    [
      'are not those on single tables, columns and routines',
      [
        'GRANT SELECT (`a`, `b`), INSERT (`a`) ON `t1`.`c` TO `mixed`@`127.0.0.1`',
        'GRANT DELETE, DROP ON `t1`.`c` TO `mixed`@`127.0.0.1`',
        'GRANT EXECUTE ON PROCEDURE `t1`.`p` TO `mixed`@`127.0.0.1`',
      ],
      [],
    ],
    [
      'include those of roles, and of roles of roles (MariaDB)',
      [
        'GRANT `r1` TO `mixed`@`127.0.0.1`',
        `GRANT PROCESS, BINLOG MONITOR ON *.* TO \`mixed\`@\`127.0.0.1\` ${PASSWORD}`,
        'GRANT SELECT, CREATE VIEW ON `t_`.* TO `mixed`@`127.0.0.1`',
        'GRANT `r2` TO `r1`',
        'GRANT USAGE ON *.* TO `r1`',
        'GRANT CREATE ON `t1`.* TO `r1`',
        'GRANT INSERT ON `t1`.* TO `r2`',
        'SET DEFAULT ROLE `r1` FOR `mixed`@`127.0.0.1`',
      ],
      ['SELECT', 'INSERT', 'CREATE', 'CREATE VIEW'],
    ],
    [
      'are those of the most exact name alone, as the servers do it',
      [
        'GRANT INSERT ON `t%`.* TO `two`@`127.0.0.1`',
        'GRANT SELECT ON `t1`.* TO `two`@`127.0.0.1`',
        'GRANT DROP ON `%`.* TO `two`@`127.0.0.1`',
      ],
      ['SELECT'],
    ],
    [
      'are those of a pattern, but not of one whose underscore is escaped',
      [
        'GRANT SELECT ON `t\\_%`.* TO `mixed`@`127.0.0.1` WITH GRANT OPTION',
        'GRANT INSERT ON `t_`.* TO `mixed`@`127.0.0.1`',
      ],
      ['INSERT'],
    ],
    [
      'lack what was revoked for this database (MySQL, partial revokes)',
      [
        'GRANT SELECT, INSERT, CREATE, DROP ON *.* TO `part`@`127.0.0.1`',
        'REVOKE INSERT ON `t1`.* FROM `part`@`127.0.0.1`',
        'REVOKE DROP ON `other`.* FROM `part`@`127.0.0.1`',
      ],
      ['SELECT', 'CREATE', 'DROP'],
    ],
    ['are none without a line', [], []],
  ])('%s', (_, lines, expected) => {
    expect(words(lines)).toEqual(expected)
  })

  it('have no wildcards in names while partial revokes are on', () => {
    const lines = ['GRANT ALL PRIVILEGES ON `t_`.* TO `three`@`%`']
    expect(words(lines)).toEqual(WORDS)
    expect(words(lines, { partialRevokes: true })).toEqual([])
    expect(words(lines, { partialRevokes: true, database: 't_' })).toEqual(WORDS)
  })

  it('ignore the case of a name only where the server does', () => {
    const lines = ['GRANT SELECT ON `T1`.* TO `a`@`%`', 'GRANT INSERT ON `odd``name`.* TO `a`@`%`']
    expect(words(lines)).toEqual([])
    expect(words(lines, { ignoreCase: true })).toEqual(['SELECT'])
    expect(words(lines, { database: 'odd`name' })).toEqual(['INSERT'])
  })

  it('on the server are not those on a database', () => {
    const rights = rightsOn(
      ['GRANT ALL PRIVILEGES ON `t1`.* TO `app`@`%`', 'GRANT SET_ANY_DEFINER ON *.* TO `app`@`%`'],
      T1,
    )
    expect(rights.hasOnServer('SUPER')).toBe(false)
    expect(rights.hasOnServer('SET_ANY_DEFINER')).toBe(true)
  })
})
