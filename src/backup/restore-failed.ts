import { Stop } from '../core/stop.ts'

/**
 * What a failed restore left behind: `untouched`: nothing was changed; `incomplete`: tables are
 * missing or lack rows; `complete`: the database holds the whole backup, and only a later step
 * failed; `unknown`: the restore was not ours to watch.
 */
export type DatabaseState = 'untouched' | 'incomplete' | 'complete' | 'unknown'

/** Ends a restore that failed, with what is known of the database afterwards. */
export class RestoreFailed extends Stop {
  readonly databaseState: DatabaseState

  /** `location` names the backup, for the next step. */
  constructor(
    message: string,
    databaseState: DatabaseState,
    { location, cause }: { readonly location: string; readonly cause: unknown },
  ) {
    super('rollback-failed', message, { cause, next: nextStep(databaseState, location) })
    this.name = 'RestoreFailed'
    this.databaseState = databaseState
  }
}

function nextStep(state: DatabaseState, location: string): string {
  switch (state) {
    case 'untouched':
      return 'Nothing in the database was changed. Fix the cause and run this again.'
    case 'incomplete':
      return `The database is incomplete. Start no server on it: an old server would create a new, empty database. Fix the cause and run this again, or load ${location} by hand.`
    case 'complete':
      return 'The database holds the whole backup. Fix the cause and run this again.'
    case 'unknown':
      return `What is in the database now is not known. Start no server on it before the backup (${location}) is restored; the log has the command's output.`
  }
}
