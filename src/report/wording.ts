import { environmentName, type Environment } from '../core/environments.ts'
import { capitalised, listed, minute, sentence, took, plural } from '../core/text.ts'
import type { Check } from '../result/common.ts'
import type { PlannedRun, SnapshotReport } from '../result/snapshots.ts'
import type { SuiteReport } from '../result/smoke.ts'
import type { Override } from '../result/promotion.ts'
import type { Rung } from './section.ts'
import type { Standing } from './verdict.ts'
import { stoppedWords, type Stopper } from './wording-stopped.ts'

// Every word that comment, summary, page and terminal share: headlines, next steps, titles, notes.
// What stopped an environment, the gate, stack parity, plans and the record have files of their own,
// wording-*.ts; the sentence and the next step of a reason code are with the code. Nothing here is
// escaped.

/** Adds when a fact was measured; nothing where the newest run measured it. */
export function dated(fact: string, since: string | undefined): string {
  return since === undefined ? fact : `${fact}, on ${minute(since)}`
}

/** What a newer run did not measure, and what an earlier one did. */
export function withEarlier(newer: string, earlier: string): string {
  return `${newer}; earlier: ${earlier}`
}

export function measuredOn(time: string): string {
  return `Measured on ${minute(time)}.`
}

/** The branches that deploy staging and production. */
export interface Branches {
  readonly head: string
  readonly base: string
}

/** What people press to let the workflows of a pull request start that GITHUB_TOKEN opened. */
export const APPROVE_BUTTON = 'Approve workflows to run'

export const NOTHING_RAN = 'Nothing has run yet'

export function stoppedHeadline(environment: Environment, by: Stopper): string {
  return `${environmentName(environment)}: ${stoppedWords(by)}`
}

export function bothGreenHeadline(version: string | null): string {
  return `Staging and production: green on ${zenml(version)}`
}

/** The headline about one environment that nothing stopped. */
export function standingHeadline(
  environment: Environment,
  standing: Exclude<Standing, { kind: 'stopped' | 'not-run' }>,
): string {
  const name = environmentName(environment)
  const backup =
    'noWayBack' in standing && standing.noWayBack ? ', without a backup to go back to' : ''
  switch (standing.kind) {
    case 'planned':
      return `${name}: ${standing.version === null ? 'nothing was changed' : `still on ZenML ${standing.version}, nothing was changed`}`
    case 'at-target':
      return `${name}: already at the target version`
    case 'waiting':
      return `${name}: on ${zenml(standing.version)}${backup}, still to come: ${listed(standing.missing)}`
    case 'green': {
      const suite = environment === 'staging' && standing.untested ? ', without a smoke suite' : ''
      return `${name}: green on ${zenml(standing.version)}${backup}${suite}`
    }
  }
}

function zenml(version: string | null): string {
  return version === null ? 'its version of ZenML' : `ZenML ${version}`
}

export function mergeBackFirst(branches: Branches | undefined): string {
  return branches === undefined
    ? 'a branch must be merged back first'
    : `merge ${branches.base} back into ${branches.head} first`
}

/** Titles of sections: the environment, the part, and what is to know about it. */
export function sectionTitle(environment: Environment, title: string): string {
  return `${environmentName(environment)} · ${capitalised(title)}`
}

export function titled(part: string, ...facts: readonly string[]): string {
  const known = facts.filter((fact) => fact !== '')
  return known.length === 0 ? part : `${part}: ${known.join(', ')}`
}

export const TITLES = {
  results: 'Results',
  plan: 'What would happen',
  attention: 'What needs attention',
  details: 'Details',
  command: 'Command line',
  rerun: 'Run just this again',
  job: 'job',
  gate: 'gate',
  promotion: 'promotion',
  acknowledgement: 'acknowledgement',
  upgrade: 'upgrade',
  preflight: 'preflight checks',
  timeline: 'timeline',
  migrationLog: 'migration log',
  versions: 'versions and counts',
  notRestored: 'not restored',
  snapshots: 'snapshots',
  goneSnapshots: 'snapshots of an earlier run',
  smoke: 'smoke suite',
  parity: 'stack parity',
  planChecks: 'Checks',
  planSnapshots: 'Snapshots',
  planChanges: 'Changes of the file',
  planBreaks: 'Release notes',
  planFacts: 'Versions and settings',
} as const

