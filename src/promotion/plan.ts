import type { Config, DeclaredSnapshot } from '../config/schema.ts'
import type { Check } from '../result/common.ts'
import type { PlanDetails, PlannedSnapshot } from '../result/plan.ts'
import { REASONS } from '../core/reasons.ts'
import { plural } from '../core/text.ts'
import { planWords } from '../report/wording.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { knownBreaks, normalise, sameVersion } from '../core/versions.ts'
import { configChanges } from './config-changes.ts'
import { backupOf, driverOf, planChecks, type CheckFacts } from './plan-checks.ts'

/** A snapshot as it was last seen. */
export interface RecordedSnapshot {
  readonly project: string
  readonly pipeline: string
  readonly name: string
  /** The ZenML version it carried; null when that was not recorded. */
  readonly version: string | null
}

/** The recorded snapshots, joined with the head's file. */
export interface PlanSelection {
  readonly selected: readonly {
    readonly snapshot: RecordedSnapshot
    readonly source: { readonly name: string }
    readonly declaration: DeclaredSnapshot | undefined
  }[]
  readonly excluded: readonly { readonly snapshot: RecordedSnapshot; readonly reason: string }[]
  readonly misfits: readonly {
    readonly snapshot: RecordedSnapshot | undefined
    readonly message: string
    readonly next: string
  }[]
}

export interface PlanFacts extends Omit<CheckFacts, 'misfits'> {
  /**
   * What was last recorded of the environment's snapshots; null when nothing was. `selection` is
   * null when only their number is known.
   */
  readonly inventory: {
    readonly recorded: string
    readonly count: number | null
    readonly selection: PlanSelection | null
  } | null
  /** Whether the head changes anything of the upgrade. */
  readonly changesUpgrade: boolean
  /** Checks of what is not in the files. */
  readonly more?: readonly Check[]
}

export interface Plan {
  readonly reasonCode: ReasonCode
  readonly summary: string
  readonly next: string
  readonly details: PlanDetails
}

/**
 * What a merge into the branch of the environment would do, from the files and the record alone.
 */
export function makePlan(facts: PlanFacts): Plan {
  const { environment, base, head, target, server, inventory } = facts
  const selection = inventory?.selection ?? null
  const checks = [
    ...planChecks({ ...facts, misfits: selection?.misfits ?? [] }),
    ...(facts.more ?? []),
  ]
  const live = 'version' in server ? server.version : null
  const from = live ?? facts.baseVersion
  const details: PlanDetails = {
    'base-version': facts.baseVersion,
    'target-version': target,
    'live-version': live,
    'changes-upgrade': facts.changesUpgrade,
    driver: driverOf(head, environment),
    backup: backupOf(head, environment),
    changes: configChanges(base, head),
    checks,
    breaks: from === null ? [] : knownBreaks(from, target),
    suites:
      environment === 'staging'
        ? head.smoke.map(({ source, command }) => ({ source: source ?? null, command }))
        : [],
    inventory: inventory === null ? null : { recorded: inventory.recorded, count: inventory.count },
    snapshots: selection === null ? null : plannedSnapshots(selection, facts),
  }
  const failed = checks.filter(({ status }) => status === 'failed')
  const [first] = failed
  if (first === undefined)
    return {
      reasonCode: 'planned',
      summary: planWords(details),
      next: nextStep(from, facts, details),
      details,
    }
  return {
    reasonCode: first['reason-code'] ?? 'preflight-failed',
    summary: `${plural(failed.length, 'problem')} would stop the upgrade: ${failed.map(({ message }) => message).join('; ')}`,
    next: first.next ?? REASONS['preflight-failed'].next,
    details,
  }
}

/** A merge is asked for only where it would do something. */
function nextStep(
  from: string | null,
  { base, target, environment }: PlanFacts,
  { changes, snapshots }: PlanDetails,
): string {
  if (from === null || !sameVersion(from, target))
    return `Merge the pull request; that upgrades ${environment}.`
  const moves =
    base === null ||
    changes.length > 0 ||
    (snapshots ?? []).some(({ rebuild }) => rebuild !== false)
  return moves
    ? `Merge the pull request; the server stays at ZenML ${target}.`
    : `Nothing to upgrade: ZenML stays at ${target}, and the file says what it said; merge only for what else changes.`
}

function plannedSnapshots(
  { selected, excluded, misfits }: PlanSelection,
  { head, environment, target }: PlanFacts,
): PlannedSnapshot[] {
  const policy: Config['execute'][typeof environment] = head.execute[environment]
  const leftAlone = (
    snapshot: RecordedSnapshot,
    status: PlannedSnapshot['status'],
    message: string,
  ): PlannedSnapshot => ({
    ...named(snapshot),
    status,
    source: null,
    rebuild: false,
    execute: false,
    parameters: null,
    steps: null,
    config: null,
    message,
  })
  return [
    ...misfits.flatMap(({ snapshot, message }) =>
      snapshot === undefined ? [] : [leftAlone(snapshot, 'failed', message)],
    ),
    ...selected.map(({ snapshot, source, declaration }) => {
      const execute = policy === 'all' || (policy === 'declared' && declaration !== undefined)
      return {
        ...named(snapshot),
        status: 'planned' as const,
        source: source.name,
        rebuild: carriesOther(snapshot.version, target),
        execute,
        parameters: execute ? (declaration?.smoke?.parameters ?? null) : null,
        steps: execute ? (declaration?.smoke?.steps ?? null) : null,
        config: declaration?.config?.[environment] ?? null,
        message: null,
      }
    }),
    ...excluded.map(({ snapshot, reason }) =>
      leftAlone(snapshot, 'excluded', `excluded by the file: ${reason}`),
    ),
  ]
}

const named = ({ project, pipeline, name, version }: RecordedSnapshot) => ({
  project,
  pipeline,
  name,
  'version-before': version,
})

/** A text that is no version is stale; what was not recorded is not known. */
function carriesOther(version: string | null, target: string): boolean | null {
  if (version === null) return null
  return normalise(version) === undefined || !sameVersion(version, target)
}
