import type { Environment } from '../core/environments.ts'
import type { Result } from '../result/result.ts'

/** Something that took time, for a chart. */
export interface Task {
  /** null: of no one environment. */
  readonly environment: Environment | null
  readonly name: string
  /** ISO 8601, UTC. */
  readonly start: string
  readonly seconds: number
  readonly failed: boolean
}

/** Returns what took how long, in the order of its start; nothing of results without times. */
export function tasksOf(results: readonly Result[]): Task[] {
  return results.flatMap(tasksOfResult).sort((a, b) => Date.parse(a.start) - Date.parse(b.start))
}

const NAMES = { 'run-smoke-suite': 'smoke suite', 'rebuild-snapshots': 'snapshots' } as const

function tasksOfResult(result: Result): Task[] {
  const { environment } = result
  if (result.command === 'upgrade-workspace')
    return (result.details?.phases ?? [])
      .filter(({ status }) => status !== 'skipped')
      .map(({ name, started, seconds, status }) => ({
        environment,
        name,
        start: started,
        seconds,
        failed: status === 'failed',
      }))
  if (result.command !== 'run-smoke-suite' && result.command !== 'rebuild-snapshots') return []
  const seconds = (Date.parse(result.ended) - Date.parse(result.started)) / 1000
  // A record does not say how long it took, and neither do times between which a clock was set back.
  if (seconds <= 0) return []
  const shard = result.command === 'rebuild-snapshots' ? (result.details?.shard ?? null) : null
  return [
    {
      environment,
      name: `${NAMES[result.command]}${shard === null ? '' : ` ${shard}`}`,
      start: result.started,
      seconds,
      failed: result.outcome === 'failure',
    },
  ]
}
