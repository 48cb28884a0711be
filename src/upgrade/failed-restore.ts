import { capitalised } from '../core/text.ts'
import type { DatabaseState } from '../backup/restore-failed.ts'
import type { Schema } from './rollback-plan.ts'

export interface FailedRestoreFacts {
  /** What the restore left, as far as it saw. */
  readonly database: DatabaseState
  /** What is in the database now. */
  readonly schema: Schema
  /** Whether a migration of this attempt was begun, as far as we know. */
  readonly migrationBegun: boolean
  /** False where the backup itself is gone or damaged. */
  readonly backupIsGood: boolean
  readonly canStartOld: boolean
  readonly fromVersion: string
  readonly toVersion: string
  /** How a person restores the backup, as a command. */
  readonly byHand: string
}

export type AfterFailedRestore =
  /** The database is whole and of the old schema. */
  | { readonly kind: 'start-old'; readonly message: string }
  | { readonly kind: 'stay'; readonly message: string; readonly next: string }

/**
 * Decides what follows a restore that failed, from what is in the database now. The old version is
 * started only on a database that is whole and of its own schema.
 */
export function decideAfterFailedRestore(facts: FailedRestoreFacts): AfterFailedRestore {
  const { database, schema, canStartOld } = facts
  const message = describeDatabase(facts)
  const isOld =
    (database === 'complete' && (schema === 'old' || schema === 'unknown')) ||
    (database === 'untouched' && schema === 'old' && !facts.migrationBegun)
  if (isOld && canStartOld) return { kind: 'start-old', message }
  return { kind: 'stay', message, next: isOld ? startByHand(facts) : repair(facts) }
}

function describeDatabase(facts: FailedRestoreFacts): string {
  switch (facts.database) {
    case 'complete':
      return 'the database holds the whole backup'
    case 'incomplete':
      return 'the database is incomplete'
    case 'unknown':
      return 'what is in the database now is not known'
    case 'untouched':
      return `the restore changed nothing in the database, which ${UNTOUCHED[facts.schema](facts)}`
  }
}

const UNTOUCHED: Readonly<Record<Schema, (facts: FailedRestoreFacts) => string>> = {
  old: ({ migrationBegun, fromVersion }) =>
    migrationBegun
      ? 'may be in the middle of the migration'
      : `is whole, at the schema of ZenML ${fromVersion}`,
  new: ({ toVersion }) => `is whole, at the schema of ZenML ${toVersion}`,
  between: () => 'is in the middle of the migration',
  empty: () => 'is empty',
  unknown: () => 'cannot be read from here',
}

function startByHand({ fromVersion }: FailedRestoreFacts): string {
  return `Start ZenML ${fromVersion} by hand, then run this again: it recognises that.`
}

/** Why no server may be started, where what is in the database is known. */
function danger({ database, schema, fromVersion }: FailedRestoreFacts): string {
  if (database === 'incomplete' || (database === 'untouched' && schema === 'empty'))
    return ': an old one would make a new, empty database'
  return database === 'untouched' && schema !== 'unknown'
    ? `: the migration may have changed a part of it, which ZenML ${fromVersion} cannot use`
    : ''
}

function repair(facts: FailedRestoreFacts): string {
  const { database, schema, backupIsGood, fromVersion, toVersion, byHand } = facts
  const isNew = database === 'untouched' && schema === 'new'
  const caution = isNew
    ? `Do not start ZenML ${fromVersion} on this database`
    : `Start no server on this database${danger(facts)}`
  const ways = [
    ...(isNew ? [`repair ZenML ${toVersion} and start it`] : []),
    ...(backupIsGood
      ? [
          'fix the cause and run this again',
          `restore the backup by hand (${byHand}) and start ZenML ${fromVersion}`,
        ]
      : [`restore another backup of ZenML ${fromVersion} by hand and start that version`]),
  ]
  return `${caution}. ${capitalised(ways.join(', or '))}. A later run recognises what you did.`
}
