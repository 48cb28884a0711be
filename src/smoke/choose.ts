import type { SmokeSuite, Source } from '../config/schema.ts'
import { Stop } from '../core/stop.ts'

const DEFAULT_TIMEOUT_SECONDS = 1800

/** What the inputs say about the suites. */
interface Wanted {
  readonly command: string | undefined
  readonly junit: string | undefined
  readonly timeoutSeconds: number | undefined
}

/**
 * Chooses the suites to run: a command of the inputs replaces the list of the file, and runs in the
 * first source; a time-out of the inputs shortens those of the file.
 * @throws Stop `invalid-input`
 */
export function suitesToRun(
  named: readonly SmokeSuite[],
  { command, junit, timeoutSeconds }: Wanted,
): SmokeSuite[] {
  if (command !== undefined) {
    return [
      {
        command,
        timeout: timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
        ...(junit === undefined ? {} : { junit }),
      },
    ]
  }
  if (junit !== undefined)
    throw new Stop(
      'invalid-input',
      'input junit is given without input command; the file names the JUnit file of each of its suites',
    )
  return named.map((suite) =>
    timeoutSeconds === undefined
      ? suite
      : { ...suite, timeout: Math.min(timeoutSeconds, suite.timeout) },
  )
}

/** Finds the source of a suite: the one it names, else the first. */
export function sourceOf(sources: readonly Source[], suite: SmokeSuite): Source {
  const source = sources.find(({ name }) => name === suite.source) ?? sources[0]
  if (source === undefined) throw new Error('the schema demands a source')
  return source
}

/** Finds the value that is there most often, the first among equals; undefined without any. */
export function commonest(values: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string, number>()
  for (const value of values)
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0]
}
