import * as z from 'zod'
import { parseJson } from '../core/json.ts'
import { literal } from './mysql-text.ts'

// What a database holds beside tables. It follows the tables in the file of a backup, in a section of
// its own: a restore creates each object by itself, and one that is refused does no harm to the tables.

/** In the order in which a restore creates them: views use functions, triggers use both. */
export const OBJECT_KINDS = ['function', 'procedure', 'view', 'trigger', 'event'] as const
export type ObjectKind = (typeof OBJECT_KINDS)[number]

const objectSchema = z.strictObject({
  kind: z.enum(OBJECT_KINDS),
  name: z.string(),
  /** `user@host`. */
  definer: z.string(),
  /** null: the user of the backup could not read it. */
  definition: z.union([
    z.strictObject({
      /** The `CREATE` statement, with its definer. */
      create: z.string(),
      'sql-mode': z.string(),
      collation: z.string(),
      /** Of an event. */
      'time-zone': z.union([z.string(), z.null()]),
    }),
    z.null(),
  ]),
})
export type DatabaseObject = z.infer<typeof objectSchema>
export type ObjectDefinition = NonNullable<DatabaseObject['definition']>

/** First line of the section. */
export const OBJECTS_SECTION = '-- Views, triggers, routines and events, by zenml-upgrade'
const LIST = '-- JSON: '
const SECTION_END = '-- Objects completed'

/** SQL that creates one object, for the `mysql` and `mariadb` clients. */
export function statementOf(definition: ObjectDefinition): string {
  const timeZone = definition['time-zone']
  return [
    `SET sql_mode = ${literal(definition['sql-mode'])};`,
    `SET collation_connection = ${literal(definition.collation)};`,
    ...(timeZone === null ? [] : [`SET time_zone = ${literal(timeZone)};`]),
    'DELIMITER ;;',
    definition.create,
    ';;',
    'DELIMITER ;',
  ].join('\n')
}

/** SQL that creates objects one after the other, for a person who loads a file by hand. */
export function spellObjects(objects: readonly DatabaseObject[]): string {
  return objects
    .map(({ kind, name, definition }) =>
      definition === null
        ? `-- The definition of the ${kind} ${JSON.stringify(name)} could not be read.\n`
        : `${statementOf(definition)}\n`,
    )
    .join('')
}

/** The section as text: the objects as JSON for a restore, then as SQL. */
export function objectsSection(objects: readonly DatabaseObject[]): string {
  return `\n${OBJECTS_SECTION}\n${LIST}${JSON.stringify(objects)}\n${spellObjects(objects)}${SECTION_END}\n`
}

/**
 * Reads the lines that follow the section's first one. Only the line of the list is read: a body may
 * hold any line. Undefined when the section is not whole.
 */
export function objectsIn(lines: readonly string[]): DatabaseObject[] | undefined {
  const [list = ''] = lines
  if (!list.startsWith(LIST) || lines.findLast((line) => line !== '') !== SECTION_END)
    return undefined
  return z.array(objectSchema).safeParse(parseJson(list.slice(LIST.length))).data
}
