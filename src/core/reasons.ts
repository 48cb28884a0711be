/**
 * How an action ends. The order is that of the docs; the exit code of the bundle follows from it.
 */
export const OUTCOMES = [
  'success',
  'noop',
  'failure',
  'invalid',
  'held',
  'inconclusive',
  'cancelled',
] as const
export type Outcome = (typeof OUTCOMES)[number]

export const EXIT_CODES: Readonly<Record<Outcome, number>> = {
  success: 0,
  noop: 0,
  failure: 1,
  invalid: 2,
  held: 3,
  inconclusive: 4,
  cancelled: 130,
}

const LEAST_GRAVE_FIRST: readonly Outcome[] = [
  'noop',
  'success',
  'cancelled',
  'inconclusive',
  'held',
  'invalid',
  'failure',
]

/** How grave an outcome is beside others: the gravest decides about them all. */
export function gravityOf(outcome: Outcome): number {
  return LEAST_GRAVE_FIRST.indexOf(outcome)
}

interface Reason {
  readonly outcome: Outcome
  /** What it means, for the user; the result's own summary says to which thing it happened. */
  readonly sentence: string
}

/**
 * The closed list of reason codes. A code has one outcome for ever; consumers must accept new
 * codes.
 */
export const REASONS = {
  upgraded: {
    outcome: 'success',
    sentence: 'The server reports the target version, and nothing was lost.',
  },
  'deployed-before-backup': {
    outcome: 'success',
    sentence:
      'The server had left the old version before our backup was complete; there is no backup of ours to go back to.',
  },
  'smoke-passed': { outcome: 'success', sentence: 'Every test of the smoke suite passed.' },
  'snapshots-planned': {
    outcome: 'success',
    sentence: 'Every snapshot can be rebuilt with the target client.',
  },
  'snapshots-rebuilt': { outcome: 'success', sentence: 'Every snapshot carries the new client.' },
  'snapshots-executed': {
    outcome: 'success',
    sentence: 'Every snapshot ran to its end with the new client.',
  },
  'gate-open': { outcome: 'success', sentence: 'Staging is green for exactly this content.' },
  'gate-told': {
    outcome: 'success',
    sentence: 'The commit status tells what the gate would say after the merge.',
  },
  'inventory-read': {
    outcome: 'success',
    sentence: 'The stacks of the environment were read; nothing was compared with them.',
  },
  'stacks-mirrored': {
    outcome: 'success',
    sentence:
      'Every stack of production that a named snapshot uses has a mirrored twin in staging.',
  },
  proposed: { outcome: 'success', sentence: 'The promotion pull request is open.' },
  planned: {
    outcome: 'success',
    sentence: 'The plan was made from the files, and nothing that is known stands against it.',
  },
  reported: { outcome: 'success', sentence: 'The report was written.' },
  initialised: {
    outcome: 'success',
    sentence: 'The files that a repository needs were written; nothing was overwritten.',
  },
  'demo-finished': {
    outcome: 'success',
    sentence: 'Both servers were upgraded the way the guide says.',
  },

  'already-at-target': {
    outcome: 'noop',
    sentence: 'The server already reports the target version and no work is open.',
  },
  'already-green': {
    outcome: 'noop',
    sentence:
      'The server reports the target version, and everything was done and measured for exactly this content.',
  },
  superseded: {
    outcome: 'noop',
    sentence: 'This commit is no longer the tip of its branch; a newer run does the work.',
  },
  'nothing-to-propose': {
    outcome: 'noop',
    sentence: 'The branch has nothing that could be promoted.',
  },
  'nothing-to-rebuild': { outcome: 'noop', sentence: 'No snapshot carries an old client.' },
  'nothing-to-execute': {
    outcome: 'noop',
    sentence: 'The file asks for no snapshot to be executed here.',
  },
  'no-smoke-suite': { outcome: 'noop', sentence: 'The file names no smoke suite.' },
  'nothing-to-write': {
    outcome: 'noop',
    sentence: 'Every file is there already, and none was changed.',
  },
  'dry-run': { outcome: 'noop', sentence: 'Planned only; nothing was changed.' },

  'preflight-failed': {
    outcome: 'failure',
    sentence: 'Something that would break the upgrade was found before the first change.',
  },
  'version-not-found': {
    outcome: 'failure',
    sentence: 'The package index answers, and does not have the target version.',
  },
  'backup-failed': {
    outcome: 'failure',
    sentence: 'No complete and verified backup could be made; the server was not touched.',
  },
  'rolled-back': {
    outcome: 'failure',
    sentence: 'The upgrade failed; the old version is back, with the same data.',
  },
  'rollback-refused': {
    outcome: 'failure',
    sentence: 'The upgrade failed, and going back would lose what was written since the backup.',
  },
  'rollback-impossible': {
    outcome: 'failure',
    sentence: 'The upgrade failed, and there is no way back by this tool.',
  },
  'rollback-failed': {
    outcome: 'failure',
    sentence: 'The upgrade failed, and so did the way back.',
  },
  'upgrade-failed': {
    outcome: 'failure',
    sentence: 'The upgrade failed, and the file or input says to stop there.',
  },
  'smoke-failed': { outcome: 'failure', sentence: 'At least one test of the smoke suite failed.' },
  'no-tests': { outcome: 'failure', sentence: 'The smoke suite collected no test, or ran none.' },
  'junit-missing': {
    outcome: 'failure',
    sentence: 'The smoke suite wrote no readable JUnit file.',
  },
  'smoke-timeout': { outcome: 'failure', sentence: 'The smoke suite did not end in its time.' },
  'smoke-cached': {
    outcome: 'failure',
    sentence: 'The runs of the smoke suite came from the cache; nothing ran.',
  },
  'snapshots-failed': {
    outcome: 'failure',
    sentence: 'At least one snapshot could not be planned, rebuilt or executed.',
  },
  'snapshots-lost': { outcome: 'failure', sentence: 'A snapshot that existed before is gone.' },
  'stacks-differ': {
    outcome: 'failure',
    sentence: 'A stack of production that a named snapshot uses has no mirrored twin in staging.',
  },
  'internal-error': { outcome: 'failure', sentence: 'A defect of zenml-upgrade itself.' },

  'invalid-input': {
    outcome: 'invalid',
    sentence: 'An input is missing or wrong; nothing was contacted.',
  },
  'invalid-file': {
    outcome: 'invalid',
    sentence: 'zenml-upgrade.yml has problems; nothing was contacted.',
  },
  'source-missing': {
    outcome: 'invalid',
    sentence:
      'Another repository does not have the ref or the path that the file names; nothing was changed.',
  },
  'not-built-yet': {
    outcome: 'invalid',
    sentence: 'This version of zenml-upgrade does not have that yet.',
  },

  'gate-first': {
    outcome: 'held',
    sentence: 'A cut-off upgrade was finished; what is deployed now has yet to pass the gate.',
  },
  locked: { outcome: 'held', sentence: 'Another attempt on this server is under way.' },
  'server-ahead': { outcome: 'held', sentence: 'The server is newer than the file says.' },
  'downgrade-requested': {
    outcome: 'held',
    sentence:
      'The target is older than the last version this file deployed; going back is a command of its own.',
  },
  'version-blocked': {
    outcome: 'held',
    sentence: 'This version was rolled back here; the file must change before it is tried again.',
  },
  'staging-not-green': {
    outcome: 'held',
    sentence: 'Staging has no green record for exactly this content.',
  },
  'staging-moved': {
    outcome: 'held',
    sentence: 'The staging server does not report the version that was tested.',
  },
  'waiting-for-soak': {
    outcome: 'held',
    sentence: 'Staging is green, but not for as long as the file asks for.',
  },
  frozen: { outcome: 'held', sentence: 'Production is in a freeze window of the file.' },
  'hold-label': {
    outcome: 'held',
    sentence: 'The pull request carries the label that holds it back.',
  },
  'stacks-not-mirrored': {
    outcome: 'held',
    sentence: 'The stacks of the two environments differ, and the input parity says to stop there.',
  },
  'proposal-forbidden': {
    outcome: 'held',
    sentence: 'GitHub does not let this token open a pull request.',
  },

  'credentials-refused': {
    outcome: 'inconclusive',
    sentence: 'The server refused the credentials.',
  },
  'server-unreachable': { outcome: 'inconclusive', sentence: 'The server could not be reached.' },
  'not-a-zenml-server': {
    outcome: 'inconclusive',
    sentence: 'The address answers, but not as a ZenML server.',
  },
  'unexpected-answer': {
    outcome: 'inconclusive',
    sentence: 'The server answered in a way this tool does not understand.',
  },
  'github-unreachable': {
    outcome: 'inconclusive',
    sentence: 'GitHub could not be asked, or did not answer this token.',
  },
  'source-unreachable': {
    outcome: 'inconclusive',
    sentence: 'Another repository with the code of pipelines could not be read.',
  },
  'index-unreachable': {
    outcome: 'inconclusive',
    sentence: 'The package index could not be reached.',
  },
  'parity-unknown': {
    outcome: 'inconclusive',
    sentence:
      'The stacks of the two environments could not be compared, and the input parity demands it.',
  },
  incomplete: {
    outcome: 'inconclusive',
    sentence: 'Part of the flow left no result, so that it says nothing about the whole.',
  },
  'counts-decreased': {
    outcome: 'inconclusive',
    sentence:
      'There is less of something than before; on a live server that may be somebody at work.',
  },

  cancelled: {
    outcome: 'cancelled',
    sentence: 'Stopped from outside; what was started remotely is stopped or named.',
  },
} as const satisfies Readonly<Record<string, Reason>>

export type ReasonCode = keyof typeof REASONS

export function outcomeOf(code: ReasonCode): Outcome {
  return REASONS[code].outcome
}
