import type { DatabaseObject, ObjectKind } from './dump-objects.ts'
import type { DatabaseRights } from './mysql-grants.ts'
import type { Vendor } from './mysql-programs.ts'

/** Who restores, and on which server. */
export interface Restorer {
  readonly vendor: Vendor
  /** `user@host`, as the server knows the account. */
  readonly user: string
  readonly rights: DatabaseRights
  /** The server writes a binary log and does not trust those who create functions and triggers. */
  readonly guardsBinaryLog: boolean
}

/** The rights on a database that put tables back, each with its reason. */
export const TABLE_RIGHTS = {
  SELECT: 'to read the tables and count their rows',
  DROP: 'to drop the tables that are replaced',
  CREATE: 'to create the tables of the backup',
  INSERT: 'to load their rows',
  REFERENCES: 'to create foreign keys; asked by MySQL',
} as const

/** Rights without which tables would be missing after a restore. */
export function missingTableRights({ vendor, rights }: Restorer): string[] {
  return Object.keys(TABLE_RIGHTS).filter(
    (right) => !(right === 'REFERENCES' && vendor === 'mariadb') && !rights.has(right),
  )
}

const CREATION_RIGHTS: Readonly<Record<ObjectKind, string>> = {
  function: 'CREATE ROUTINE',
  procedure: 'CREATE ROUTINE',
  view: 'CREATE VIEW',
  trigger: 'TRIGGER',
  event: 'EVENT',
}

/** Rights that let a user create objects in another user's name: of the vendors' releases, any. */
const DEFINER_RIGHTS: Readonly<Record<Vendor, readonly string[]>> = {
  mysql: ['SET_ANY_DEFINER', 'SET_USER_ID', 'SUPER'],
  mariadb: ['SET USER', 'SUPER'],
}

/** Why a restore could not create an object again; undefined when it could. */
export function obstacleTo(object: DatabaseObject, restorer: Restorer): string | undefined {
  const { vendor, user, rights, guardsBinaryLog } = restorer
  const { kind, definer, definition } = object
  if (definition === null) return `${user} cannot read its definition`
  if (!rights.has(CREATION_RIGHTS[kind])) return `${user} lacks ${CREATION_RIGHTS[kind]}`
  if (definer !== user && !DEFINER_RIGHTS[vendor].some((right) => rights.hasOnServer(right)))
    return `its definer is ${definer}`
  if (
    (kind === 'trigger' || kind === 'function') &&
    guardsBinaryLog &&
    !rights.hasOnServer('SUPER')
  )
    return 'the server has a binary log and log_bin_trust_function_creators is off'
  return undefined
}
