import type { RunReport } from '../result/run.ts'
import { endOf } from '../runs/status.ts'
import type { JobFailure } from '../zenml-client/protocol.ts'
import type { Problem } from './blueprint.ts'
import { carries } from './versions.ts'

/** Why a finished run proves nothing, or undefined when it ran to its end with the target. Pure. */
export function runProblem(
  run: RunReport,
  target: string,
): { readonly message: string; readonly next: string } | undefined {
  const named = `The run ${run.name} (${run.id})`
  if (run.status === 'cached' || run['all-cached'] === true) {
    return {
      message: `${named} took every step from the cache; nothing ran.`,
      next: 'Remove what turns caching on for its steps in `smoke.steps`.',
    }
  }
  if (run.status !== 'completed') {
    const where = run['failed-step'] === null ? '' : ` in step ${run['failed-step']}`
    const why = run.exception === null ? '' : `: ${run.exception}`
    return {
      message: `${named} ended as ${run.status}${where}${why}`,
      next: run.url === null ? 'Read the logs of the run.' : `Read the logs of the run: ${run.url}`,
    }
  }
  const version = run['zenml-version']
  if (version === null) {
    return {
      message: `${named} completed, but does not say which ZenML version it used.`,
      next: 'Read the logs of the run.',
    }
  }
  if (!carries(version, target)) {
    return {
      message: `${named} completed, but with ZenML ${version} and not ${target}.`,
      next: 'Look at what its image is built from: `parent_image` and the requirements of its docker settings.',
    }
  }
  return undefined
}

interface FailedRun {
  readonly failure: Pick<JobFailure, 'kind' | 'error'>
  /** What the server knows of the run; null when it never got there. */
  readonly run: RunReport | null
  readonly target: string
}

/**
 * Judges a run from source whose process failed. The exception is the one that the server recorded,
 * else the one that ended the process: a server records none when no step failed. `problem` is that
 * of the process alone.
 */
export function failedFromSource(
  problem: Problem,
  { failure, run, target }: FailedRun,
): { readonly run: RunReport | null; readonly problem: Problem } {
  if (run === null || failure.kind !== 'run') return { run, problem }
  const explained = { ...run, exception: run.exception ?? failure.error }
  // A run that has not ended on the server says nothing about how its process ended.
  const verdict = endOf(run.status) === 'failed' ? runProblem(explained, target) : undefined
  return { run: explained, problem: { ...problem, message: verdict?.message ?? problem.message } }
}
