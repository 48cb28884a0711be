import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addComment, deleteComment } from '../../src/demo/fake-github/comments.ts'
import type { Comment, Fault } from '../../src/demo/fake-github/state.ts'
import { writeComment } from '../../src/github/comment.ts'
import type { Stamp } from '../../src/github/evidence-version.ts'
import { closeHttp } from '../../src/http/http.ts'
import { draft, KEY, LIST, ONE, stamp } from '../support/comment-drafts.ts'
import { GITHUB_ACTIONS, githubPlace, OCTOCAT, type GithubPlace } from '../support/github-place.ts'
import { testMachine, type TestMachine } from '../support/machine.ts'

// A second comment of ours: where it comes from, and who deletes it.
jest.setTimeout(30_000)

const START = '2026-11-23T12:00:00.000Z'

let place: GithubPlace
beforeEach(async () => {
  place = await githubPlace()
})
afterEach(async () => {
  await place.fake.close()
  await closeHttp()
})

const ours = () => place.repository.comments.filter(({ user }) => user === 'github-actions[bot]')
const headings = () => ours().map(({ body }) => body.split('\n')[2])
const ids = (comments: readonly Comment[]) => comments.map(({ id }) => id)
const deletions = () => place.routes().filter((route) => route === `DELETE ${ONE}`)
const later = (seconds: number) => new Date(Date.parse(START) + seconds * 1000).toISOString()

/** Another run creates a comment. */
const another = (known: Stamp, lines?: readonly string[]) =>
  addComment(
    place.state,
    place.repository,
    place.promotion,
    draft(known, lines).body,
    GITHUB_ACTIONS,
  )

interface Happening {
  readonly afterSeconds: number
  readonly happens: () => void
}

/** A machine whose time is GitHub's too; what happens meanwhile happens while it sleeps. */
function machineWith(...happenings: readonly Happening[]): TestMachine {
  const machine = testMachine()
  const left = [...happenings]
  return {
    ...machine,
    sleep: async (seconds) => {
      await machine.sleep(seconds)
      const elapsed = machine.monotonic()
      while (left[0] !== undefined && left[0].afterSeconds <= elapsed) left.shift()?.happens()
      place.state.now = later(elapsed)
    },
  }
}

/** Lets GitHub refuse every request of a kind from now on, but for the first few. */
function refuse({ status, ...which }: { status: number } & Omit<Fault, 'answer' | 'times'>): void {
  place.state.faults.push({
    ...which,
    times: null,
    answer: { status, body: { message: 'No' } },
  })
}

/** Writes what is known, and keeps the lines of what is shown, as a report keeps a plan. */
const write = async (known: Stamp, machine = machineWith(), lines: readonly string[] = []) => {
  const { github } = await place.job({ machine })
  return writeComment(github, {
    pullRequest: place.promotion,
    key: KEY,
    compose: (text = '') =>
      Promise.resolve(
        draft(known, [
          ...new Set([...text.split('\n').filter((line) => line.startsWith('plan')), ...lines]),
        ]),
      ),
  })
}

