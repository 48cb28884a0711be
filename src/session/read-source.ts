import type { Source } from '../config/schema.ts'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { fixedPauses, retry } from '../http/backoff.ts'
import { GitReadError } from '../git/remote-git.ts'

/** A source whose code is in another repository. */
export type SourceElsewhere = Source & { readonly repository: string }

export function isElsewhere(source: Source): source is SourceElsewhere {
  return source.repository !== undefined
}

const PAUSES_SECONDS = [2, 10]

/**
 * How a commit that is read was found: `named` by the file, `pinned` by an earlier job, or
 * `recorded` by a snapshot.
 */
type CommitOrigin = 'named' | 'pinned' | 'recorded'

/**
 * Reads another repository; what may pass by itself is tried again. @throws Stop
 * `source-unreachable`, `source-missing`
 */
export async function readSource<T>(
  source: SourceElsewhere,
  machine: Machine,
  work: () => Promise<T>,
  origin: CommitOrigin = 'named',
): Promise<T> {
  const what = `read the repository ${source.repository}`
  return retry(machine, fixedPauses(PAUSES_SECONDS), async () => {
    try {
      return { done: await machine.log.progress(what, work) }
    } catch (error) {
      if (!(error instanceof GitReadError)) throw error
      const giveUp = () => {
        throw stopFor(source, error, origin)
      }
      if (error.kind !== 'passing') return giveUp()
      const onPause = (seconds: number) => {
        machine.log.warn(
          `source ${source.name}: ${source.repository} did not answer (${error.message}); once more in ${seconds} s`,
        )
      }
      return { again: {}, giveUp, onPause }
    }
  })
}

function stopFor(source: SourceElsewhere, cause: GitReadError, origin: CommitOrigin): Stop {
  const { name, repository } = source
  if (cause.kind === 'no-commit' && origin === 'recorded')
    return missing(
      source,
      `${repository} no longer has that commit`,
      'Set `code: branch` for the snapshots that were made from it.',
    )
  if (cause.kind === 'no-commit' && origin === 'named')
    return missing(
      source,
      `${repository} does not have the commit that \`ref\` names`,
      `Correct \`ref\` of the source ${name}.`,
    )
  const next = {
    refused: `Give a token that reads ${repository} as the secret ZENML_UPGRADE_SOURCES_TOKEN, or install the GitHub App there; the job that runs the smoke suite gets no key of an app. By hand, let \`git ls-remote\` of it work.`,
    passing: 'Check the network and the proxy from this machine, then run again.',
    'no-commit': `The commit that an earlier job looked up is gone from ${repository}: run all jobs again, not the failed ones alone.`,
    other: 'Read what git says, then run again.',
  }[cause.kind]
  return new Stop(
    'source-unreachable',
    `source ${name}: the repository ${repository} could not be read: ${cause.message}`,
    { next, cause },
  )
}

export function missing({ name }: SourceElsewhere, what: string, next: string): Stop {
  return new Stop('source-missing', `source ${name}: ${what}`, { next })
}

/** Whether nobody let us read the repository: that says nothing about what is in it. */
export function isRefused(error: unknown): error is Stop {
  return (
    error instanceof Stop &&
    error.code === 'source-unreachable' &&
    error.cause instanceof GitReadError &&
    error.cause.kind === 'refused'
  )
}
