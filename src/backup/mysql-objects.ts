import { describe } from './destination.ts'
import {
  OBJECT_KINDS,
  statementOf,
  type DatabaseObject,
  type ObjectDefinition,
  type ObjectKind,
} from './dump-objects.ts'
import { MysqlError, type MysqlConnection } from './mysql-connection.ts'
import { identifier } from './mysql-text.ts'
import type { LeftOutObject } from './types.ts'

/** Where a database lists the objects of a kind: table, column of the name, further condition. */
const LISTS: Readonly<Record<ObjectKind, readonly [table: string, name: string, where: string]>> = {
  function: [
    'ROUTINES',
    'ROUTINE_NAME',
    "ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'FUNCTION'",
  ],
  procedure: [
    'ROUTINES',
    'ROUTINE_NAME',
    "ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'PROCEDURE'",
  ],
  view: ['VIEWS', 'TABLE_NAME', 'TABLE_SCHEMA = DATABASE()'],
  trigger: ['TRIGGERS', 'TRIGGER_NAME', 'TRIGGER_SCHEMA = DATABASE()'],
  event: ['EVENTS', 'EVENT_NAME', 'EVENT_SCHEMA = DATABASE()'],
}

/** An answer of `SHOW CREATE`, by kind. */
const DEFINITIONS: Readonly<Record<ObjectKind, (row: readonly string[]) => ObjectDefinition>> = {
  function: ([, mode = '', create = '', , collation = '']) => definition(create, mode, collation),
  procedure: ([, mode = '', create = '', , collation = '']) => definition(create, mode, collation),
  // Read under an empty mode, as `definitionOf` does, it is to be created under one.
  view: ([, create = '', , collation = '']) => definition(create, '', collation),
  trigger: ([, mode = '', create = '', , collation = '']) => definition(create, mode, collation),
  event: ([, mode = '', zone = '', create = '', , collation = '']) =>
    definition(create, mode, collation, zone),
}

function definition(
  create: string,
  sqlMode: string,
  collation: string,
  timeZone: string | null = null,
): ObjectDefinition {
  return { create, 'sql-mode': sqlMode, collation, 'time-zone': timeZone }
}

/** Reads every view, trigger, routine and event that the user can see. @throws MysqlError */
export async function readObjects(connection: MysqlConnection): Promise<DatabaseObject[]> {
  const objects: DatabaseObject[] = []
  for (const { kind, name, definer } of await listObjects(connection))
    objects.push({ kind, name, definer, definition: await definitionOf(connection, kind, name) })
  return objects
}

async function listObjects(
  connection: Pick<MysqlConnection, 'query'>,
): Promise<Omit<DatabaseObject, 'definition'>[]> {
  const rows = await connection.query(
    OBJECT_KINDS.map((kind) => {
      const [table, name, where] = LISTS[kind]
      return `SELECT '${kind}', ${name}, DEFINER FROM information_schema.${table} WHERE ${where} ORDER BY ${name};`
    }).join('\n'),
  )
  return rows.flatMap(([kind, name = '', definer = '']) => {
    const known = OBJECT_KINDS.find((one) => one === kind)
    return known === undefined ? [] : [{ kind: known, name, definer }]
  })
}

/** null where the server refuses: it shows the body of a routine to its definer only. */
async function definitionOf(
  connection: MysqlConnection,
  kind: ObjectKind,
  name: string,
): Promise<ObjectDefinition | null> {
  try {
    const [row] = await connection.query(
      `SET SESSION sql_mode = '';\nSHOW CREATE ${kind.toUpperCase()} ${identifier(name)};`,
    )
    const found = row === undefined ? undefined : DEFINITIONS[kind](row)
    return found === undefined || found.create === 'NULL' ? null : found
  } catch (error) {
    if (error instanceof MysqlError && REFUSED.test(error.message)) return null
    throw error
  }
}

/** An error of the server; those of the client, such as a lost connection, begin with 2. */
const REFUSED = /ERROR [1345]\d{3}/

/**
 * Creates objects of a backup that the database lacks, and returns those that could not be created,
 * each with its reason. A restore drops tables, and triggers with them; what else is still there
 * stays as it is. Never throws: without these objects the tables are as good.
 */
export async function createObjects(
  connection: Pick<MysqlConnection, 'query'>,
  objects: readonly DatabaseObject[],
): Promise<LeftOutObject[]> {
  if (objects.length === 0) return []
  let missing: readonly DatabaseObject[]
  try {
    const existing = new Set((await listObjects(connection)).map(keyOf))
    missing = objects.filter((object) => !existing.has(keyOf(object)))
  } catch (error) {
    const reason = `what the database holds could not be listed: ${describe(error)}`
    return objects.map(({ kind, name }) => ({ kind, name, reason }))
  }
  // A view may need one that comes later, so what failed is tried again until nothing changes.
  for (;;) {
    const leftOut: { object: DatabaseObject; reason: string }[] = []
    for (const object of missing) {
      const reason = await refusal(connection, object)
      if (reason !== undefined) leftOut.push({ object, reason })
    }
    if (leftOut.length === 0 || leftOut.length === missing.length)
      return leftOut.map(({ object: { kind, name }, reason }) => ({ kind, name, reason }))
    missing = leftOut.map(({ object }) => object)
  }
}

/** Creates an object; the reason where it cannot be. */
async function refusal(
  connection: Pick<MysqlConnection, 'query'>,
  { definition: found }: DatabaseObject,
): Promise<string | undefined> {
  if (found === null) return 'its definition could not be read when the backup was made'
  try {
    await connection.query(statementOf(found))
    return undefined
  } catch (error) {
    return describe(error)
  }
}

function keyOf({ kind, name }: Pick<DatabaseObject, 'kind' | 'name'>): string {
  return `${kind} ${name}`
}
