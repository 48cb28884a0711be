import { describe, expect, it } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { causeOfFailure } from '../../../src/deploy/cause-of-failure.ts'

const LOGS = join(import.meta.dirname, '../../fixtures/migration-logs')

/** The lines of a log as `tail` gives them. */
async function linesOf(name: string): Promise<string[]> {
  return (await readFile(join(LOGS, `${name}.txt`), 'utf8')).trimEnd().split('\n')
}

const CREATE =
  'CREATE TABLE resource_pool ( id CHAR(32) NOT NULL, created DATETIME NOT NULL, updated DATETIME NOT NULL'

describe('the cause of a failed migration', () => {
  it.each([
    ['sqlite-table-exists', 'sqlite3.OperationalError: table resource_pool already exists'],
    [
      'mariadb-table-exists',
      `pymysql.err.OperationalError: (1050, "Table 'resource_pool' already exists")`,
    ],
    [
      'mariadb-changed-collation',
      `pymysql.err.OperationalError: (1005, 'Can\\'t create table \`zenml2\`.\`resource_pool\` (errno: 150 "Foreign key constraint is incorrectly formed")')`,
    ],
  ])('is the exception of the database with its statement: %s', async (name, message) => {
    const cause = causeOfFailure(await linesOf(name)) ?? ''
    expect(cause.startsWith(`${message} (SQL: ${CREATE}`)).toBe(true)
    expect(cause.length).toBeLessThan(500)
    expect(cause).not.toMatch(/sqlalche\.me|\n/)
  })

  it('is found in the log of a container, and lines of a logger after it are left out', async () => {
    const log = (await linesOf('sqlite-table-exists')).map((line) => `zenml-1  | ${line}`)
    const cause = causeOfFailure([
      ...log,
      'zenml-1  | ERROR:    Application startup failed. Exiting.',
    ])
    expect(cause).toMatch(
      /^sqlite3\.OperationalError: table resource_pool already exists \(SQL: CREATE/,
    )
  })

  it('never shows the values of a statement', () => {
    const cause = causeOfFailure([
      'Traceback (most recent call last):',
      '  File "a.py", line 1, in <module>',
      'sqlalchemy.exc.IntegrityError: (sqlite3.IntegrityError) UNIQUE constraint failed: user.name',
      '[SQL: INSERT INTO user (name, password) VALUES (?, ?)]',
      "[parameters: ('default', 'hunter2')]",
      '(Background on this error at: https://sqlalche.me/e/20/gkpj)',
    ])
    expect(cause).toBe(
      'sqlalchemy.exc.IntegrityError: (sqlite3.IntegrityError) UNIQUE constraint failed: user.name (SQL: INSERT INTO user (name, password) VALUES (?, ?))',
    )
  })

  it('is the last exception where the ones before it were handled', () => {
    const cause = causeOfFailure([
      'Traceback (most recent call last):',
      '  File "a.py", line 1, in <module>',
      "KeyError: 'version'",
      '',
      'During handling of the above exception, another exception occurred:',
      '',
      'Traceback (most recent call last):',
      '  File "a.py", line 3, in <module>',
      'zenml.exceptions.BackupSecretsStoreNotConfiguredError: no backup store',
      'ERROR:    Application startup failed. Exiting.',
    ])
    expect(cause).toBe('zenml.exceptions.BackupSecretsStoreNotConfiguredError: no backup store')
  })

  it('is what Alembic says of a schema that it does not know', () => {
    const cause = causeOfFailure([
      'Traceback (most recent call last):',
      '  File "a.py", line 1, in <module>',
      "alembic.script.revision.ResolutionError: No such revision or branch '0.98.0'",
      '',
      'The above exception was the direct cause of the following exception:',
      '',
      'Traceback (most recent call last):',
      '  File "a.py", line 3, in <module>',
      "alembic.util.exc.CommandError: Can't locate revision identified by '0.98.0'",
      '',
      'ERROR:    Application startup failed. Exiting.',
    ])
    expect(cause).toBe(
      "alembic.util.exc.CommandError: Can't locate revision identified by '0.98.0'",
    )
  })

  it('is unknown without a traceback', () => {
    expect(causeOfFailure(['Error: UPGRADE FAILED: timed out', ''])).toBeUndefined()
  })
})
