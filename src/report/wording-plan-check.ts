import { REASONS } from '../core/reasons.ts'
import { listed } from '../core/text.ts'
import type { Pause, PlanCheckFact } from './plan-fact.ts'
import { changeToTryAgain, gateReasonWords } from './wording-gate.ts'

// The words of the checks of a plan. Nothing here is escaped.

type Kind = PlanCheckFact['kind']
type FactOf<K extends Kind> = Extract<PlanCheckFact, { readonly kind: K }>

/** What each check is called. */
export const PLAN_CHECK_NAMES: Readonly<Record<Kind, string>> = {
  'server-unknown': 'version',
  'goes-back': 'version',
  ahead: 'version',
  downgrade: 'version',
  'at-target': 'version',
  upgrade: 'version',
  drift: 'version',
  loss: 'earlier losses',
  blocked: 'blocked version',
  'blocked-unknown': 'blocked version',
  'release-unknown': 'release',
  'release-found': 'release',
  'release-missing': 'release',
  'no-base-file': 'address',
  'address-changes': 'address',
  'driver-changes': 'driver',
  'driver-one-way': 'driver',
  driver: 'driver',
  'no-backup': 'backup',
  'managed-backup': 'backup',
  backup: 'backup',
  'no-smoke-suite': 'smoke suite',
  snapshot: 'snapshots',
  'schedule-unknown': 'schedule',
  'no-schedule': 'schedule',
  schedule: 'schedule',
  'schedule-on-other-branch': 'schedule',
}

/** Says what a check found, as the part of a sentence. */
export function planCheckWords(fact: PlanCheckFact): string {
  switch (fact.kind) {
    case 'ahead':
    case 'downgrade':
    case 'loss':
    case 'blocked':
      return gateReasonWords(fact.condition)
    case 'blocked-unknown':
      return `the upgrade of ${fact.environment} to ZenML ${fact.target} was rolled back in attempt ${fact.attempt}, and whether one of its inputs has changed since is not known`
    case 'server-unknown':
    case 'goes-back':
    case 'at-target':
    case 'upgrade':
    case 'drift':
      return versionWords(fact)
    case 'release-unknown':
    case 'release-found':
    case 'release-missing':
      return releaseWords(fact)
    case 'schedule-unknown':
    case 'no-schedule':
    case 'schedule':
    case 'schedule-on-other-branch':
      return scheduleWords(fact)
    case 'snapshot':
      return fact.message
    default:
      return settingWords(fact)
  }
}

function versionWords(
  fact: FactOf<'server-unknown' | 'goes-back' | 'at-target' | 'upgrade' | 'drift'>,
): string {
  switch (fact.kind) {
    case 'server-unknown':
      return `the ${fact.environment} server could not be asked for its version from here: ${fact.why}`
    case 'goes-back':
      return `the file goes back from ZenML ${fact.from} to ${fact.target}`
    case 'at-target':
      return `${fact.environment} already runs ZenML ${fact.target}`
    case 'upgrade':
      return `${fact.environment} runs ZenML ${fact.version} and would be upgraded to ${fact.target}`
    case 'drift':
      return `${fact.environment} runs ZenML ${fact.version}, but the file on its branch says ${fact.file}; it would be upgraded to ${fact.target}`
  }
}

function releaseWords(
  fact: FactOf<'release-unknown' | 'release-found' | 'release-missing'>,
): string {
  switch (fact.kind) {
    case 'release-unknown':
      return `whether ZenML ${fact.target} exists is not known: ${fact.why}`
    case 'release-found':
      return `the package index has ZenML ${fact.target}`
    case 'release-missing': {
      const nearest =
        fact.nearest.length === 0
          ? ''
          : `; the nearest ${fact.nearest.length === 1 ? 'is' : 'are'} ${listed(fact.nearest)}`
      return `the package index has no ZenML ${fact.target}${nearest}`
    }
  }
}

type Setting = FactOf<
  | 'no-base-file'
  | 'address-changes'
  | 'driver-changes'
  | 'driver-one-way'
  | 'driver'
  | 'no-backup'
  | 'managed-backup'
  | 'backup'
  | 'no-smoke-suite'
>

function settingWords(fact: Setting): string {
  switch (fact.kind) {
    case 'no-base-file':
      return 'the base branch has no configuration file yet, so no server was asked'
    case 'address-changes':
      return 'the address of the server changes; for a pull request, only the address on the base branch is contacted'
    case 'driver-changes':
      return `${fact.environment} was deployed by ${fact.before} and would be deployed by ${fact.after}`
    case 'driver-one-way':
      return `the driver ${fact.driver} cannot bring the old version back by itself once the database has been migrated`
    case 'driver':
      return `${fact.environment} is deployed by ${fact.driver}`
    case 'no-backup':
      return `environments.${fact.environment}.backup is not set in the file`
    case 'managed-backup':
      return 'the backup is made by ZenML Pro; it is not verified here, and cannot be restored from here'
    case 'backup':
      return `the database is backed up by ${fact.by} before the first change`
    case 'no-smoke-suite':
      return 'the file names no smoke suite, so only the snapshots test an upgrade'
  }
}

const PAUSES: Readonly<Record<Pause, string>> = { soak: 'the soak', freeze: 'a freeze' }

function scheduleWords(
  fact: FactOf<'schedule-unknown' | 'no-schedule' | 'schedule' | 'schedule-on-other-branch'>,
): string {
  const over = `when ${PAUSES[fact.pause]} is over`
  switch (fact.kind) {
    case 'schedule-unknown':
      return `whether a schedule continues ${over} cannot be seen from here`
    case 'no-schedule':
      return `${fact.workflow} has no schedule: ${over}, nothing continues by itself`
    case 'schedule':
      return `the schedule of ${fact.workflow} continues ${over}`
    case 'schedule-on-other-branch':
      return `GitHub runs the schedule of ${fact.workflow} on the default branch ${fact.defaultBranch} only, and ${fact.base} deploys production: ${over}, nothing continues by itself`
  }
}

const GO_BACK =
  'Correct the version in the file; to go back, restore the backup made before the upgrade by hand and start the old version.'

/** Says what to do about a check; undefined where there is nothing to do. */
export function planCheckNext(fact: PlanCheckFact): string | undefined {
  switch (fact.kind) {
    case 'ahead':
      return 'Set zenml in the file to the version of the server.'
    case 'goes-back':
    case 'downgrade':
      return GO_BACK
    case 'loss':
      return REASONS['loss-open'].next
    case 'blocked':
      return `${changeToTryAgain(fact)}.`
    case 'release-missing':
      return 'Correct `zenml:` in the file, or bring the version into your index.'
    case 'no-backup':
      return 'Name a backup in the file, or run with backup: skip if losing the database is acceptable.'
    case 'no-smoke-suite':
      return 'Name a command under smoke: in the file.'
    case 'snapshot':
      return fact.next
    case 'no-schedule':
      return 'Add `schedule: [{cron: "17 * * * *"}]` under `on:`, and let it start the promotion.'
    case 'schedule-on-other-branch':
      return `Make ${fact.base} the default branch, or dispatch the workflow on ${fact.base} when ${PAUSES[fact.pause]} is over.`
    default:
      return undefined
  }
}
