import { join } from 'node:path'
import { parse } from 'yaml'
import type { Config } from '../../config/schema.ts'
import { readTextFile } from '../../config/read-file.ts'
import type { Check } from '../../result/common.ts'

/**
 * A soak or a freeze ends while nobody pushes: only a scheduled run goes on then. `workflow` is the
 * path of the running workflow's file.
 */
export async function scheduleCheck(
  workingDirectory: string,
  { promotion }: Config,
  workflow: string | undefined,
): Promise<Check[]> {
  if (promotion.soak === 0 && promotion.freeze.length === 0) return []
  const name = 'schedule'
  const what = promotion.soak > 0 ? 'the soak' : 'a freeze'
  const read =
    workflow === undefined ? undefined : await readTextFile(join(workingDirectory, workflow))
  if (workflow === undefined || read?.text === undefined)
    return [
      {
        name,
        status: 'not-checked',
        message: `whether a schedule goes on when ${what} is over cannot be seen from here`,
      },
    ]
  return [
    hasSchedule(read.text)
      ? {
          name,
          status: 'passed',
          message: `the schedule of ${workflow} goes on when ${what} is over`,
        }
      : {
          name,
          status: 'warning',
          message: `${workflow} has no schedule: when ${what} is over, nothing goes on by itself`,
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