/** The columns of every table. */
export const HEADERS = {
  jobs: ['Job', 'What happened'],
  written: ['Table', 'Rows written since the backup'],
  notRestored: ['Kind', 'Name', 'Reason'],
  checks: ['Check', 'Result', 'What was found'],
  phases: ['Phase', 'Result', 'Began (UTC)', 'Took'],
  facts: ['What', 'Value'],
  counts: ['Kind', 'Before', 'After'],
  reasons: ['Reason', 'What was found'],
  tests: ['Test', 'Result', 'Took', 'Message'],
  runs: ['Run', 'Status', 'ZenML', 'Cache', 'What went wrong'],
  snapshots: ['Snapshot', 'Project and pipeline', 'Result', 'ZenML', 'Run', 'What to know'],
  stacks: ['Stack in production', 'Twin in staging', 'What differs'],
  planned: ['Snapshot', 'Project and pipeline', 'ZenML', 'What happens', 'How it is run'],
  changes: ['Where', 'Before', 'After'],
  breaks: ['Version', 'What changes'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** The rows of tables of single facts. */
export const FACTS = {
  from: 'Version before',
  to: 'Target version',
  server: 'Server id',
  driver: 'Driver',
  tool: 'Tool',
  backup: 'Backup',
  location: 'Where the backup is',
  compared: 'What was compared',
  live: 'The server reports',
  baseFile: 'The file of the base branch says',
  noFile: 'there is no file yet',
  file: 'This file says',
  deployedBy: 'Deployed by',
  backedUpBy: 'Backed up by',
  noBackup: 'nothing',
} as const

export const NOTES = {
  rerun: 'Re-run the job, or by hand, with `ZENML_STORE_API_KEY` in the environment:',
  noSnapshots: 'No snapshot of this environment is recorded yet; the first run finds them.',
  noWayBack: 'no backup to go back to',
  lossGone: 'what was missing is there again',
  notCounted: 'What was written since the backup could not be counted.',
} as const

const SHORTENED: Readonly<Record<Rung['rows'], string>> = {
  all: 'long texts are cut',
  failing: 'only rows that failed',
  none: 'only counts',
}

export function shortened(rows: Rung['rows']): string {
  return `Shortened: ${SHORTENED[rows]}. See the result files for the full report.`
}

export function pageIn(artifact: string): string {
  return `The same as a page, whole and with the timeline: \`report.html\` in the artifact \`${artifact}\`.`
}

export function moreSections(amount: number): string {
  return `${amount.toLocaleString('en')} more`
}

export function createdFrom(file: string): string {
  return `A user with more rights can create them from ${file}.`
}

export function openedBy({ actor, reason }: Override): string {
  return `Opened by ${actor}: ${sentence(reason)}`
}

const CHECK_WORDS: Readonly<Record<Exclude<Check['status'], 'warning'>, string>> = {
  failed: 'failed',
  'not-checked': 'not checked',
  passed: 'passed',
}

export function checkCount(status: Check['status'], amount: number): string {
  return status === 'warning'
    ? plural(amount, 'warning')
    : `${amount.toLocaleString('en')} ${CHECK_WORDS[status]}`
}

export function suiteTitle(source: string | null): string {
  return capitalised(source === null ? TITLES.smoke : `${TITLES.smoke} of ${source}`)
}

export function suiteSummary({ message, seconds, attempts }: SuiteReport): string {
  const again = attempts > 1 ? ` Run ${attempts} times.` : ''
  return `${sentence(message)} Took ${took(seconds)}.${again}`
}

export function testsLeftOut(amount: number): string {
  return `The table leaves out ${plural(amount, 'test')}.`
}

export const RUNS_NOTHING = 'No snapshot is run here: `execute` in the file says so.'

/** How a plan says that a snapshot will be run. */
export function willRun({ on, parameters, steps, 'timeout-seconds': timeout }: PlannedRun): string {
  const changes = [
    ...(parameters === null ? [] : [`parameters ${JSON.stringify(parameters)}`]),
    ...(steps === null ? [] : [`steps ${JSON.stringify(steps)}`]),
  ]
  const where = on === 'server' ? 'on the server, else from source,' : 'from source'
  const how = changes.length === 0 ? 'as recorded' : `with ${listed(changes)}`
  return `Then runs ${where} ${how}, for at most ${took(timeout)}.`
}

export function logOf({ project, pipeline, name }: SnapshotReport): string {
  return `The end of the log of ${project}/${pipeline}/${name}:`
}

export function logsLeftOut(amount: number): string {
  return `The logs of ${plural(amount, 'more snapshot')} are in the result file.`
}

export function failedAt(phase: string): string {
  return `failed at ${phase}`
}

export function serverDownFor(seconds: number | null): string {
  return seconds === null ? '' : `server down for ${took(seconds)}`
}

export function gateOpensAt(time: string): string {
  return `The gate opens by itself at ${minute(time)}.`
}
