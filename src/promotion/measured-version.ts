import { sameVersion } from '../core/versions.ts'
import { GOOD_FOR_HOURS } from '../result/freshness.ts'
import type { Result } from '../result/result.ts'
import type { Reported } from './conditions.ts'

/**
 * Finds what the staging server said last to the commands of a run, which ask it with the key, from
 * where it can be reached; undefined when none of them asked.
 */
export function measuredVersion(own: readonly Result[]): Reported | undefined {
  const versions = own
    .filter(({ environment }) => environment === 'staging')
    .sort((a, b) => Date.parse(a.ended) - Date.parse(b.ended))
    .flatMap((result) => {
      if (result.command === 'run-smoke-suite' || result.command === 'rebuild-snapshots')
        return result.details?.['zenml-version'] ?? []
      // After a failure the server may be anything.
      return result.command === 'upgrade-workspace' &&
        result.outcome !== 'failure' &&
        result.outcome !== 'inconclusive' &&
        result.outcome !== 'cancelled'
        ? (result.details?.['to-version'] ?? [])
        : []
    })
  const version = versions.at(-1)
  return version === undefined ? undefined : { version }
}

/**
 * Reads what a job that reaches the staging server asked it for the file of this commit; undefined
 * where its result is about another commit or target, or too old.
 */
export function versionAskedFor(
  result: Result | undefined,
  { sha, target }: { readonly sha: string | null; readonly target: string },
  now: Date,
): Reported | undefined {
  if (
    sha === null ||
    result?.command !== 'promote' ||
    result.environment !== 'staging' ||
    result.details?.sha !== sha ||
    !sameVersion(result.details['target-version'] ?? '', target)
  )
    return undefined
  const age = now.getTime() - Date.parse(result.ended)
  // An answer from the future is of a clock that is wrong: how old it is was not measured.
  if (age < 0 || age > GOOD_FOR_HOURS * 3600 * 1000) return undefined
  const { 'server-version': version = null, 'server-id': id = null } = result.details
  return version === null ? undefined : { version, ...(id === null ? {} : { id }) }
}
