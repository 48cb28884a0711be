import { environmentName, type Environment } from '../core/environments.ts'
import { NOTHING } from '../core/reasons.ts'
import { capitalised, listed, minute, partOf, plural, sentence, size, took } from '../core/text.ts'
import type { Check } from '../result/common.ts'
import type { Result } from '../result/result.ts'
import type { SuiteReport } from '../result/smoke.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import type { BackupReport } from '../result/upgrade.ts'
import type { Override } from '../result/promotion.ts'
import type { Page } from './pages.ts'
import type { Rung } from './section.ts'
import { withoutWayBack, type Standing, type Standings } from './verdict.ts'
import { codeWords, stoppedWords, type Stopper } from './wording-stopped.ts'

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

interface OpenStep {
  readonly sentence: string
  readonly page: Page | null
}

interface Reader {
  /** The workflows of the promotion pull request wait for a person. */
  readonly waitsForApproval: boolean
  readonly onGithub: boolean
}

/** What to do next where nothing stopped an environment, and where. */
export function openStep(standings: Standings, branches: Branches, reader: Reader): OpenStep {
  const step = stepForward(standings, branches, reader)
  const exposed = withoutWayBack(standings)
  if (exposed.length === 0) return step
  const backup = `Make a backup of ${listed(exposed)} by hand before anything else is changed`
  const { sentence: then, page } = step
  return then === NOTHING
    ? { sentence: `${backup}.`, page }
    : { sentence: `${backup}; then ${uncapitalised(then)}`, page }
}

const uncapitalised = (text: string) => `${text.charAt(0).toLowerCase()}${text.slice(1)}`

function stepForward(
  { staging, production }: Standings,
  branches: Branches,
  reader: Reader,
): OpenStep {
  if (production.kind === 'at-target' && (staging.kind === 'green' || staging.kind === 'not-run'))
    return NO_STEP
  // A fix that went straight to production: the branch of staging has yet to get it.
  if (production.kind === 'green' && staging.kind === 'not-run')
    return {
      sentence: `Merge ${branches.base} back into ${branches.head}; that upgrades staging.`,
      page: null,
    }
  if (staging.kind !== 'green') return unfinishedStep('staging', staging, branches, reader)
  if (production.kind === 'green') return NO_STEP
  return production.kind === 'waiting'
    ? unfinishedStep('production', production, branches, reader)
    : { sentence: mergeStep(branches, reader), page: 'promotion' }
}

const NO_STEP: OpenStep = { sentence: NOTHING, page: null }

function mergeStep({ head, base }: Branches, { waitsForApproval }: Reader): string {
  return waitsForApproval
    ? `Click "${APPROVE_BUTTON}" on the promotion pull request, and merge ${head} into ${base} when its checks are green; that upgrades production.`
    : `Merge ${head} into ${base}; that upgrades production.`
}

function unfinishedStep(
  environment: Environment,
  standing: Standing,
  { head, base }: Branches,
  { onGithub }: Reader,
): OpenStep {
  const branch = environment === 'staging' ? head : base
  if (standing.kind === 'waiting')
    return {
      sentence: onGithub
        ? `Run the workflow for ${environment}; still to come: ${listed(standing.missing)}.`
        : `Run ${listed(standing.missing)} in ${environment}.`,
      page: 'form',
    }
  return standing.kind === 'planned'
    ? {
        sentence: `Upgrade ${environment}: every check that could be made has passed.`,
        page: 'form',
      }
    : {
        sentence: onGithub
          ? `Push to ${branch}, or run the workflow for ${environment}.`
          : `Push to ${branch}, or run upgrade-workspace for ${environment}.`,
        page: 'form',
      }
}

const VERIFIED: Readonly<Record<BackupReport['verified'], string>> = {
  checksum: 'read back, checksum equal',
  restore: 'restored into a scratch database and compared',
  command: 'checked by your command',
  'not-by-us': 'made by ZenML Pro, not verified by us',
}

/** The cells of the table where nothing stopped a part. */
export const CELLS = {
  version: (version: string | null) => `ZenML ${version ?? 'of an unknown version'}`,
  planned: (from: string | null, to: string | null) =>
    `planned: ${CELLS.version(from)} to ${to ?? 'unknown'}`,
  upgraded: (to: string | null, from: string | null) =>
    `${CELLS.version(to)}, was ${from ?? 'unknown'}`,
  rolledBack: (from: string | null) => `rolled back to ${CELLS.version(from)}`,
  nothingToDo: 'nothing to do',
  wasUntil: (from: string, time: string) => `was ${from} until ${minute(time)}`,
  backup: ({ bytes, verified }: Pick<BackupReport, 'bytes' | 'verified'>) =>
    `${bytes === null ? '' : `${size(bytes)}, `}${VERIFIED[verified]}`,
  noBackupNeeded: 'not needed',
  noBackup: 'none was made',
  noSuite: 'no suite in the file',
  noSnapshots: 'none on the server',
  missingShards: (shards: readonly string[]) => `shard ${shards.join(', ')} has no result`,
  tests: testCounts,
} as const

type Counted = Readonly<Record<'total' | 'passed', number>> &
  Readonly<Record<'failed' | 'skipped' | 'flaky', number | null>>

/** `1 of 4 failed, 1 skipped`. */
function testCounts(
  { total, passed, failed, skipped, flaky }: Counted,
  result: Pick<Result, 'outcome' | 'reason-code'>,
): string {
  const first =
    failed !== null && failed > 0
      ? `${partOf(failed, total)} failed`
      : result.outcome === 'success'
        ? `${passed.toLocaleString('en')} passed`
        : `${codeWords(result['reason-code'])}, ${passed.toLocaleString('en')} passed`
  const amount = (number: number | null, word: string) =>
    number === null || number === 0 ? [] : [`${number.toLocaleString('en')} ${word}`]
  return [first, ...amount(skipped, 'skipped'), ...amount(flaky, 'flaky')].join(', ')
}

const SNAPSHOT_WORDS: readonly (readonly [SnapshotReport['status'], string])[] = [
  ['executed', 'rebuilt and run'],
  ['rebuilt', 'rebuilt'],
  ['current', 'already current'],
  ['planned', 'can be rebuilt'],
  ['excluded', 'excluded'],
]

/** `2 of 9 failed, 7 rebuilt and run`. */
export function snapshotCounts(list: readonly SnapshotReport[]): string {
  const amount = (status: SnapshotReport['status']) =>
    list.filter((snapshot) => snapshot.status === status).length
  const bad = (['failed', 'lost'] as const)
    .filter((status) => amount(status) > 0)
    .map((status) => `${partOf(amount(status), list.length)} ${status}`)
  const rest = SNAPSHOT_WORDS.filter(([status]) => amount(status) > 0).map(
    ([status, words]) => `${amount(status).toLocaleString('en')} ${words}`,
  )
  return [...bad, ...rest].join(', ') || plural(0, 'snapshot')
}

/** `1 failed, 2 lost` of snapshots that are all one or the other. */
export function badCounts(list: readonly SnapshotReport[]): string {
  return (['failed', 'lost'] as const)
    .map((status) => ({ status, amount: list.filter((one) => one.status === status).length }))
    .filter(({ amount }) => amount > 0)
    .map(({ status, amount }) => `${amount.toLocaleString('en')} ${status}`)
    .join(', ')
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

export function failedAt(phase: string): string {
  return `failed at ${phase}`
}

export function serverDownFor(seconds: number | null): string {
  return seconds === null ? '' : `server down for ${took(seconds)}`
}

export function gateOpensAt(time: string): string {
  return `The gate opens by itself at ${minute(time)}.`
}
