import { createHash } from 'node:crypto'
import type { DumpedTable } from './dump-reader.ts'
import { valueOf, type Token } from './dump-rows.ts'
import { parseJson } from '../core/json.ts'
import type { MysqlConnection } from './mysql-connection.ts'
import { identifier, literal } from './mysql-text.ts'

/** Digits of a digest that tell rows apart; 128 bits. */
const DIGITS = 32

export type ColumnType = 'time' | 'bytes' | 'approximate' | 'text'

/** Types of which a program writes the bytes into a dump, as MySQL and MariaDB name them. */
const BYTES = /blob|binary|^bit$|^vector$|geometry|geomcollection|point$|linestring$|polygon$/i

/** Types of the columns of the live database, by table and column. */
export async function readTypes(
  live: MysqlConnection,
): Promise<Record<string, Record<string, ColumnType>>> {
  const types: Record<string, Record<string, ColumnType>> = {}
  for (const [table = '', column = '', type = ''] of await live.query(
    'SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()',
  ))
    types[table] = { ...types[table], [column]: columnType(type) }
  return types
}

function columnType(type: string): ColumnType {
  if (/^(?:datetime|timestamp)$/i.test(type)) return 'time'
  if (/^double$/i.test(type)) return 'approximate'
  return BYTES.test(type) ? 'bytes' : 'text'
}

/** A dump holds time stamps in UTC; to be the first statement of a query that compares with one. */
export const IN_UTC = "SET time_zone = '+00:00';\n"

// The two sides of one digest: the server works it out for the live rows, so that no content has to
// travel; we do for the dump.

/** SQL of one digest over columns. */
export function digestSql(
  columns: readonly string[],
  types: Readonly<Record<string, ColumnType>>,
): string {
  if (columns.length === 0) return "''"
  const parts = columns.map((column) => `IFNULL(SHA2(${valueSql(column, types)}, 256), 'N')`)
  return `LEFT(SHA2(CONCAT(${parts.join(', ')}), 256), ${DIGITS})`
}

/** The same digest for a row of a dump. */
export function digestOf(
  columns: readonly string[],
  table: DumpedTable,
  tokens: readonly Token[],
  types: Readonly<Record<string, ColumnType>> | undefined,
): string {
  if (columns.length === 0) return ''
  const parts = columns.map((column) => {
    const value = dumpedValue(column, table, tokens, types)
    return value === null ? 'N' : sha256(value)
  })
  return sha256(parts.join('')).slice(0, DIGITS)
}

/** Length of the short digest of one value, in characters; 64 bits. */
export const SHORT = 16
const NULL_DIGEST = 'N'.repeat(SHORT)

/** SQL of short digests of values, one after the other. `configuration.path` is a path inside. */
export function shortDigestsSql(
  columns: readonly string[],
  types: Readonly<Record<string, ColumnType>>,
): string {
  if (columns.length === 0) return "''"
  const parts = columns.map(
    (column) => `IFNULL(LEFT(SHA2(${valueSql(column, types)}, 256), ${SHORT}), '${NULL_DIGEST}')`,
  )
  return `CONCAT(${parts.join(', ')})`
}

/** The same digests for a row of a dump. */
export function shortDigestsOf(
  columns: readonly string[],
  table: DumpedTable,
  tokens: readonly Token[],
  types: Readonly<Record<string, ColumnType>>,
): string {
  return columns
    .map((column) => {
      const value = dumpedValue(column, table, tokens, types)
      return value === null ? NULL_DIGEST : sha256(value).slice(0, SHORT)
    })
    .join('')
}

/** SQL of a value as both sides write it. */
export function valueSql(column: string, types: Readonly<Record<string, ColumnType>>): string {
  const [outer = column, inner] = column.split('.')
  const name = identifier(outer)
  if (inner !== undefined) {
    const text = `CONVERT(FROM_BASE64(CONVERT(${name} USING latin1)) USING utf8mb4)`
    const found = `JSON_EXTRACT(${text}, ${literal(`$.${inner}`)})`
    return `IF(JSON_VALID(${text}) AND JSON_TYPE(${found}) = 'STRING', JSON_UNQUOTE(${found}), NULL)`
  }
  return {
    time: `DATE_FORMAT(${name}, '%Y-%m-%d %H:%i:%s.%f')`,
    bytes: name,
    // MySQL spells such a number in a dump in another way than anywhere else; ZenML has none.
    approximate: `IF(${name} IS NULL, NULL, 0)`,
    text: `CONVERT(${name} USING utf8mb4)`,
  }[types[column] ?? 'text']
}

/** The same value of a row of a dump, one character per byte; null for SQL's NULL. */
export function dumpedValue(
  column: string,
  table: DumpedTable,
  tokens: readonly Token[],
  types: Readonly<Record<string, ColumnType>> | undefined,
): string | null {
  const [outer = column, inner] = column.split('.')
  const value = valueOf(tokens[table.columns.indexOf(outer)] ?? 'NULL')
  if (value === null) return null
  if (inner !== undefined) return textInside(value, inner)
  return asWritten(value, types?.[column] ?? 'text')
}

/** A value as `valueSql` writes it. */
function asWritten(value: string, type: ColumnType): string {
  if (type === 'time') return withMicroseconds(value)
  return type === 'approximate' ? '0' : value
}

/** A text inside of JSON in base64. */
function textInside(base64: string, name: string): string | null {
  const object = parseJson(Buffer.from(base64, 'base64').toString('utf8'))
  const found =
    typeof object === 'object' && object !== null
      ? (object as Readonly<Record<string, unknown>>)[name]
      : undefined
  return typeof found === 'string' ? Buffer.from(found, 'utf8').toString('latin1') : null
}

/** A migration may give a column more digits; the moment stays the same. */
function withMicroseconds(time: string): string {
  const [seconds = '', fraction = ''] = time.split('.')
  return `${seconds}.${fraction.padEnd(6, '0')}`
}

function sha256(bytes: string): string {
  return createHash('sha256').update(bytes, 'latin1').digest('hex')
}
