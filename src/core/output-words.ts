import { ENVIRONMENTS } from './environments.ts'
import { OUTCOMES } from './outcomes.ts'
import { REASONS } from './reasons.ts'

/**
 * Fixed words of results, job outputs and paths. A secret that is part of one of them cannot be
 * distinguished from it.
 */
export const OUTPUT_WORDS: readonly string[] = [
  ...OUTCOMES,
  ...Object.keys(REASONS),
  ...ENVIRONMENTS,
  'zenml-upgrade-report',
].sort()