describe('a comment that this run created although there was one', () => {
  it.each([
    ['2 seconds', 1500],
    ['5 seconds', 4500],
  ])('is deleted after the other one was seen %s later and written', async (_when, lag) => {
    place.state.behaviour.commentListLagMilliseconds = lag
    const older = another(stamp(1), ['plan of another run'])
    const machine = machineWith()
    const end = await write(stamp(2), machine, ['plan of this run'])
    expect(end).toMatchObject({
      kind: 'updated',
      url: expect.stringContaining(`#issuecomment-${older.id}`),
      warnings: [],
    })
    expect(machine.slept).toEqual([2, 3])
    expect(ids(ours())).toEqual([older.id])
    expect(ours()[0]?.body).toContain('staging s2')
    expect(ours()[0]?.body).toContain('plan of another run\nplan of this run\n')
    expect(place.routes().slice(-4)).toEqual([
      `GET ${ONE}`,
      `PATCH ${ONE}`,
      `GET ${ONE}`,
      `DELETE ${ONE}`,
    ])
  })

  it('stays where the other one was deleted meanwhile and a list still shows it', async () => {
    place.state.behaviour.commentListLagMilliseconds = 4500
    const older = another(stamp(1))
    const machine = machineWith({
      afterSeconds: 5,
      happens: () => {
        deleteComment(place.state, place.repository, older.id, OCTOCAT)
      },
    })
    expect(await write(stamp(2), machine)).toMatchObject({ kind: 'created', warnings: [] })
    expect(headings()).toEqual(['### staging s2, production –'])
    expect(place.routes()).toContain(`GET ${ONE}`)
    expect(deletions()).toEqual([])
  })

  it('is a warning with its address where GitHub refuses to delete it', async () => {
    place.state.behaviour.commentListLagMilliseconds = 1500
    const older = another(stamp(1))
    place.state.faults.push({
      method: 'DELETE',
      times: null,
      answer: { status: 403, body: { message: 'No' } },
    })
    const end = await write(stamp(2))
    const second = ours()[1]?.id
    expect(end).toMatchObject({
      kind: 'updated',
      url: expect.stringContaining(`#issuecomment-${older.id}`),
      warnings: [
        {
          message: expect.stringMatching(
            new RegExp(`another comment .*#issuecomment-${second} \\(GitHub refused \\(403\\)`),
          ),
          next: 'Delete it by hand.',
        },
      ],
    })
    expect(headings()[0]).toBe('### staging s2, production –')
  })

  it.each([403, 502])(
    'is kept and named where writing the other one is answered with %d',
    async (status) => {
      place.state.behaviour.commentListLagMilliseconds = 1500
      const older = another(stamp(1))
      refuse({ method: 'PATCH', status })
      const end = await write(stamp(2))
      const second = ours()[1]?.id
      expect(ids(ours())).toEqual([older.id, second])
      expect(end).toMatchObject({
        kind: 'not-written',
        warnings: [
          { message: expect.stringMatching(new RegExp(`was not written: .* \\(${status}\\)`)) },
          {
            message: expect.stringMatching(
              new RegExp(`another comment .*#issuecomment-${second}$`),
            ),
            next: 'Run this again, and delete it by hand once the first comment is up to date.',
          },
        ],
      })
      expect(headings()[1]).toBe('### staging s2, production –')
    },
  )

  it('is deleted where the other one was written and cannot be read afterwards', async () => {
    place.state.behaviour.commentListLagMilliseconds = 1500
    const older = another(stamp(1))
    refuse({ method: 'GET', route: ONE, skip: 1, status: 403 })
    expect(await write(stamp(2))).toMatchObject({
      kind: 'updated',
      url: expect.stringContaining(`#issuecomment-${older.id}`),
      warnings: [{ message: expect.stringContaining('was written, but not checked afterwards') }],
    })
    expect(ids(ours())).toEqual([older.id])
    expect(headings()).toEqual(['### staging s2, production –'])
  })

  it('is deleted although the answers to its creation and deletion were lost', async () => {
    place.state.behaviour.commentListLagMilliseconds = 4500
    const older = another(stamp(1))
    place.state.faults.push(
      { method: 'POST', route: LIST, taken: true, answer: 'cut' },
      { method: 'DELETE', taken: true, answer: 'cut' },
    )
    expect(await write(stamp(2))).toMatchObject({ kind: 'updated', warnings: [] })
    expect(ids(ours())).toEqual([older.id])
    expect(headings()).toEqual(['### staging s2, production –'])
  })

  it('is not created again while a list does not show it yet', async () => {
    place.state.behaviour.commentListLagMilliseconds = 4500
    place.state.faults.push({ method: 'POST', route: LIST, taken: true, answer: 'cut' })
    expect(await write(stamp(2))).toMatchObject({ kind: 'created' })
    expect(ours()).toHaveLength(1)
    expect(place.routes().filter((route) => route === `POST ${LIST}`)).toHaveLength(1)
  })

  it('that turns up after it was created once more is deleted all the same', async () => {
    place.state.behaviour.commentListLagMilliseconds = 8000
    place.state.faults.push({ method: 'POST', route: LIST, taken: true, answer: 'cut' })
    expect(await write(stamp(2))).toMatchObject({ kind: 'created', warnings: [] })
    expect(ours()).toHaveLength(1)
  })
})

