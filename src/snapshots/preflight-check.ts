import { outcomeOf } from '../core/reasons.ts'
import type { Check } from '../result/common.ts'
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
    message: [
      summary,
      ...failed.map(
        ({ project, pipeline, name, message }) =>
          `${project}/${pipeline}/${name}: ${message ?? 'unknown'}`,
      ),
    ].join('\n'),
    next: next ?? 'Mend or exclude what is named; nothing was changed.',
  }
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
