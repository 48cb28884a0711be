import { parseJson } from '../core/json.ts'
import * as z from 'zod'
import type { Environment } from '../core/environments.ts'
import type { SourceRevision } from '../state/content-digest.ts'
import { Stop } from '../core/stop.ts'

/**
 * Commits by name of source, which hold for an environment instead of what its refs point at now.
 */
export interface Pins {
  readonly environment: Environment | undefined
  readonly commits: ReadonlyMap<string, string>
}

const pinsSchema = z.record(z.string(), z.string().regex(/^[0-9a-f]{40}$/))

/** The input `sources`. @throws Stop `invalid-input` */
export function readPins(environment: Environment | undefined, input: string | undefined): Pins {
  if (input === undefined) return { environment, commits: new Map() }
  const parsed = pinsSchema.safeParse(parseJson(input))
  if (parsed.success) return { environment, commits: new Map(Object.entries(parsed.data)) }
  throw new Stop(
    'invalid-input',
    `input sources is ${JSON.stringify(input.slice(0, 200))}; it must be JSON such as {"churn":"<40 hexadecimal digits>"}`,
    {
      next: 'Give it the output `sources` of an earlier job, or leave it out.',
      cause: parsed.error,
    },
  )
}

/**
 * @throws Stop `invalid-input` for a name that is none of the sources in other repositories: it
 * would be passed over in silence.
 */
export function assertKnown({ commits }: Pins, sources: readonly string[]): void {
  const [unknown] = [...commits.keys()].filter((name) => !sources.includes(name))
  if (unknown === undefined) return
  const known =
    sources.length === 0
      ? 'the file has no source in another repository'
      : `those in other repositories are ${sources.join(', ')}`
  throw new Stop('invalid-input', `input sources names ${JSON.stringify(unknown)}, and ${known}`, {
    next: 'Give it the output `sources` of an earlier job of this run, or leave it out.',
  })
}

/** The output `sources`; nothing where all code is in this repository. */
export function pinsOf(revisions: readonly SourceRevision[]): string | undefined {
  return revisions.length === 0
    ? undefined
    : JSON.stringify(Object.fromEntries(revisions.map(({ name, commit }) => [name, commit])))
}
