import type { GithubEvent } from './event.ts'

/**
 * Names the person who runs a command: on GitHub who dispatched the run, elsewhere the user of the
 * machine. Undefined for a run that no person started.
 */
export function personOf(
  event: GithubEvent | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (event === undefined) return env['USER'] ?? env['LOGNAME'] ?? 'a user of this machine'
  return event.kind === 'dispatch' ? event.actor : undefined
}