describe('a comment that this run created', () => {
  it('is created once more when a person deletes it at once', async () => {
    const machine = machineWith({
      afterSeconds: 2,
      happens: () => {
        deleteComment(place.state, place.repository, ours()[0]?.id ?? 0, OCTOCAT)
      },
    })
    expect(await write(stamp(2), machine)).toMatchObject({
      kind: 'created',
      url: expect.stringContaining(`#issuecomment-${ours()[0]?.id}`),
    })
    expect(headings()).toEqual(['### staging s2, production –'])
  })

  it('is left as another run changed it that knows as much', async () => {
    const machine = machineWith({
      afterSeconds: 2,
      happens: () => {
        const [created] = ours()
        if (created !== undefined)
          created.body = withLine(created.body, 'a job ended without a result')
      },
    })
    expect(await write(stamp(2), machine)).toMatchObject({ kind: 'created' })
    expect(ours()[0]?.body).toContain('a job ended without a result')
  })

  it('stays when the run is stopped before it looked again', async () => {
    const machine = machineWith()
    const reason = new Error('stopped')
    const stopping: TestMachine = {
      ...machine,
      sleep: (seconds) => {
        machine.stop(reason)
        return machine.sleep(seconds)
      },
    }
    await expect(write(stamp(2), stopping)).rejects.toBe(reason)
    expect(headings()).toEqual(['### staging s2, production –'])
    expect(await write(stamp(3))).toMatchObject({ kind: 'updated' })
    expect(headings()).toEqual(['### staging s3, production –'])
  })

  it('is not reported as missing when the list cannot be read afterwards', async () => {
    refuse({ method: 'GET', route: LIST, skip: 1, status: 403 })
    expect(await write(stamp(2))).toMatchObject({
      kind: 'created',
      url: expect.stringContaining(`#issuecomment-${ours()[0]?.id}`),
      warnings: [{ message: expect.stringContaining('was written, but not checked afterwards') }],
    })
  })

  it('ends as what GitHub says after three requests without an answer', async () => {
    place.state.faults.push({ method: 'POST', route: LIST, times: null, answer: 'cut' })
    expect(await write(stamp(2))).toMatchObject({
      kind: 'not-written',
      warnings: [{ message: expect.stringContaining('the connection broke') }],
    })
    expect(place.routes().filter((route) => route === `POST ${LIST}`)).toHaveLength(3)
  })
})

describe('a second comment of another run', () => {
  it('is left to that run while it is young', async () => {
    const [first, second] = [another(stamp(1)), another(stamp(2))]
    expect(await write(stamp(3))).toMatchObject({ kind: 'updated', warnings: [] })
    expect(ids(ours())).toEqual([first.id, second.id])
    expect(headings()[0]).toBe('### staging s3, production –')
  })

  it('is a warning with its address once its run must have ended, and is not deleted', async () => {
    const [first, second] = [another(stamp(1)), another(stamp(2))]
    second.createdAt = '2026-11-23T11:45:00Z'
    expect(await write(stamp(3))).toMatchObject({
      kind: 'updated',
      url: expect.stringContaining(`#issuecomment-${first.id}`),
      warnings: [
        {
          message: expect.stringContaining(`#issuecomment-${second.id}`),
          next: 'Delete it by hand.',
        },
      ],
    })
    expect(ids(ours())).toEqual([first.id, second.id])
    expect(headings()[0]).toBe('### staging s3, production –')
    expect(deletions()).toEqual([])
  })
})

/** The comment with the same evidence, and a line that another run knows. */
function withLine(body: string, line: string): string {
  return `${body.trimEnd()}\n${line}\n`
}
