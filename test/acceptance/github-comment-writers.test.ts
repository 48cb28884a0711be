import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addComment } from '../../src/demo/fake-github/comments.ts'
import type { CommentResult } from '../../src/github/comment.ts'
import { closeHttp } from '../../src/http/http.ts'
import { draft, stamp } from '../support/comment-drafts.ts'
import { commentWriter, writeRound, type Records } from '../support/comment-writer.ts'
import { GITHUB_ACTIONS, githubPlace, type GithubPlace } from '../support/github-place.ts'
import { seededRandom } from '../support/random.ts'
import { SimulatedTime } from '../support/simulated-time.ts'

// Two runs report at the same moment, over a slow network that loses answers, to a GitHub whose
// lists lag behind. The time is simulated: each test plays about a quarter of an hour.
jest.setTimeout(120_000)

const START = new Date('2026-11-23T12:00:00Z')
const ROUNDS = 100

let place: GithubPlace
let time: SimulatedTime
beforeEach(async () => {
  place = await githubPlace()
  place.state.behaviour.rateLimit = Infinity
  time = new SimulatedTime(START, (now) => {
    place.state.now = now.toISOString()
  })
})
afterEach(async () => {
  await place.fake.close()
  await closeHttp()
})

const ours = () => place.repository.comments.filter(({ user }) => user === 'github-actions[bot]')
const heading = (body = '') => body.split('\n')[2]

interface Network {
  readonly random: () => number
  readonly longestDelay: number
  /** Of every hundred requests of a kind, so many lose their answer. */
  readonly lost: number
}

function loseAnswers({ random, lost }: Network): void {
  place.state.faults = ['GET', 'POST', 'PATCH', 'DELETE'].flatMap((method) =>
    Array.from({ length: 4 }, (_, skip) => ({ method, skip, random: random() }))
      .filter(({ random: drawn }) => drawn * 100 < lost)
      .map(({ skip }) => ({ method, skip, taken: random() < 0.5, answer: 'cut' as const })),
  )
}

/** Lets a run of each environment report at about the same moment. */
async function roundOf(round: number, records: Records, network: Network) {
  const delay = () => Math.floor(network.random() * network.longestDelay)
  const writers = [
    await commentWriter(place, { environment: 'staging', time, delay }),
    await commentWriter(place, { environment: 'production', time, delay }),
  ]
  loseAnswers(network)
  const ends = await Promise.all(
    writers.map((writer) =>
      time.live(async (): Promise<CommentResult> => {
        await time.sleep(delay())
        return writeRound(writer, { place, records, round })
      }),
    ),
  )
  return { writers, ends }
}

const CASES = ['no comment yet', 'an earlier comment'].flatMap((start) =>
  [0, 20].map((lost) => [start, lost] as const),
)

describe('two runs that report at once', () => {
  it.each(CASES)(
    'leave one comment and lose nothing in 100 rounds with %s and %d %% of the answers lost',
    async (start, lost) => {
      const random = seededRandom(lost + start.length)
      for (let round = 1; round <= ROUNDS; round += 1) {
        place.repository.comments = []
        place.repository.earlierComments = []
        place.state.behaviour.commentListLagMilliseconds = Math.floor(random() * 401)
        const records: Records = {}
        if (start === 'an earlier comment') {
          addComment(
            place.state,
            place.repository,
            place.promotion,
            draft(stamp(0)).body,
            GITHUB_ACTIONS,
          )
          records.staging = 0
        }
        const [oldest] = ours()
        const { writers, ends } = await roundOf(round, records, {
          random,
          longestDelay: 300,
          lost,
        })
        expect(ends.filter(({ kind }) => kind === 'not-written')).toEqual([])
        expect(ours()).toHaveLength(1)
        const [comment] = ours()
        expect([round, heading(comment?.body)]).toEqual([
          round,
          `### staging s${round}, production p${round}`,
        ])
        if (oldest !== undefined) expect(comment?.id).toBe(oldest.id)
        for (const { created, deleted } of writers)
          expect([...deleted].filter((id) => !created.has(id))).toEqual([])
        expect(comment?.id).toBe(
          Math.min(
            ...(oldest === undefined ? [] : [oldest.id]),
            ...writers.flatMap(({ created }) => [...created]),
          ),
        )
      }
    },
  )
})
