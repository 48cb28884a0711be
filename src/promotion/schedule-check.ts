import { parse } from 'yaml'
import type { Config } from '../config/schema.ts'
import type { PlanCheckFact } from '../report/plan-fact.ts'

/** GitHub runs schedules on the default branch only. */
export interface ScheduledBranch {
  /** The branch that deploys production. */
  readonly base: string
  /** Undefined where it is not known. */
  readonly defaultBranch: string | undefined
}

/** A file of a workflow. */
export interface Workflow {
  readonly path: string
  readonly text: string
}

/**
 * Checks that something continues when a soak or a freeze is over: both end while no one pushes, and
 * then only a scheduled run continues. `workflow` is the running one, as far as it is known.
 */
export function scheduleCheck(
  promotion: Config['promotion'],
  workflow: Workflow | undefined,
  { base, defaultBranch }: ScheduledBranch,
): PlanCheckFact[] {
  if (promotion.soak === 0 && promotion.freeze.length === 0) return []
  const pause = promotion.soak > 0 ? 'soak' : 'freeze'
  if (workflow === undefined) return [{ kind: 'schedule-unknown', pause }]
  const about = { pause, workflow: workflow.path } as const
  if (!hasSchedule(workflow.text)) return [{ kind: 'no-schedule', ...about }]
  return defaultBranch !== undefined && defaultBranch !== base
    ? [{ kind: 'schedule-on-other-branch', ...about, defaultBranch, base }]
    : [{ kind: 'schedule', ...about }]
}

function hasSchedule(text: string): boolean {
  try {
    const workflow: unknown = parse(text)
    const on: unknown =
      typeof workflow === 'object' && workflow !== null
        ? (workflow as Readonly<Record<string, unknown>>)['on']
        : undefined
    return typeof on === 'object' && on !== null && 'schedule' in on
  } catch {
    return false // GitHub itself says what is wrong with it
  }
}
