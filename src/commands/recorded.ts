import { ENVIRONMENTS } from '../config/environments.ts'
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
    const attempt = attemptFor(await store.list(environment), { tested: content.tested, targetVersion: content.target })
    if (attempt !== undefined) results.push(...recordedResults(attempt, __VERSION__))
  }
  return results
}
