import { ENVIRONMENTS } from '../config/environments.ts'
import type { Stamp } from '../github/evidence-stamp.ts'
import { newestEvidence } from '../record/attempt.ts'
import { attemptFor } from '../record/evidence.ts'
import { recordedResults } from '../record/results.ts'
import type { Result } from '../report/model.ts'
import type { Content } from './content.ts'
import type { Place } from './place.ts'

/** What the record says about exactly this content, in both environments. Attempts about other content belong to other pull requests. */
export async function recorded({ store }: Place, content: Content | undefined): Promise<Result[]> {
  if (content === undefined) return []
  const results: Result[] = []
  for (const environment of ENVIRONMENTS) {
    const { tested } = await content.testedIn(environment)
    const attempt = attemptFor(await store.list(environment), { tested, targetVersion: content.target })
    if (attempt !== undefined) results.push(...recordedResults(attempt, __VERSION__))
  }
  return results
}

/**
 * How far the record was read, of whatever content: who has read further may write over a comment. Result files do not count, because another
 * run could never read what is only in them.
 */
export async function recordStamp({ store }: Place): Promise<Stamp> {
  const known = await Promise.all(ENVIRONMENTS.map(async (environment) => [environment, newestEvidence(await store.list(environment))] as const))
  return Object.fromEntries(known.filter(([, newest]) => newest !== undefined))
}
