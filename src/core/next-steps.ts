import type { ReasonCode } from './reasons.ts'

const NOTHING = 'Nothing to do.'

/**
 * What to do next, by reason code: one imperative sentence, used where a result brings none of its
 * own, and in the docs.
 */
export const NEXT_STEPS: Readonly<Record<ReasonCode, string>> = {
  upgraded: 'Run the smoke suite, then rebuild the snapshots.',
  'deployed-before-backup':
    'Make a backup by hand before anything else is changed, then run the smoke suite.',
  'smoke-passed': 'Rebuild the snapshots.',
  'snapshots-planned': 'Upgrade the server, then rebuild the snapshots.',
  'snapshots-rebuilt': 'Execute the snapshots where the file asks for it.',
  'snapshots-executed': NOTHING,
  'gate-open': 'Upgrade production; in the workflow the next job does.',
  'gate-told': 'Look at the status zenml-upgrade/promotion of the commit.',
  'inventory-read':
    'Run check-stacks for the other environment too, with the same report directory: it compares.',
  'stacks-mirrored': NOTHING,
  proposed: 'Merge the promotion pull request when its status is green.',
  planned: 'Merge the pull request; that upgrades the environment.',
  reported: NOTHING,
  initialised: 'Do what is listed as left for you, then push to the staging branch.',
  'demo-finished': 'Read the report, then run init in the repository with your pipelines.',

  'already-at-target': NOTHING,
  'already-green': NOTHING,
  superseded: 'Look at the newest run of the branch.',
  'nothing-to-propose': NOTHING,
  'nothing-to-rebuild': NOTHING,
  'nothing-to-execute': NOTHING,
  'no-smoke-suite': 'Name a command under smoke: in the file, so that an upgrade is tested.',
  'nothing-to-write': 'Move a file away to have it written anew.',
  'dry-run': 'Run the same command without dry-run.',

  'preflight-failed': 'Mend what the failed checks name, then run again.',
  'version-not-found': 'Correct the version in the file, or the index that is asked.',
  'backup-failed': 'Mend the backup, then run again.',
  'rolled-back': 'Read the migration log, mend the cause, then change the file to try again.',
  'rollback-refused':
    'Decide if that loss is acceptable: repair the new version, or run again with on-failure rollback-with-loss.',
  'rollback-impossible': 'Repair the server by hand, or restore a backup of your own.',
  'rollback-failed': 'Restore the backup by hand; the result names where it is.',
  'upgrade-failed': 'Read the migration log and repair the server, or restore the backup.',
  'smoke-failed':
    'Read the failed tests, mend them or the pipelines, then run the smoke suite again.',
  'no-tests':
    'Correct the command of the smoke suite so that it collects tests and does not skip all of them.',
  'junit-missing':
    'Let the command write JUnit XML to the file in SMOKE_JUNIT_FILE, or name its file under junit:.',
  'smoke-timeout':
    'Look at the end of its output; raise timeout: of the suite if it only needs longer.',
  'smoke-cached':
    'Switch the cache off for the smoke suite, for example with enable_cache=False on its pipelines.',
  'snapshots-failed': 'Mend what the failed snapshots name, then run rebuild-snapshots again.',
  'snapshots-lost': 'Find out who deleted the snapshot; make it again, or list it under exclude:.',
  'stacks-differ': 'Make the stacks alike, or name the right twins under stacks: in the file.',
  'internal-error': 'Report it with the log; run again once to see if it happens every time.',

  'invalid-input': 'Correct the input and run again.',
  'invalid-file': 'Correct the file; every problem is named with its line.',
  'source-missing': 'Correct `ref` or `path` of the source in zenml-upgrade.yml.',
  'not-built-yet': 'Leave it out, or wait for a version that has it.',

  'gate-first': 'Run the workflow again: it asks the gate about this content.',
  locked: 'Wait until the other attempt has ended, then run again.',
  'server-ahead': 'Raise the version in the file to that of the server.',
  'downgrade-requested':
    'Restore a backup if you want to go back; else correct the version in the file.',
  'version-blocked': 'Change the file, for example to a newer version, before trying again.',
  'staging-not-green':
    'Bring staging to green with this content first: push it to staging; by hand, run upgrade-workspace, run-smoke-suite and rebuild-snapshots --mode all there.',
  'staging-moved': 'Upgrade and test staging again.',
  'waiting-for-soak': 'Nothing to do: a scheduled run goes on when the time is over.',
  frozen: 'Nothing to do: a scheduled run goes on when the freeze ends.',
  'hold-label': 'Remove the label from the pull request, then run again.',
  'stacks-not-mirrored':
    'Make the stacks alike, or name the right twins under stacks: in the file; with parity: warn it goes on all the same.',
  'proposal-forbidden':
    'Open the pull request by the link in the summary, or let GitHub Actions create pull requests.',

  'credentials-refused': 'Check the API key of this server and that its service account is active.',
  'server-unreachable':
    'Check the address, DNS, proxy and certificates from this machine, then run again.',
  'not-a-zenml-server':
    'Give the address of the ZenML server itself, not of a dashboard or a login page.',
  'unexpected-answer': 'Run again; if it stays, report it with the versions of server and tool.',
  'github-unreachable':
    'Check the permissions of the token and the status of GitHub, then run again.',
  'source-unreachable':
    'Give a token that reads it as the secret ZENML_UPGRADE_SOURCES_TOKEN, or check the network, then run again.',
  'index-unreachable': 'Check the package index and the proxy from this machine, then run again.',
  'parity-unknown':
    'Run check-stacks for staging first, with the same report directory, then run again. In the workflow give each GitHub environment a key of its own, and re-run all jobs.',
  incomplete: 'Run the workflow again; finished work is not repeated.',
  'counts-decreased': 'Look if somebody deleted it on purpose, then run again.',

  cancelled: 'Run again; finished work is not repeated.',
}
