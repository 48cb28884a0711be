import type { ReasonCode } from '../core/reasons.ts'
import { sameVersion } from '../core/versions.ts'
import type { Deployment } from '../deploy/driver.ts'

/**
 * The schema of the live database against the two versions of the attempt; `unknown` where it
 * cannot be read from here.
 */
export type Schema = 'old' | 'new' | 'between' | 'empty' | 'unknown'

/** `revision` is `alembic_version` of the live database; undefined when it is empty. */
export function schemaOf(
  revision: string | undefined,
  { fromVersion, toVersion }: Deployment,
): Schema {
  if (revision === undefined) return 'empty'
  if (sameVersion(revision, fromVersion)) return 'old'
  return sameVersion(revision, toVersion) ? 'new' : 'between'
}

export interface WayBackFacts {
  readonly onFailure: 'rollback' | 'rollback-with-loss' | 'stop'
  readonly fromVersion: string
  /** What the server reports now; undefined when it does not answer. */
  readonly serverVersion: string | undefined
  readonly schema: Schema
  /** Whether a migration of this attempt was begun, as far as we know. */
  readonly migrationBegun: boolean
  readonly hasBackup: boolean
  readonly canRestore: boolean
  readonly canStop: boolean
  readonly canStartOld: boolean
  /** How somebody else's deployment is reverted; undefined where we deploy ourselves. */
  readonly revertHint: string | undefined
}

export type WayBack =
  | {
      readonly kind: 'stay'
      readonly code: ReasonCode & ('upgrade-failed' | 'rollback-impossible')
      readonly message: string
      readonly next: string
    }
  /** The old version never left: no data to put back. */
  | { readonly kind: 'start-old' }
  /** Stop the server, count what would be lost, restore, start the old version. */
  | { readonly kind: 'restore' }

/**
 * Whether and how to go back after a failed deployment. An old version is never started on a newer
 * schema.
 */
export function decideWayBack(facts: WayBackFacts): WayBack {
  if (facts.onFailure === 'stop') {
    return {
      kind: 'stay',
      code: 'upgrade-failed',
      message: 'nothing was rolled back, because on-failure is stop',
      next: 'Fix the cause and run this again, or run it with on-failure: rollback.',
    }
  }
  if (facts.revertHint !== undefined) {
    return {
      kind: 'stay',
      code: 'rollback-impossible',
      message: 'this server is deployed by somebody else, so it cannot be rolled back from here',
      next: facts.revertHint,
    }
  }
  const oldAnswers =
    facts.serverVersion !== undefined && sameVersion(facts.serverVersion, facts.fromVersion)
  if (oldAnswers && (facts.schema === 'old' || facts.schema === 'unknown')) {
    return facts.canStartOld
      ? { kind: 'start-old' }
      : impossible(
          'the old version still answers, but the file names no command to put its deployment back',
          'Undo by hand what the deploy command changed, or name a rollback command.',
        )
  }
  if (!facts.canStartOld)
    return impossible(
      'the file names no way to start the old version',
      'Name a rollback command, or start the old version by hand after a restore.',
    )
  // MariaDB and MySQL cannot undo half a migration step, so an unchanged revision proves nothing
  // once a migration began.
  if (facts.schema === 'old' && !facts.migrationBegun) return { kind: 'start-old' }
  if (!facts.hasBackup)
    return impossible(
      'there is no backup, and the old version must not run on the new schema',
      'Repair the new version; do not start the old one on this database.',
    )
  if (!facts.canRestore)
    return impossible(
      'the file names no restore command for the backup',
      'Restore the backup by hand, then start the old version.',
    )
  if (!facts.canStop)
    return impossible(
      'the server cannot be stopped from here, and a restore under a running server destroys data',
      'Name a stop command, or stop the server by hand, restore the backup and start the old version.',
    )
  return { kind: 'restore' }
}

function impossible(message: string, next: string): WayBack {
  return { kind: 'stay', code: 'rollback-impossible', message, next }
}

/**
 * Tells whether a person put the old version back after a rollback that failed. A database that
 * cannot be read proves nothing: an old process may serve on while the schema has moved.
 */
export function isRestoredByHand({
  hasFailed,
  serverVersion,
  fromVersion,
  schema,
}: Pick<WayBackFacts, 'serverVersion' | 'fromVersion' | 'schema'> & {
  /** Whether the last thing that is recorded of the rollback is that it failed. */
  readonly hasFailed: boolean
}): boolean {
  return (
    hasFailed &&
    serverVersion !== undefined &&
    sameVersion(serverVersion, fromVersion) &&
    schema === 'old'
  )
}
