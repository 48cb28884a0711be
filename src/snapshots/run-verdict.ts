import { minute, sentence } from '../core/text.ts'
import type { EarlierRun, RunReport } from '../result/run.ts'
import { endOf } from '../runs/status.ts'
import type { JobFailure } from '../zenml-client/job-values.ts'
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

/**
 * Says what the last run of the snapshot before its rebuild came to. Its time and version say whether
 * it was before the upgrade: a trigger may start the old snapshot after it. `earlier` is null where
 * there is none, and undefined where the server could not be asked. Pure.
 */
export function comparedWithEarlier(earlier: EarlierRun | null | undefined): string {
  if (earlier === undefined) return 'Whether it ran before its rebuild could not be read.'
  if (earlier === null) return 'There is no run from before its rebuild to compare it with.'
  const about = [minute(earlier.started), ...versionOf(earlier)].join(', ')
  const run = `${earlier.name} (${about})`
  const subject =
    earlier.of === 'snapshot'
      ? 'The last run before its rebuild'
      : 'The last run of its pipeline with another client'
  if (endOf(earlier.status) !== 'failed') {
    const end = earlier.status === 'completed' ? 'completed' : `ended as ${earlier.status}`
    return `${subject}, ${run}, ${end}.`
  }
  const where = earlier['failed-step'] === null ? '' : ` in step ${earlier['failed-step']}`
  const why = earlier.exception === null ? '' : `: ${earlier.exception}`
  const end = `${run} ended as ${earlier.status}${where}${why}`
  return earlier.of === 'snapshot'
    ? sentence(`It failed before its rebuild too: ${end}`)
    : sentence(`${subject} failed too: ${end}`)
}

function versionOf(run: EarlierRun): string[] {
  return run['zenml-version'] === null ? [] : [`ZenML ${run['zenml-version']}`]
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
