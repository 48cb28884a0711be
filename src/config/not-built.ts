import { isMapping } from './data.ts'
import { BACKUP_KINDS, DEPLOY_DRIVERS, type BackupKind, type DeployDriver } from './drivers.ts'
import { parseDuration } from '../core/duration.ts'
import type { Path } from './problem.ts'

export interface NotBuilt {
  /** Where it stands in the file; `*` is any key or list position. */
  readonly at: readonly string[]
  readonly what: string
  /** What to write today. */
  readonly instead: string
  /** Left out: the key itself is not built, whatever its value. */
  readonly when?: (value: unknown) => boolean
}

const driver = (name: DeployDriver) => ({
  at: ['environments', '*', 'deploy', name],
  what: `the driver ${name}`,
})
const kind = (name: BackupKind) => ({
  at: ['environments', '*', 'backup', name],
  what: `the backup kind ${name}`,
})
const longerThanZero = (value: unknown): boolean =>
  typeof value === 'string' && (parseDuration(value) ?? 0) > 0
const notEmpty = (value: unknown): boolean => Array.isArray(value) && value.length > 0

const ROWS: readonly (Omit<NotBuilt, 'instead'> & { readonly instead?: string })[] = [
  { at: ['zenml', 'follow'], what: '{follow: server}', instead: 'write the version' },
  driver('helm'),
  driver('compose'),
  driver('terraform'),
  driver('pro'),
  kind('kubernetes'),
  kind('managed'),
  {
    at: ['environments', '*', 'backup', '*', 'to'],
    what: 'backups in a bucket (s3://, gs://, az://)',
    instead: 'write a path',
    when: (value) => typeof value === 'string' && /^(?:s3|gs|az):\/\//.test(value),
  },
  {
    at: ['environments', '*', 'backup', '*', 'encryption'],
    what: 'encryption with age',
    instead: 'leave it out, or write none',
    when: (value) => value === 'age',
  },
  { at: ['schedules'], what: 'schedules', instead: 'leave them out', when: notEmpty },
  {
    at: ['promotion', 'watch'],
    what: 'the watch',
    instead: 'leave it out, or write 0m',
    when: longerThanZero,
  },
]

const refused = (section: string, name: string): boolean =>
  ROWS.some(({ at }) => at.length === 4 && at[2] === section && at[3] === name)

export const BUILT_DRIVERS: readonly DeployDriver[] = (
  Object.keys(DEPLOY_DRIVERS) as DeployDriver[]
).filter((name) => !refused('deploy', name))
export const BUILT_BACKUPS: readonly BackupKind[] = (
  Object.keys(BACKUP_KINDS) as BackupKind[]
).filter((name) => !refused('backup', name))

function otherwise(at: readonly string[]): string {
  return `use ${orList(at[2] === 'backup' ? BUILT_BACKUPS : BUILT_DRIVERS)}`
}

/**
 * What this version does not have yet. Whoever builds a thing deletes its row; messages, docs and
 * JSON Schema follow.
 */
export const NOT_BUILT: readonly NotBuilt[] = ROWS.map((row) => ({
  ...row,
  instead: row.instead ?? otherwise(row.at),
}))

export function orList(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}

/** Everything in the file that is in the plan and not in this version. */
export function findNotBuilt(data: unknown): { path: Path; message: string }[] {
  return NOT_BUILT.flatMap(({ at, what, instead, when }) =>
    [...matches(data, at, [])]
      .filter(({ value }) => value !== undefined && (when?.(value) ?? true))
      .map(({ path }) => ({ path, message: `not built yet: ${what}; ${instead}` })),
  )
}

function* matches(
  value: unknown,
  at: readonly string[],
  path: Path,
): Generator<{ path: Path; value: unknown }> {
  const [key, ...rest] = at
  if (key === undefined) {
    yield { path, value }
    return
  }
  if (!isMapping(value) && !Array.isArray(value)) return
  for (const [name, child] of Object.entries(value))
    if (key === '*' || key === name) yield* matches(child, rest, [...path, name])
}
