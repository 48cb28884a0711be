import type { Schema } from './comparison.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { identifier, literal } from './mysql-text.ts'

/** MariaDB lists a table that keeps its history as another type. */
const TABLES: readonly string[] = ['BASE TABLE', 'SYSTEM VERSIONED']
const TABLE_TYPES = TABLES.map(literal).join(', ')

/**
 * Tables of a database with keys and the columns that a row has by itself, not worked out by the
 * database, and their rows counted one table after the other.
 */
export async function readSchema(connection: MysqlConnection): Promise<Schema> {
  const columns = await connection.query(`
    SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_KEY FROM information_schema.COLUMNS c
    JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
    WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE IN (${TABLE_TYPES})
    AND COALESCE(c.GENERATION_EXPRESSION, '') = '' ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`)
  const tables: Record<string, { rows: number; columns: string[]; key: string[] }> = {}
  for (const [table = '', column = '', key = ''] of columns) {
    const shape = (tables[table] ??= { rows: 0, columns: [], key: [] })
    shape.columns.push(column)
    if (key === 'PRI') shape.key.push(column)
  }
  for (const [table, rows] of Object.entries(await countRows(connection, Object.keys(tables)))) {
    const shape = tables[table]
    if (shape !== undefined) shape.rows = rows
  }
  return tables
}

/** Rows of each table, of one moment of all of them. */
export async function countRows(
  connection: MysqlConnection,
  tables: readonly string[],
): Promise<Record<string, number>> {
  if (tables.length === 0) return {}
  const rows = await connection.query(
    `SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;\nSTART TRANSACTION WITH CONSISTENT SNAPSHOT;\n${tables.map((table) => `SELECT COUNT(*) FROM ${identifier(table)};`).join('\n')}`,
  )
  return Object.fromEntries(tables.map((table, index) => [table, Number(rows[index]?.[0])]))
}

export async function tableNames(
  connection: MysqlConnection,
): Promise<{ tables: string[]; views: string[] }> {
  const rows = await connection.query(
    'SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME',
  )
  const of = (wanted: (type: string) => boolean) =>
    rows.filter(([, type = '']) => wanted(type)).map(([name = '']) => name)
  return { tables: of((type) => TABLES.includes(type)), views: of((type) => type.endsWith('VIEW')) }
}

/**
 * Drops every table of a database, not the database: its user may not be allowed to create it again.
 * Views stay, unless `names`, the tables to be loaded, has one of the same name: MySQL lets no one
 * drop a view of an administrator who is not one.
 */
export async function dropTables(
  connection: MysqlConnection,
  names: readonly string[] = [],
): Promise<void> {
  const { tables, views } = await tableNames(connection)
  await connection.query(
    [
      'SET FOREIGN_KEY_CHECKS = 0;',
      // A connection that is still open somewhere must be an error, not a wait for ever.
      'SET SESSION lock_wait_timeout = 60;',
      ...views
        .filter((view) => names.includes(view))
        .map((view) => `DROP VIEW IF EXISTS ${identifier(view)};`),
      ...tables.map((table) => `DROP TABLE IF EXISTS ${identifier(table)};`),
    ].join('\n'),
  )
}

/**
 * The id of the server that this database belongs to; undefined where a release of ZenML keeps it
 * elsewhere.
 */
export async function readServerId(connection: MysqlConnection): Promise<string | undefined> {
  const { tables } = await tableNames(connection)
  if (!tables.includes('server_settings')) return undefined
  const [[id] = []] = await connection.query('SELECT id FROM server_settings')
  return id
}

/** `alembic_version`, or undefined when there is none. */
export async function readRevision(connection: MysqlConnection): Promise<string | undefined> {
  const { tables } = await tableNames(connection)
  if (!tables.includes('alembic_version')) return undefined
  const [[revision] = []] = await connection.query('SELECT version_num FROM alembic_version')
  return revision
}
