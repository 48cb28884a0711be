import type { Outcome } from './outcomes.ts'

interface Reason {
  readonly outcome: Outcome
  /** What it means, for the user; the result's own summary says to which thing it happened. */
  readonly sentence: string
  /**
   * What to do next: one imperative sentence, used where a result brings none of its own, and in the
   * docs.
   */
  readonly next: string
  /** The same for a reader on GitHub, where a button does what a command does elsewhere. */
  readonly onGithub?: string
}

/** The next step of a code after which no one has to do anything. */
export const NOTHING = 'Nothing to do.'

/**
 * The closed list of reason codes. A code has one outcome for ever; consumers must accept new
 * codes.
 */
export const REASONS = {
  upgraded: {
    outcome: 'success',
    sentence: 'The server reports the target version, and nothing was lost.',
    next: 'Run the smoke suite, then rebuild the snapshots.',
  },
  'deployed-before-backup': {
    outcome: 'success',
    sentence:
      'The server had left the old version before our backup was complete; there is no backup of ours to go back to.',
    next: 'Make a backup by hand before anything else is changed, then run the smoke suite.',
  },
  'loss-acknowledged': {
    outcome: 'success',
    sentence:
      'A person acknowledged the loss that an attempt measured; it no longer holds anything back.',
    next: 'Run the upgrade again: it continues from here.',
  },
  'smoke-passed': {
    outcome: 'success',
    sentence: 'Every test of the smoke suite passed.',
    next: 'Rebuild the snapshots.',
  },
  'snapshots-planned': {
    outcome: 'success',
    sentence: 'Every snapshot can be rebuilt with the target client.',
    next: 'Upgrade the server, then rebuild the snapshots.',
  },
  'snapshots-rebuilt': {
    outcome: 'success',
    sentence: 'Every snapshot carries the new client.',
    next: 'Execute the snapshots where the file asks for it.',
  },
  'snapshots-executed': {
    outcome: 'success',
    sentence: 'Every snapshot ran to its end with the new client.',
    next: NOTHING,
  },
  'gate-open': {
    outcome: 'success',
    sentence: 'Staging is green for exactly this content.',
    next: 'Upgrade production; in the workflow the next job does.',
  },
  'gate-told': {
    outcome: 'success',
    sentence: 'The commit status shows what the gate would decide after the merge.',
    next: 'Read the status zenml-upgrade/promotion of the commit.',
  },
  'inventory-read': {
    outcome: 'success',
    sentence: 'The stacks of the environment were read; nothing was compared with them.',
    next: 'Run check-stacks for the other environment too, with the same report directory: it compares.',
  },
  'sources-checked-out': {
    outcome: 'success',
    sentence: 'The other repositories with pipeline code are on this machine.',
    next: 'Run the command that works with the code; its variable ZENML_UPGRADE_SOURCES_DIRECTORY names the directory.',
  },
  'stacks-mirrored': {
    outcome: 'success',
    sentence:
      'Every stack of production that a named snapshot uses has a mirrored twin in staging.',
    next: NOTHING,
  },
  proposed: {
    outcome: 'success',
    sentence: 'The promotion pull request is open.',
    next: 'Merge the promotion pull request when its status is green.',
  },
  planned: {
    outcome: 'success',
    sentence: 'The plan was made from the files, and no check failed.',
    next: 'Run upgrade-workspace for this environment.',
    onGithub: 'Merge the pull request; that upgrades the environment.',
  },
  reported: { outcome: 'success', sentence: 'The report was written.', next: NOTHING },
  initialised: {
    outcome: 'success',
    sentence: 'The files that a repository needs were written; nothing was overwritten.',
    next: 'Do what is listed as left for you, then push to the staging branch.',
  },
  'demo-finished': {
    outcome: 'success',
    sentence: 'Both servers were upgraded the way the guide says.',
    next: 'Read the report, then run init in the repository with your pipelines.',
  },

  'already-at-target': {
    outcome: 'noop',
    sentence: 'The server already reports the target version and no work is open.',
    next: NOTHING,
  },
  'already-green': {
    outcome: 'noop',
    sentence:
      'The server reports the target version, and everything was done and measured for exactly this content.',
    next: NOTHING,
  },
  'nothing-to-acknowledge': {
    outcome: 'noop',
    sentence: 'The attempt has no loss that is open.',
    next: NOTHING,
  },
  'no-other-sources': {
    outcome: 'noop',
    sentence: 'The file has no source in another repository.',
    next: NOTHING,
  },
  superseded: {
    outcome: 'noop',
    sentence: 'This commit is no longer the tip of its branch; a newer run does the work.',
    next: 'Open the newest run of the branch.',
  },
  'other-run-active': {
    outcome: 'noop',
    sentence:
      'Another run of this workflow is active on the branch; the scheduled run stopped at once.',
    next: 'Nothing to do: the other run continues, or waits for the approval that its page asks for.',
  },
  'nothing-to-propose': {
    outcome: 'noop',
    sentence: 'The branch has nothing that could be promoted.',
    next: NOTHING,
  },
  'nothing-to-rebuild': {
    outcome: 'noop',
    sentence: 'No snapshot carries an old client.',
    next: NOTHING,
  },
  'nothing-to-execute': {
    outcome: 'noop',
    sentence: 'The file asks for no snapshot to be executed here.',
    next: NOTHING,
  },
  'no-smoke-suite': {
    outcome: 'noop',
    sentence: 'The file names no smoke suite.',
    next: 'Name a command under smoke: in the file, so that an upgrade is tested.',
  },
  'nothing-to-write': {
    outcome: 'noop',
    sentence: 'Every file is there already, and none was changed.',
    next: 'Move a file away to have it written again.',
  },
  'dry-run': {
    outcome: 'noop',
    sentence: 'Planned only; nothing was changed.',
    next: 'Run the same command without dry-run.',
  },

  'preflight-failed': {
    outcome: 'failure',
    sentence: 'Something that would break the upgrade was found before the first change.',
    next: 'Fix what the failed checks name, then run again.',
    onGithub:
      'Fix what the failed checks name: push a change of the file, or re-run the failed jobs after a fix elsewhere.',
  },
  'version-not-found': {
    outcome: 'failure',
    sentence: 'The package index answers, and does not have the target version.',
    next: 'Correct the version in the file, or the index that is asked.',
  },
  'backup-failed': {
    outcome: 'failure',
    sentence: 'No complete and verified backup could be made; the server was not touched.',
    next: 'Fix the backup, then run again.',
    onGithub: 'Fix the backup, then re-run the failed jobs.',
  },
  'rolled-back': {
    outcome: 'failure',
    sentence: 'The upgrade failed; the old version is back, with the same data.',
    next: 'Read the migration log and fix the cause; then change an input of the upgrade, or try again with a reason.',
    onGithub:
      'Read the migration log and fix the cause; then push a change of what the upgrade is made with, or run the workflow with a reason to try it again as it is.',
  },
  'rollback-refused': {
    outcome: 'failure',
    sentence: 'The upgrade failed, and going back would lose what was written since the backup.',
    next: 'Save what was written; then run upgrade-workspace with on-failure: rollback-with-loss, or repair the new version and start it, or restore the backup by hand and start the old version.',
    onGithub:
      'Repair the new version and start it, or save what was written, restore the backup by hand and start the old version; then re-run the failed jobs: they recognise either.',
  },
  'rollback-impossible': {
    outcome: 'failure',
    sentence: 'The upgrade failed, and zenml-upgrade cannot roll it back.',
    next: 'Repair the server by hand, or restore a backup of your own.',
    onGithub:
      'Repair the server by hand, or restore a backup of your own; then re-run the failed jobs.',
  },
  'rollback-failed': {
    outcome: 'failure',
    sentence: 'The upgrade failed, and so did its rollback.',
    next: 'Restore the backup by hand as the result says and start the old version, or repair the new version and start it; then run again: it recognises either.',
    onGithub:
      'Restore the backup by hand and start the old version, or repair the new version and start it; then re-run the failed jobs: they recognise either.',
  },
  'upgrade-failed': {
    outcome: 'failure',
    sentence: 'The upgrade failed, and the file or input says to stop there.',
    next: 'Read the migration log, repair the server and run again; or run upgrade-workspace with on-failure: rollback.',
    onGithub: 'Read the migration log and repair the server, then re-run the failed jobs.',
  },
  'smoke-failed': {
    outcome: 'failure',
    sentence: 'At least one test of the smoke suite failed.',
    next: 'Read the failed tests, fix them or the pipelines, then run the smoke suite again.',
    onGithub:
      'Read the failed tests and fix them or the pipelines by a push; re-run the failed jobs where a test only needs another try.',
  },
  'no-tests': {
    outcome: 'failure',
    sentence: 'The smoke suite collected no test, or ran none.',
    next: 'Correct the command of the smoke suite so that it collects tests and does not skip all of them.',
  },
  'junit-missing': {
    outcome: 'failure',
    sentence: 'The smoke suite wrote no readable JUnit file.',
    next: 'Let the command write JUnit XML to the file in SMOKE_JUNIT_FILE, or name its file under junit:.',
  },
  'smoke-timeout': {
    outcome: 'failure',
    sentence: 'The smoke suite did not end within its timeout.',
    next: 'Read the end of its output; raise the timeout of the suite if it only needs longer.',
  },
  'smoke-cached': {
    outcome: 'failure',
    sentence: 'The runs of the smoke suite came from the cache; nothing ran.',
    next: 'Switch the cache off for the smoke suite, for example with enable_cache=False on its pipelines.',
  },
  'snapshots-failed': {
    outcome: 'failure',
    sentence:
      'A snapshot could not be planned, rebuilt or executed, or its deployment could not be deployed again.',
    next: 'Fix what the failed snapshots name, then run rebuild-snapshots again.',
    onGithub: 'Fix what the failed snapshots name, then re-run the failed jobs.',
  },
  'snapshots-lost': {
    outcome: 'failure',
    sentence: 'A snapshot that existed before is gone.',
    next: 'Find out who deleted the snapshot; create it again, or list it under exclude:.',
  },
  'stacks-differ': {
    outcome: 'failure',
    sentence: 'A stack of production that a named snapshot uses has no mirrored twin in staging.',
    next: 'Make the stacks alike, or name the right twins under stacks: in the file.',
  },
  'secret-in-output': {
    outcome: 'failure',
    sentence:
      'A key of zenml-upgrade was in its own output; it was removed before anything was written.',
    next: 'Remove the key from the file or name that it is part of, and replace the key; otherwise report the defect with the log.',
  },
  'internal-error': {
    outcome: 'failure',
    sentence: 'A defect of zenml-upgrade itself.',
    next: 'Run again once; if it happens again, report it with the log.',
    onGithub: 'Re-run the failed jobs once; if it happens again, report it with the log.',
  },

  'invalid-input': {
    outcome: 'invalid',
    sentence: 'An input is missing or wrong; nothing was contacted.',
    next: 'Correct the input and run again.',
    onGithub:
      'Correct the input in the file of the workflow or in its form, then run the workflow.',
  },
  'invalid-file': {
    outcome: 'invalid',
    sentence: 'zenml-upgrade.yml has problems; nothing was contacted.',
    next: 'Correct the file; every problem is named with its line.',
  },
  'source-missing': {
    outcome: 'invalid',
    sentence:
      'Another repository does not have the ref or the path that the file names; nothing was changed.',
    next: 'Correct `ref` or `path` of the source in zenml-upgrade.yml.',
  },
  'not-built-yet': {
    outcome: 'invalid',
    sentence: 'This version of zenml-upgrade does not have that yet.',
    next: 'Leave it out, or wait for a version that has it.',
  },

  'gate-first': {
    outcome: 'held',
    sentence:
      'An interrupted upgrade was finished; the content that is deployed now has yet to pass the gate.',
    next: 'Run upgrade-workspace again: it asks the gate about this content.',
    onGithub: 'Run the workflow again: it asks the gate about this content.',
  },
  locked: {
    outcome: 'held',
    sentence: 'Another run is working on this server.',
    next: 'Wait until the other run has ended, then run again.',
    onGithub: 'Wait until the other run has ended, then re-run the failed jobs.',
  },
  'server-behind': {
    outcome: 'held',
    sentence: 'The server is older than the file says; the upgrade comes first.',
    next: 'Run upgrade-workspace first.',
    onGithub: 'Run the workflow for this environment: it upgrades the server first.',
  },
  'server-ahead': {
    outcome: 'held',
    sentence: 'The server is newer than the file says.',
    next: 'Raise the version in the file to that of the server.',
  },
  'downgrade-requested': {
    outcome: 'held',
    sentence:
      'The target is older than the last version this file deployed; a push does not go back.',
    next: 'Correct the version in the file; to go back, restore a backup by hand and start the old version.',
  },
  'version-blocked': {
    outcome: 'held',
    sentence:
      'This version was rolled back here, and nothing that the upgrade is made with has changed since.',
    next: 'Change an input of the upgrade (the version, a setting, a file that deploys it, or pipeline code), or run upgrade-workspace with --override-reason to try it again as it is.',
    onGithub:
      'Push a change of what the upgrade is made with (the version, a setting, a file that deploys it, or pipeline code), or run the workflow with a reason to try it again as it is.',
  },
  'loss-open': {
    outcome: 'held',
    sentence:
      'Something is still missing since an earlier attempt, and the loss has not been acknowledged.',
    next: 'Bring back what is missing and run again, or accept the loss with the command acknowledge.',
    onGithub:
      'Bring back what is missing and re-run the failed jobs, or accept the loss: run the workflow with `run: acknowledge`, the attempt, and a reason.',
  },
  'staging-not-green': {
    outcome: 'held',
    sentence: 'Staging has no green record for exactly this content.',
    next: 'Bring staging to green with this content first: push it to the branch that deploys staging; by hand, run upgrade-workspace, run-smoke-suite and rebuild-snapshots --mode all there.',
    onGithub:
      'Bring staging to green with this content first: push it to the branch that deploys staging.',
  },
  'staging-moved': {
    outcome: 'held',
    sentence: 'The staging server does not report the version that was tested.',
    next: 'Run upgrade-workspace and run-smoke-suite for staging again.',
    onGithub: 'Run the workflow for staging: it upgrades and tests the server again.',
  },
  'waiting-for-soak': {
    outcome: 'held',
    sentence: 'Staging is green, but not for as long as the file asks for.',
    next: 'Wait until the soak ends, then run upgrade-workspace again.',
    onGithub: 'Nothing to do: a scheduled run continues when the soak ends.',
  },
  frozen: {
    outcome: 'held',
    sentence: 'Production is in a freeze window of the file.',
    next: 'Wait until the freeze ends, then run upgrade-workspace again.',
    onGithub: 'Nothing to do: a scheduled run continues when the freeze ends.',
  },
  'hold-label': {
    outcome: 'held',
    sentence: 'The pull request carries the label that holds it back.',
    next: 'Remove the label from the pull request, then run again.',
    onGithub: 'Remove the label from the pull request, then re-run all jobs.',
  },
  'stacks-not-mirrored': {
    outcome: 'held',
    sentence: 'The stacks of the two environments differ, and the input parity says to stop there.',
    next: 'Make the stacks alike, or name the right twins under stacks: in the file, or set parity: warn to continue anyway.',
    onGithub:
      'Make the stacks alike, then re-run all jobs; or name the right twins under stacks: in the file.',
  },
  'approval-rejected': {
    outcome: 'held',
    sentence:
      'A reviewer rejected the approval that GitHub asked for; nothing was changed after it.',
    next: 'Re-run all jobs of the run to be asked again; a schedule asks again by itself unless the pull request has the hold label.',
  },
  'proposal-forbidden': {
    outcome: 'held',
    sentence: 'GitHub does not let this token open a pull request.',
    next: 'Open the pull request by the link in the summary, or let GitHub Actions create pull requests.',
  },

  'credentials-refused': {
    outcome: 'inconclusive',
    sentence: 'The server refused the credentials.',
    next: 'Check the API key of this server and that its service account is active.',
    onGithub:
      'Set or replace the secret with the API key of this server, check that its service account is active, then re-run the failed jobs.',
  },
  'server-unreachable': {
    outcome: 'inconclusive',
    sentence: 'The server could not be reached.',
    next: 'Check the address, DNS, proxy and certificates from this machine, then run again.',
    onGithub:
      'Check the address, DNS, proxy and certificates from the runner, then re-run the failed jobs.',
  },
  'not-a-zenml-server': {
    outcome: 'inconclusive',
    sentence: 'The address answers, but not as a ZenML server.',
    next: 'Give the address of the ZenML server itself, not of a dashboard or a login page.',
  },
  'unexpected-answer': {
    outcome: 'inconclusive',
    sentence: 'The server answered in a way that zenml-upgrade does not understand.',
    next: 'Run again; if it happens again, report it with the versions of the server and of zenml-upgrade.',
    onGithub:
      'Re-run the failed jobs; if it happens again, report it with the versions of the server and of zenml-upgrade.',
  },
  'file-access-failed': {
    outcome: 'inconclusive',
    sentence:
      'The operating system refused a file or directory: no space, no permission, or too many open files.',
    next: 'Fix what the summary names on this machine, then run again; finished work is not repeated.',
    onGithub:
      'Fix what the summary names on the runner, then re-run the failed jobs; finished work is not repeated.',
  },
  'github-unreachable': {
    outcome: 'inconclusive',
    sentence: 'GitHub could not be reached, or refused this token.',
    next: 'Check the permissions of the token and the status of GitHub, then run again.',
    onGithub:
      'Check the permissions of the token and the status of GitHub, then re-run the failed jobs.',
  },
  'source-unreachable': {
    outcome: 'inconclusive',
    sentence: 'Another repository with pipeline code could not be read.',
    next: 'Give a token that reads it as the secret ZENML_UPGRADE_SOURCES_TOKEN, or check the network, then run again.',
    onGithub:
      'Give a token that reads it as the secret ZENML_UPGRADE_SOURCES_TOKEN, or check the network, then re-run the failed jobs.',
  },
  'index-unreachable': {
    outcome: 'inconclusive',
    sentence: 'The package index could not be reached.',
    next: 'Check the package index and the proxy from this machine, then run again.',
    onGithub: 'Check the package index and the proxy from the runner, then re-run the failed jobs.',
  },
  'parity-unknown': {
    outcome: 'inconclusive',
    sentence:
      'The stacks of the two environments could not be compared, and the input parity requires it.',
    next: 'Run check-stacks for staging first, with the same report directory, then run again.',
    onGithub: 'Give each GitHub environment a key of its own, then re-run all jobs.',
  },
  incomplete: {
    outcome: 'inconclusive',
    sentence: 'Part of the flow left no result, so the whole was not measured.',
    next: 'Run the workflow again; finished work is not repeated.',
    onGithub: 'Re-run the failed jobs; finished work is not repeated.',
  },
  'job-failed': {
    outcome: 'inconclusive',
    sentence: 'A job failed without leaving a result, so what it did was not measured.',
    next: 'Read the log of the job and fix the cause, then re-run the failed jobs; finished work is not repeated.',
  },
  'counts-decreased': {
    outcome: 'inconclusive',
    sentence:
      'Something is missing or different that was there before; on a live server that may be a person at work.',
    next: 'Bring back what is missing and run again, or accept the loss with the command acknowledge.',
    onGithub:
      'Bring back what is missing and re-run the failed jobs, or accept the loss: run the workflow with `run: acknowledge`, the attempt, and a reason.',
  },

  cancelled: {
    outcome: 'cancelled',
    sentence: 'Stopped from outside; what was started remotely is stopped or named.',
    next: 'Run again; finished work is not repeated.',
    onGithub: 'Re-run the failed jobs; finished work is not repeated.',
  },
  'job-cancelled': {
    outcome: 'cancelled',
    sentence:
      'A job was cancelled, or exceeded its time, without leaving a result, so what it did was not measured.',
    next: 'Re-run the failed jobs; if the job exceeded its time, raise timeout-minutes first. Finished work is not repeated.',
  },
  interrupted: {
    outcome: 'cancelled',
    sentence:
      'The command has not ended: its process was killed before it could write a result, or it still runs.',
    next: 'Run the command again; finished work is not repeated.',
    onGithub: 'Re-run the failed jobs; finished work is not repeated.',
  },
} as const satisfies Readonly<Record<string, Reason>>

export type ReasonCode = keyof typeof REASONS

/** The codes that keep an environment from being green. */
export type StoppingCode = {
  [Code in ReasonCode]: (typeof REASONS)[Code]['outcome'] extends 'success' | 'noop' ? never : Code
}[ReasonCode]

/** Returns the step that a result names: its own, or that of its code where it brings none. */
export function nextOf(code: ReasonCode, own?: string | null): string {
  return own ?? REASONS[code].next
}

export function outcomeOf(code: ReasonCode): Outcome {
  return REASONS[code].outcome
}
