import type { RunReport } from '../result/run.ts'
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
