/** What a run's status word means. */
export type RunEnd = 'succeeded' | 'failed' | 'stopped'

const ENDS: Readonly<Record<string, RunEnd>> = {
  completed: 'succeeded',
  cached: 'succeeded',
  skipped: 'succeeded',
  failed: 'failed',
  retried: 'failed',
  stopped: 'stopped',
  cancelled: 'stopped',
}

/**
 * How a run has ended, or undefined while it goes on. A word that a newer ZenML added counts as
 * going on, until the time-out.
 */
export function endOf(status: string): RunEnd | undefined {
  return Object.hasOwn(ENDS, status) ? ENDS[status] : undefined
}
