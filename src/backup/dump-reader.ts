import type { Readable } from 'node:stream'
import type { Show } from '../runtime/progress.ts'
import { BrokenDump, linesOf } from './dump-lines.ts'
import { objectsIn, OBJECTS_SECTION, type DatabaseObject } from './dump-objects.ts'
import { readRows, type Token } from './dump-rows.ts'
import { unpackDump } from './packed-dump.ts'
import { columnsIn, nameAt, TableDefinition } from './dump-tables.ts'

/** One table of a dump, as its `CREATE TABLE` says. */
export interface DumpedTable {
  readonly table: string
  /** Without those that the database works out by itself. */
  readonly columns: readonly string[]
  readonly key: readonly string[]
}

export interface DumpVisitor {
  table(table: DumpedTable): void
  /** The values of one row, in the order of the columns, as they stand in the dump. */
  row(table: DumpedTable, tokens: readonly Token[]): void
  /** After a line with rows; what it returns is awaited before the next one is read. */
  endOfLine?(): Promise<void> | undefined
  /** After an `INSERT`, with its length in bytes. */
  statement?(table: DumpedTable, bytes: number): void
  /** After the last row of a table, also of an empty one. */
  endOfTable?(table: DumpedTable): Promise<void> | void
  /** The section of what is not a table; not called for a dump without one. */
  objects?(objects: readonly DatabaseObject[]): void
}

const LAST_LINE = /^-- Dump completed\b/

/**
 * Reads a dump from its first to its last byte. @throws BrokenDump when it has no end, or is not
 * understood
 */
export async function readDump(path: string, visitor: DumpVisitor, show?: Show): Promise<void> {
  await readDumpStream(await unpackDump(path, show), visitor)
}

/**
 * Statements are recognised by their lines: the dump programs write every line break inside a value as an
 * escape. @throws BrokenDump
 */
export async function readDumpStream(stream: Readable, visitor: DumpVisitor): Promise<void> {
  const reading = new DumpReading(visitor)
  for await (const line of linesOf(stream)) await reading.line(line)
  await reading.end()
}

/** An `INSERT` that is being read. */
interface Insert {
  /** Positions of the table's columns among the values; undefined: the same. */
  readonly positions: readonly number[] | undefined
  /** Number of values of each row. */
  readonly width: number
  bytes: number
}

/** What is known of a dump while its lines are read. */
class DumpReading {
  readonly #visitor: DumpVisitor
  #lastLine = ''
  /** A `CREATE TABLE` that has not ended. */
  #open: TableDefinition | undefined
  #current: TableDefinition | undefined
  #insert: Insert | undefined
  /** Bodies of triggers and routines stand between other delimiters and may hold anything. */
  #foreign = false
  /** Lines of the section of objects. */
  #section: string[] | undefined

  constructor(visitor: DumpVisitor) {
    this.#visitor = visitor
  }

  async line(line: string): Promise<void> {
    if (this.#section !== undefined) {
      this.#section.push(line)
      return
    }
    if (line === OBJECTS_SECTION && this.#insert === undefined) this.#section = []
    else {
      if (line !== '') this.#lastLine = line
      await this.#statementLine(line)
    }
  }

  async #statementLine(line: string): Promise<void> {
    if (this.#insert !== undefined) await this.#rows(line, 0, this.#insert)
    else if (line.startsWith('DELIMITER ')) this.#foreign = line !== 'DELIMITER ;'
    else if (this.#foreign) return
    else if (this.#open !== undefined) await this.#columnLine(line, this.#open)
    else if (line.startsWith('CREATE TABLE '))
      this.#open = new TableDefinition(nameAt(line, line.indexOf('`')))
    else if (line.startsWith('INSERT INTO ')) await this.#beginInsert(line)
  }

  async #columnLine(line: string, open: TableDefinition): Promise<void> {
    if (!line.startsWith(')')) {
      open.line(line)
      return
    }
    await this.#endTable()
    this.#open = undefined
    this.#current = open
    this.#visitor.table(open)
  }

  async #beginInsert(line: string): Promise<void> {
    const current = this.#current
    const name = nameAt(line, line.indexOf('`'))
    if (current?.table !== name) throw new BrokenDump(`rows of ${name} stand outside their table`)
    const { names, end } = columnsIn(line)
    const values = names ?? current.everyColumn
    this.#insert = {
      positions:
        values.length === current.columns.length && names === undefined
          ? undefined
          : current.columns.map((column) => values.indexOf(column)),
      width: values.length,
      bytes: 0,
    }
    await this.#rows(line, end, this.#insert)
  }

  async #rows(line: string, start: number, insert: Insert): Promise<void> {
    const current = this.#current
    if (current === undefined) return
    insert.bytes += line.length + 1
    const ended = readRows(line, start, (tokens) => {
      this.#visitor.row(current, valuesOf(current, insert, tokens))
    })
    await this.#visitor.endOfLine?.()
    if (!ended) return
    this.#visitor.statement?.(current, insert.bytes)
    this.#insert = undefined
  }

  async #endTable(): Promise<void> {
    if (this.#current !== undefined) await this.#visitor.endOfTable?.(this.#current)
    this.#current = undefined
  }

  async end(): Promise<void> {
    await this.#endTable()
    if (this.#insert !== undefined || this.#open !== undefined)
      throw new BrokenDump('it ends in the middle of a statement')
    if (!LAST_LINE.test(this.#lastLine))
      throw new BrokenDump(
        'it has no last line `-- Dump completed`: the program that wrote it was broken off',
      )
    if (this.#section === undefined) return
    const objects = objectsIn(this.#section.map(utf8))
    if (objects === undefined)
      throw new BrokenDump('its section of views, triggers, routines and events is not whole')
    this.#visitor.objects?.(objects)
  }
}

/** The values of the table's columns among all of a row. @throws BrokenDump */
function valuesOf(
  { table }: DumpedTable,
  { positions, width }: Insert,
  tokens: readonly Token[],
): readonly Token[] {
  if (tokens.length !== width)
    throw new BrokenDump(`a row of ${table} has ${tokens.length} values for ${width} columns`)
  return positions === undefined ? tokens : positions.map((position) => tokens[position] ?? 'NULL')
}

function utf8(line: string): string {
  return Buffer.from(line, 'latin1').toString('utf8')
}
