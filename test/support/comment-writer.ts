import { writeComment, type CommentResult } from '../../src/github/comment.ts'
import type { Environment } from '../../src/core/environments.ts'
import type { Github } from '../../src/github/client.ts'
import { draft, KEY, stamp } from './comment-drafts.ts'
import type { GithubPlace } from './github-place.ts'
import { testMachine, type TestMachine } from './machine.ts'
import type { SimulatedTime } from './simulated-time.ts'

/** The newest round that each environment's record knows of: what every run can read. */
export type Records = Partial<Record<Environment, number>>

export interface Writer {
  readonly environment: Environment
  readonly github: Github
  readonly machine: TestMachine
  /** Ids of the comments that it created, and wanted to delete, also where the answer was lost. */
  readonly created: Set<number>
  readonly deleted: Set<number>
}

interface WriterOptions {
  readonly environment: Environment
  readonly time: SimulatedTime
  /** How long a request, or its answer, is on its way, in milliseconds. */
  readonly delay: () => number
}

/** A run that reports in a simulated time, over a slow network. */
export async function commentWriter(
  place: GithubPlace,
  { environment, time, delay }: WriterOptions,
): Promise<Writer> {
  const plain = testMachine()
  const machine: TestMachine = {
    ...plain,
    now: () => time.now,
    monotonic: () => time.now.getTime() / 1000,
    sleep: async (seconds) => {
      await time.sleep(seconds * 1000)
      plain.signal.throwIfAborted()
    },
  }
  const { github } = await place.job({ machine })
  const writer: Writer = {
    environment,
    github,
    machine,
    created: new Set(),
    deleted: new Set(),
  }
  github.octokit.hook.wrap('request', async (request, options) => {
    await time.sleep(delay())
    const before = idsOf(place)
    try {
      return await request(options)
    } finally {
      if (options.method === 'POST')
        for (const id of idsOf(place)) if (!before.has(id)) writer.created.add(id)
      if (options.method === 'DELETE') writer.deleted.add(Number(options['comment_id']))
      await time.sleep(delay())
    }
  })
  return writer
}

/** Writes the comment for a round: what all records know by then, and which run says so. */
export async function writeRound(
  { environment, github }: Writer,
  { place, records, round }: { place: GithubPlace; records: Records; round: number },
): Promise<CommentResult> {
  records[environment] = round
  return writeComment(github, {
    pullRequest: place.promotion,
    key: KEY,
    compose: () =>
      Promise.resolve(
        draft(stamp(records.staging, records.production), [`run ${environment}-${round}`]),
      ),
  })
}

function idsOf({ repository }: GithubPlace): Set<number> {
  return new Set(repository.comments.map(({ id }) => id))
}
