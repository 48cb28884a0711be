import type { Environment } from '../core/environments.ts'
import { listed, partOf, plural } from '../core/text.ts'
import { sameVersion } from '../core/versions.ts'
import type { PlanDetails, PlannedSnapshot } from '../result/plan.ts'
import type { PlanStep } from './plan-fact.ts'

// The words of a plan: headline, snapshots, and what to do next. Nothing here is escaped.

export function planHeadline(environment: Environment | null, words: string): string {
  return `${environment === null ? 'Plan' : `Plan for ${environment}`}: ${words}`
}

/** The title of a plan that an earlier run made. */
export function keptPlanHeadline(environment: Environment, target: string): string {
  return planHeadline(environment, `ZenML ${target}`)
}

/** What a merge would do to the server and the snapshots. */
export function planWords(details: PlanDetails): string {
  return `${versionWords(details)}, ${listed(plannedSnapshotWords(details))}`
}

export function stoppedPlanWords(problems: number): string {
  return `${plural(problems, 'problem')} would stop the upgrade`
}

/** Sums up a plan that checks stop, by their messages. */
export function stoppedPlanSummary(messages: readonly string[]): string {
  return `${stoppedPlanWords(messages.length)}: ${messages.join('; ')}`
}

/** A merge is asked for only where it would do something. */
export function planNext(step: PlanStep): string {
  switch (step.kind) {
    case 'upgrade':
      return `Merge the pull request; that upgrades ${step.environment}.`
    case 'same-version':
      return `Merge the pull request; the server stays at ZenML ${step.target}.`
    case 'nothing':
      return `Nothing to upgrade: ZenML stays at ${step.target} and no setting changes; merge only for the other changes.`
  }
}

export function excludedWords(reason: string): string {
  return `excluded by the file: ${reason}`
}

function versionWords(details: PlanDetails): string {
  const target = details['target-version']
  const from = details['live-version'] ?? details['base-version']
  if (from === null) return `ZenML ${target}`
  return sameVersion(from, target) ? `ZenML stays at ${target}` : `ZenML ${from} → ${target}`
}

export function plannedSnapshotWords({
  snapshots,
  inventory,
}: Pick<PlanDetails, 'snapshots' | 'inventory'>): string[] {
  if (snapshots === null)
    return inventory?.count == null
      ? ['no snapshots recorded yet']
      : [`${plural(inventory.count, 'snapshot')} to look at`]
  const rebuilt = snapshots.filter(({ rebuild }) => rebuild !== false).length
  const executed = snapshots.filter(({ execute }) => execute).length
  return [
    `${partOf(rebuilt, snapshots.length, 'snapshots')} to rebuild`,
    `${executed.toLocaleString('en')} to run`,
  ]
}

/** What becomes of one snapshot, or why nothing does. */
export function plannedWork({ rebuild, execute, message, source }: PlannedSnapshot): string {
  if (message !== null) return message
  // Which source has its code is found out when the code is read.
  const from = source === null ? ' from the source that has its code' : ''
  const first =
    rebuild === null
      ? `rebuilt${from} if it carries another version`
      : rebuild
        ? `rebuilt${from}`
        : 'already current'
  return execute ? `${first}, run` : first
}

export function snapshotsOn(amount: number, time: string): string {
  return `${plural(amount, 'snapshot')} existed on ${day(time)}; the record does not name them.`
}

export function recordedOn(time: string): string {
  return `as recorded on ${day(time)}`
}

const day = (time: string) => new Date(time).toISOString().slice(0, 10)

/** How a plan is backed up and deployed, as a sentence. */
export function planMeans({ driver, backup }: PlanDetails): string {
  return backup === null
    ? `Deployed by ${driver}, without a backup.`
    : `Backed up by ${backup}, deployed by ${driver}.`
}
