import { BrokenDump } from './dump-lines.ts'

/** What the lines of a `CREATE TABLE` say. */
export class TableDefinition {
  readonly table: string
  /** Without those that the database works out by itself. */
  readonly columns: string[] = []
  /** With them: the order of values where an `INSERT` names no columns. */
  readonly everyColumn: string[] = []
  /** The two columns of a system-versioned table that say since and until when a row is valid. */
  readonly #validity: string[] = []
  #key: readonly string[] = []

  constructor(table: string) {
    this.table = table
  }

  /**
   * The primary key, without the end of a row's validity: a dump holds only rows that are valid.
   * Empty where a part of the key is not among the columns.
   */
  get key(): readonly string[] {
    const key = this.#key.filter((column) => !this.#validity.includes(column))
    return key.every((column) => this.columns.includes(column)) ? key : []
  }

  /** Reads one line between the first and the last. */
  line(line: string): void {
    // Defaults and comments may hold any words.
    const text = line.trimStart().replaceAll(/'(?:[^'\\]|''|\\.)*'/g, "''")
    if (text.startsWith('PRIMARY KEY ')) this.#key = namesIn(text)
    if (!text.startsWith('`')) return
    const name = nameAt(text, 0)
    const definition = text.replace(NAME, '')
    this.everyColumn.push(name)
    if (/\bAS ROW (?:START|END)\b/.test(definition)) this.#validity.push(name)
    // MySQL's program leaves the value of such a column out of a row, MariaDB's writes it.
    else if (!GENERATED.test(definition)) this.columns.push(name)
  }
}

const NAME = /`((?:[^`]|``)+)`/
const GENERATED = /\bGENERATED ALWAYS AS\b|\) (?:VIRTUAL|STORED|PERSISTENT)\b/

/** The columns that an `INSERT` names, or undefined; and the position of its first row. */
export function columnsIn(line: string): { names: string[] | undefined; end: number } {
  const values = / VALUES(?: |$)/.exec(line)
  if (values === null) throw new BrokenDump(`an INSERT without VALUES: ${line.slice(0, 80)}`)
  const [, ...names] = namesIn(line.slice(0, values.index))
  return {
    names: names.length === 0 ? undefined : names,
    end: values.index + values[0].length,
  }
}

/** The quoted name at a position. @throws BrokenDump */
export function nameAt(line: string, start: number): string {
  const found = NAME.exec(line.slice(start, start + 300))
  if (found?.index !== 0)
    throw new BrokenDump(`no name of a table or column in: ${line.slice(0, 80)}`)
  return (found[1] ?? '').replaceAll('``', '`')
}

function namesIn(text: string): string[] {
  return [...text.matchAll(new RegExp(NAME, 'g'))].map(([, name = '']) =>
    name.replaceAll('``', '`'),
  )
}
