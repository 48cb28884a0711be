import { wentWell } from '../core/outcomes.ts'
import { REASONS, type ReasonCode, type StoppingCode } from '../core/reasons.ts'
import { linesOf, minute, partOf, plural, short } from '../core/text.ts'
import type { Check } from '../result/common.ts'
import type { Result } from '../result/result.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import type { UpgradeDetails } from '../result/upgrade.ts'
import type { JobEnd } from './job-end.ts'

/** What keeps an environment from being green: a result, or a job that left none. */
export type Stopper = Result | JobEnd

type Words = string | ((stopper: Stopper) => string)

/**
 * What stopped an environment, in a few words that follow its name: `rollback refused, 17 rows would
 * be lost`. One entry for each reason code that is neither a success nor a noop.
 */
const STOPPED: Readonly<Record<StoppingCode, Words>> = {
  'preflight-failed': preflightFailed,
  'version-not-found': 'the package index does not have the target version',
  'backup-failed': 'backup failed, nothing was changed',
  'rolled-back': rolledBack,
  'rollback-refused': rollbackRefused,
  'rollback-impossible': 'upgrade failed, and it cannot be rolled back',
  'rollback-failed': 'upgrade failed, and so did its rollback',
  'upgrade-failed': 'upgrade failed, and was not rolled back',
  'smoke-failed': smokeFailed,
  'no-tests': 'smoke suite ran no tests',
  'junit-missing': 'smoke suite wrote no JUnit report',
  'smoke-timeout': 'smoke suite timed out',
  'smoke-cached': 'smoke suite ran nothing, its runs came from the cache',
  'snapshots-failed': (stopper) => snapshots(stopper, 'failed'),
  'snapshots-lost': (stopper) => snapshots(stopper, 'lost'),
  'stacks-differ': stacksDiffer,
  'secret-in-output': 'a key was found in the output and removed',
  'internal-error': 'zenml-upgrade failed with a defect of its own',
  'invalid-input': (stopper) =>
    'command' in stopper && stopper.command === 'acknowledge'
      ? 'loss was not acknowledged, an input is wrong'
      : 'invalid input, nothing was contacted',
  'invalid-file': ({ summary }) =>
    `configuration file has ${plural(Math.max(1, linesOf(summary).length - 1), 'problem')}, nothing was contacted`,
  'source-missing': 'a source repository does not have the ref or path of the file',
  'not-built-yet': 'not supported by this version of zenml-upgrade',
  'gate-first': 'an earlier upgrade was finished, this content has yet to pass the gate',
  locked: 'another run is working on this server',
  'server-behind': 'server is older than the file, upgrade it first',
  'server-ahead': 'server is newer than the file',
  'downgrade-requested': 'the file asks for a downgrade',
  'version-blocked': 'version is blocked since it was rolled back',
  'loss-open': 'an earlier loss is neither restored nor acknowledged',
  'staging-not-green': 'waiting for staging to be green',
  'staging-moved': 'staging no longer runs the version that was tested',
  'waiting-for-soak': (stopper) => `soaking${until(stopper)}`,
  frozen: (stopper) => `frozen${until(stopper)}`,
  'hold-label': 'held by the label of the pull request',
  'stacks-not-mirrored': 'stacks are not mirrored',
  'approval-rejected': 'approval was rejected',
  'proposal-forbidden': 'GitHub does not let this token open the promotion pull request',
  'credentials-refused': 'API key is missing or was refused',
  'server-unreachable': 'server could not be reached',
  'not-a-zenml-server': 'address does not answer as a ZenML server',
  'unexpected-answer': 'server gave an unexpected answer',
  'file-access-failed': 'operating system refused a file or directory',
  'github-unreachable': 'GitHub could not be reached',
  'source-unreachable': 'a source repository could not be read',
  'index-unreachable': 'package index could not be reached',
  'parity-unknown': 'stacks of staging and production could not be compared',
  incomplete: 'part of the flow left no result',
  'job-failed': (stopper) => job(stopper, 'failed'),
  'counts-decreased': countsDecreased,
  cancelled: 'cancelled',
  'job-cancelled': (stopper) => job(stopper, 'was cancelled'),
  interrupted: 'interrupted before it wrote a result',
}

