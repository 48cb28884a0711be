import { ENVIRONMENTS, type Environment } from '../../core/environments.ts'
import type { GithubWarning } from '../../github/errors.ts'
import type { Stamp } from '../../github/evidence-version.ts'
import { newestEvidence } from '../../state/attempt.ts'
import { beyondFiles, historyOf, resultsAbout } from '../../state/results.ts'
import type { FoundResults } from '../../result/read-results.ts'
import type { Result } from '../../result/result.ts'
import { asWarning } from '../../session/as-warning.ts'
import type { Content } from '../../session/content.ts'
import type { Place } from '../../state/backend.ts'

/** What the record says, for a report. */
export interface Recorded {
  /** About exactly this content. Attempts about other content belong to other pull requests. */
  readonly results: readonly Result[]
  /** About these servers, whatever the content: to show, and no evidence. */
  readonly history: readonly Result[]
}

/** Reads what earlier runs found out on the servers of both environments. */
export async function recordedHistory({ store }: Place): Promise<Result[]> {
  const attempts = await Promise.all(ENVIRONMENTS.map((environment) => store.list(environment)))
  return attempts.flatMap((list) => historyOf(list, __VERSION__))
}

/**
 * Reads what the record says about this content in both environments. Where other repositories cannot be read as one environment
 * gets them, its record is found only if the other one gets the same; `note` is told.
 */
async function recorded(
  place: Place,
  content: Content | undefined,
  note: (warning: GithubWarning) => void,
): Promise<Recorded> {
  if (content === undefined) return { results: [], history: [] }
  const attempts = {
    staging: await place.store.list('staging'),
    production: await place.store.list('production'),
  }
  if (attempts.staging.length + attempts.production.length === 0)
    return { results: [], history: [] }
  const digests: Partial<Record<Environment, string>> = {}
  for (const environment of ENVIRONMENTS) {
    const read = await asWarning(
      `what ${environment} gets from other repositories is not known`,
      () => content.testedIn(environment),
    )
    if ('value' in read) digests[environment] = read.value.tested
    else note(read.warning)
  }
  return {
    results: resultsAbout(attempts, { digests, target: content.target, tool: __VERSION__ }),
    history: await recordedHistory(place),
  }
}

/** The results of this run, with what the record says beyond them. @throws GithubError */
export async function withRecord(
  { place, found }: { readonly place: Place; readonly found: FoundResults },
  content: Content | undefined,
  note: (warning: GithubWarning) => void,
): Promise<Recorded> {
  const { results, history } = await recorded(place, content, note)
  return { results: [...found.results, ...beyondFiles(results, found.results)], history }
}

/**
 * How far the record was read, of whatever content: who has read further may write over a comment.
 * Result files do not count, because another run could never read what is only in them.
 */
export async function recordStamp({ store }: Place): Promise<Stamp> {
  const known = await Promise.all(
    ENVIRONMENTS.map(
      async (environment) => [environment, newestEvidence(await store.list(environment))] as const,
    ),
  )
  return Object.fromEntries(known.filter(([, newest]) => newest !== undefined))
}
