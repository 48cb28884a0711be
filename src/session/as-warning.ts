import { orWarning, type GithubWarning } from '../github/errors.ts'
import { Stop } from '../core/stop.ts'

/**
 * Runs `work`; what GitHub refuses becomes a warning, also another repository that cannot be read.
 * Anything else is thrown on.
 */
export async function asWarning<T>(
  what: string,
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly warning: GithubWarning }> {
  try {
    return await orWarning(what, work)
  } catch (error) {
    if (
      !(error instanceof Stop) ||
      (error.code !== 'source-unreachable' && error.code !== 'source-missing')
    )
      throw error
    return {
      warning: { message: `${what}: ${error.message}`, next: error.next ?? 'Run this again.' },
    }
  }
}
