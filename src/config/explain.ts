import type * as z from 'zod'
import { isMapping, mappingOf, valueAt } from './data.ts'
import type { YamlDocument } from './document.ts'
import { BACKUP_KINDS, DEPLOY_DRIVERS } from './drivers.ts'
import { configJsonSchema, keysOf, nodesAt, type JsonSchema } from './json-schema.ts'
import { didYouMean, nearest } from '../core/did-you-mean.ts'
import { capitalised } from '../core/text.ts'
import { BUILT_BACKUPS, BUILT_DRIVERS, orList } from './not-built.ts'
import { quoted, type ConfigProblem, type Path } from './problem.ts'

type Issue = z.core.$ZodIssue

/** A key that is most likely another one, spelt wrong. */
export interface Misspelt {
  readonly parent: Path
  readonly wrong: string
  readonly right: string
  readonly problem: ConfigProblem
}

const MUST_BE: Readonly<Record<string, string>> = {
  string: 'must be text',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be a mapping of keys',
  record: 'must be a mapping of keys',
}

/** Plain sentences where the schema has none of its own. They complete "<path> …". */
export function sentence(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return MUST_BE[issue.expected]
    case 'invalid_value':
      return `must be ${orList(issue.values.map(String))}`
    case 'too_small':
      return issue.origin === 'array'
        ? 'must have at least one entry'
        : issue.origin === 'string'
          ? 'must not be empty'
          : `must be at least ${String(issue.minimum)}`
    case 'too_big':
      return `must be at most ${String(issue.maximum)}`
    case 'invalid_union':
      return 'must be plain data: text, a finite number, true, false, null, a list or a mapping'
    case 'invalid_key':
      return 'must not have an empty key'
    default:
      return undefined
  }
}

/**
 * What zod found, in words and with places. Keys that are only misspelt are kept apart, so that the
 * caller can read on below them.
 */
export function explain(
  issues: readonly Issue[],
  data: unknown,
  document: YamlDocument,
): { problems: ConfigProblem[]; misspelt: Misspelt[] } {
  const schema = configJsonSchema()
  const problems: ConfigProblem[] = []
  const misspelt: Misspelt[] = []
  for (const issue of issues.flatMap((each) => meant(each, data))) {
    const path = issue.path as Path
    if (issue.code !== 'unrecognized_keys') {
      problems.push(
        document.problem(
          path,
          judge(issue, valueAt(data, path), document.source(path), nodesAt(schema, path)),
        ),
      )
      continue
    }
    const allowed = keysOf(nodesAt(schema, path))
    const given = Object.keys(mappingOf(valueAt(data, path)))
    const free = new Set(allowed.filter((key) => !given.includes(key)))
    for (const wrong of issue.keys) {
      const right = allowed.includes(wrong) ? undefined : nearest(wrong, [...free])
      const message = allowed.includes(wrong)
        ? 'cannot stand beside the other keys here'
        : unknownKey(wrong, right, path, allowed)
      const problem = document.problem([...path, wrong], message, 'key')
      if (right === undefined) problems.push(problem)
      else misspelt.push({ parent: path, wrong, right, problem })
      if (right !== undefined) free.delete(right)
    }
  }
  return { problems, misspelt }
}

function judge(
  issue: Issue,
  value: unknown,
  source: string | undefined,
  schemas: readonly JsonSchema[],
): string {
  const keys = keysOf(schemas)
  const message =
    issue.message === MUST_BE['object'] && keys.length > 0
      ? `${issue.message} (${keys.join(', ')})`
      : issue.message
  const wrongShape =
    issue.code === 'invalid_type' ||
    issue.code === 'invalid_value' ||
    issue.code === 'invalid_union'
  if (!wrongShape) return message
  if (value === undefined) {
    const description = schemas[0]?.description
    return description === undefined ? 'is missing' : `is missing: ${description}`
  }
  if (value === null) return `is empty; it ${message}`
  if (issue.code === 'invalid_value') {
    return typeof value === 'string'
      ? `${message}, not ${quoted(value)}${didYouMean(value, issue.values.map(String))}`
      : `${message}, not ${kindOf(value)}`
  }
  if (message === MUST_BE['string'] && (typeof value === 'number' || typeof value === 'boolean')) {
    const written = source ?? String(value)
    return `${message}; YAML reads ${written} as ${typeof value === 'number' ? 'a number' : kindOf(value)}, so write "${written}"`
  }
  return issue.code === 'invalid_type' ? `${message}, not ${kindOf(value)}` : message
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'a list' : 'a mapping'
}

function unknownKey(
  wrong: string,
  right: string | undefined,
  parent: Path,
  allowed: readonly string[],
): string {
  const hint = (list: string): string =>
    right === undefined ? `; ${list}` : `; did you mean "${right}"? ${capitalised(list)}`
  const section = parent.length === 3 && parent[0] === 'environments' ? parent[2] : undefined
  if (section === 'deploy')
    return `unknown driver ${quoted(wrong)}${hint(choices('drivers', Object.keys(DEPLOY_DRIVERS), BUILT_DRIVERS))}`
  if (section === 'backup')
    return `unknown kind of backup ${quoted(wrong)}${hint(choices('kinds', Object.keys(BACKUP_KINDS), BUILT_BACKUPS))}`
  return `unknown key ${quoted(wrong)}${hint(`allowed here: ${allowed.join(', ')}`)}`
}

function choices(what: string, all: readonly string[], built: readonly string[]): string {
  const later = all.filter((name) => !built.includes(name))
  return `${what}: ${built.join(', ')}${later.length === 0 ? '' : ` (not built yet: ${later.join(', ')})`}`
}

/** Of a union, the problems of the shape the user was writing, instead of "none of them fits". */
function meant(issue: Issue, data: unknown): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const value = valueAt(data, issue.path as Path)
  const entered = issue.errors.filter(
    (errors) => !errors.some((error) => error.code === 'invalid_type' && error.path.length === 0),
  )
  const inside = (errors: readonly Issue[]): Issue[] =>
    errors.flatMap((error) => meant({ ...error, path: [...issue.path, ...error.path] }, data))

  if (entered.length === 0) {
    const asText = missingQuotes(issue.errors, value)
    return asText === undefined ? [issue] : inside(asText)
  }
  const keys = Object.keys(mappingOf(value))
  if (isMapping(value) && keys.length === 0) return [issue]
  const [best] = [...entered].sort((a, b) => unknownKeys(a) - unknownKeys(b) || a.length - b.length)
  if (best === undefined) return [issue]
  // No key fits any shape: that keys of one shape are missing would be a guess.
  return inside(
    keys.length > 0 && unknownKeys(best) === keys.length
      ? best.filter((error) => error.code === 'unrecognized_keys')
      : best,
  )
}

/**
 * The problems of the shape that wants text, for a number or a boolean that is not in quotes: only
 * the text's own problem says so.
 */
function missingQuotes(
  shapes: readonly (readonly Issue[])[],
  value: unknown,
): readonly Issue[] | undefined {
  if (typeof value !== 'number' && typeof value !== 'boolean') return undefined
  if (!Number.isFinite(Number(value))) return undefined
  return shapes.find((errors) =>
    errors.some(
      (error) =>
        error.code === 'invalid_type' &&
        error.expected === 'string' &&
        error.message === MUST_BE['string'],
    ),
  )
}

/** Counts the keys that a shape does not have. */
function unknownKeys(errors: readonly Issue[]): number {
  return errors.reduce(
    (sum, error) =>
      sum + (error.code === 'unrecognized_keys' && error.path.length === 0 ? error.keys.length : 0),
    0,
  )
}
