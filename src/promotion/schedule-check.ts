import { parse } from 'yaml'
import type { Config } from '../config/schema.ts'
import type { Check } from '../result/common.ts'

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
 * Checks that something goes on when a soak or a freeze is over: both end while no one pushes, and
 * then only a scheduled run goes on. `workflow` is the running one, as far as it is known.
 */
export function scheduleCheck(
  promotion: Config['promotion'],
  workflow: Workflow | undefined,
  { base, defaultBranch }: ScheduledBranch,
): Check[] {
  if (promotion.soak === 0 && promotion.freeze.length === 0) return []
  const name = 'schedule'
  const what = promotion.soak > 0 ? 'the soak' : 'a freeze'
  if (workflow === undefined)
    return [
      {
        name,
        status: 'not-checked',
        message: `whether a schedule goes on when ${what} is over cannot be seen from here`,
      },
    ]
  const runsElsewhere = defaultBranch !== undefined && defaultBranch !== base
  if (hasSchedule(workflow.text) && runsElsewhere)
    return [
      {
        name,
        status: 'warning',
        message: `GitHub runs the schedule of ${workflow.path} on the default branch ${defaultBranch} only, and ${base} deploys production: when ${what} is over, nothing goes on by itself`,
        next: `Make ${base} the default branch, or dispatch the workflow on ${base} when ${what} is over.`,
      },
    ]
  return [
    hasSchedule(workflow.text)
      ? {
          name,
          status: 'passed',
          message: `the schedule of ${workflow.path} goes on when ${what} is over`,
        }
      : {
          name,
          status: 'warning',
          message: `${workflow.path} has no schedule: when ${what} is over, nothing goes on by itself`,
          next: 'Add `schedule: [{cron: "17 * * * *"}]` under `on:`, and let it start the promotion.',
        },
  ]
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
