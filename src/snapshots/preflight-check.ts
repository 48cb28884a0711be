import { snapshotKey } from '../core/snapshot-key.ts'
import { outcomeOf, REASONS, type ReasonCode } from '../core/reasons.ts'
import type { Check } from '../result/common.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import type { SnapshotsOutcome } from './modes.ts'

/** Makes the check of an upgrade out of a plan of the snapshots: does each import with the target? */
export function snapshotsCheck({ code, summary, next, details }: SnapshotsOutcome): Check {
  if (details.discovered === null)
    return { name: 'snapshots', status: 'not-checked', message: summary }
  if (outcomeOf(code) !== 'failure')
    return { name: 'snapshots', status: 'passed', message: summary }
  const failed = details.snapshots.filter(({ status }) => status === 'failed' || status === 'lost')
  return {
    name: 'snapshots',
    status: 'failed',
    message: [summary, ...byMessage(failed)].join('\n'),
    next: next ?? 'Mend or exclude what is named; nothing was changed.',
  }
}

const MOST_NAMES = 5

/** One line for each message: all snapshots of a machine without a container engine have the same. */
function byMessage(failed: readonly SnapshotReport[]): string[] {
  const names = new Map<string, string[]>()
  for (const report of failed) {
    const text = report.message ?? 'unknown'
    names.set(text, [...(names.get(text) ?? []), snapshotKey(report)])
  }
  return [...names].map(([message, keys]) => {
    const more = keys.length - MOST_NAMES
    const shown = keys.slice(0, MOST_NAMES).join(', ')
    return `${more > 0 ? `${shown} and ${more} more` : shown}: ${message}`
  })
}

/**
 * Makes the check of an upgrade out of the plan that an earlier job of the run made. `plan` is its
 * reason code, or how the job ended without one; `run` is the page of the run.
 */
export function checkOfEarlierPlan(plan: string, run: string | undefined): Check {
  const name = 'snapshots'
  // A job that GitHub cancelled ends with the word of one of our codes, and left no result.
  if (!isReasonCode(plan) || plan === 'cancelled')
    return {
      name,
      status: 'failed',
      message: `The earlier job that plans the snapshots left no result (${plan}), so whether they can be rebuilt was not measured.`,
      next: `${openRun(run)}fix what stopped that job, then re-run all jobs. Nothing was changed.`,
    }
  const { outcome, sentence, next } = REASONS[plan]
  const message = `An earlier job of this run planned them: ${sentence} (${plan})`
  if (outcome === 'success' || outcome === 'noop') return { name, status: 'passed', message }
  return {
    name,
    status: 'failed',
    message,
    next: `${openRun(run)}read the result of that job. ${next}`,
    // A snapshot that cannot be rebuilt is a failed check; what could not be measured stays so.
    ...(outcome === 'failure' ? {} : { 'reason-code': plan }),
  }
}

function openRun(run: string | undefined): string {
  return run === undefined ? 'Look at the run, ' : `Open ${run}, `
}

function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(REASONS, text)
}

interface NamesPython {
  readonly python?: string | undefined
}

/** Lists every Python that a source names or a snapshot was built with, each once. */
export function namedPythons(
  sources: readonly NamesPython[],
  snapshots: readonly NamesPython[],
): string[] {
  const named = [...sources, ...snapshots]
    .map(({ python }) => python)
    .filter((python) => python !== undefined)
  return [...new Set(named)].sort()
}
