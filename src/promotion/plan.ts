import type { Config, DeclaredSnapshot } from '../config/schema.ts'
import type { PlanDetails, PlannedSnapshot } from '../result/plan.ts'
import { REASONS } from '../core/reasons.ts'
import type { PlanCheckFact } from '../report/plan-fact.ts'
import { excludedWords, planNext, planWords, stoppedPlanSummary } from '../report/wording-plan.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { knownBreaks, normalise, sameVersion } from '../core/versions.ts'
import { configChanges } from './config-changes.ts'
import { toCheck } from './plan-check-result.ts'
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
  /** Those whose source only the code tells, which a plan does not read. */
  readonly undecided: readonly {
    readonly snapshot: RecordedSnapshot
    readonly declaration: DeclaredSnapshot | undefined
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
  readonly more?: readonly PlanCheckFact[]
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
  ].map(toCheck)
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
    summary: stoppedPlanSummary(failed.map(({ message }) => message)),
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
  if (from === null || !sameVersion(from, target)) return planNext({ kind: 'upgrade', environment })
  const isChange =
    base === null ||
    changes.length > 0 ||
    (snapshots ?? []).some(({ rebuild }) => rebuild !== false)
  return planNext({ kind: isChange ? 'same-version' : 'nothing', target })
}

function plannedSnapshots(
  { selected, excluded, misfits, undecided }: PlanSelection,
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
    ...[...selected, ...undecided.map((one) => ({ ...one, source: null }))].map(
      ({ snapshot, source, declaration }) => {
        const execute = policy === 'all' || (policy === 'declared' && declaration !== undefined)
        return {
          ...named(snapshot),
          status: 'planned' as const,
          source: source?.name ?? null,
          rebuild: carriesOther(snapshot.version, target),
          execute,
          parameters: execute ? (declaration?.smoke?.parameters ?? null) : null,
          steps: execute ? (declaration?.smoke?.steps ?? null) : null,
          config: declaration?.config?.[environment] ?? null,
          message: null,
        }
      },
    ),
    ...excluded.map(({ snapshot, reason }) =>
      leftAlone(snapshot, 'excluded', excludedWords(reason)),
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