export function isStopping(code: ReasonCode): code is StoppingCode {
  return !wentWell(REASONS[code].outcome)
}

/** Returns the words of a stopper; for every other result its reason code as words. */
export function stoppedWords(stopper: Stopper): string {
  const code = stopper['reason-code']
  if (!isStopping(code)) return codeWords(code)
  const words = STOPPED[code]
  return typeof words === 'string' ? words : words(stopper)
}

/** Returns a reason code as words: they are chosen to be read. */
export function codeWords(code: ReasonCode): string {
  return code.replaceAll('-', ' ')
}

function upgradeOf(stopper: Stopper): UpgradeDetails | null {
  return 'command' in stopper && stopper.command === 'upgrade-workspace' ? stopper.details : null
}

function checksOf(stopper: Stopper): readonly Check[] {
  return 'command' in stopper &&
    (stopper.command === 'upgrade-workspace' || stopper.command === 'plan')
    ? (stopper.details?.checks ?? [])
    : []
}

function preflightFailed(stopper: Stopper): string {
  const failed = checksOf(stopper).filter(({ status }) => status === 'failed')
  const [first] = failed
  if (first === undefined) return 'preflight failed, nothing was changed'
  return failed.length === 1
    ? `preflight check "${short(first.name, 50)}" failed, nothing was changed`
    : `${failed.length} preflight checks failed, nothing was changed`
}

function rolledBack(stopper: Stopper): string {
  const details = upgradeOf(stopper)
  const [from, to] = [details?.['from-version'] ?? null, details?.['to-version'] ?? null]
  return `upgrade${to === null ? '' : ` to ${to}`} failed, rolled back${from === null ? '' : ` to ${from}`}`
}

function rollbackRefused(stopper: Stopper): string {
  const written = upgradeOf(stopper)?.['written-since-backup'] ?? null
  const rows = Object.values(written ?? {}).reduce((sum, amount) => sum + amount, 0)
  return rows > 0
    ? `rollback refused, ${plural(rows, 'row')} would be lost`
    : 'rollback refused, what it would lose could not be counted'
}

function smokeFailed(stopper: Stopper): string {
  if (!('command' in stopper) || stopper.command !== 'run-smoke-suite') return 'smoke suite failed'
  const { failed = null, total = null, suites = [] } = stopper.details ?? {}
  if (failed === null || total === null || failed === 0) return 'smoke suite failed'
  const first = suites.flatMap(({ tests }) => tests).find(({ status }) => status === 'failed')
  return `${partOf(failed, total, 'smoke tests')} failed${first === undefined ? '' : `: ${first.name}`}`
}

function snapshots(stopper: Stopper, status: 'failed' | 'lost'): string {
  const list: readonly SnapshotReport[] =
    'command' in stopper && stopper.command === 'rebuild-snapshots'
      ? (stopper.details?.snapshots ?? [])
      : []
  const found = list.filter((snapshot) => snapshot.status === status)
  return found.length === 0
    ? `snapshots ${status}`
    : `${partOf(found.length, list.length, 'snapshots')} ${status}: ${found[0]?.name ?? ''}`
}

function stacksDiffer(stopper: Stopper): string {
  const parity =
    'command' in stopper && stopper.command === 'check-stacks'
      ? (stopper.details?.parity ?? null)
      : null
  return parity === null
    ? 'stacks differ from staging'
    : `stacks differ from staging in ${plural(parity.differences, 'place')}`
}

function until(stopper: Stopper): string {
  const opensAt =
    'command' in stopper && stopper.command === 'promote'
      ? (stopper.details?.['opens-at'] ?? null)
      : null
  return opensAt === null ? '' : ` until ${minute(opensAt)}`
}

function countsDecreased(stopper: Stopper): string {
  const lost = upgradeOf(stopper)?.lost ?? []
  return lost.length === 0
    ? 'something is missing since the upgrade'
    : `${plural(lost.length, 'loss', 'losses')} found after the upgrade: ${lost[0]?.subject ?? ''}`
}

function job(stopper: Stopper, how: string): string {
  if ('command' in stopper) return codeWords(stopper['reason-code'])
  const step = stopper.step === null ? '' : ` in step "${short(stopper.step, 40)}"`
  return `job "${short(stopper.name, 40)}" ${how}${step}, and left no result`
}
