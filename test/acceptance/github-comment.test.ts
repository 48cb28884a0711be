import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addComment, deleteComment, editComment } from '../../src/demo/fake-github/comments.ts'
import { READ_ONLY } from '../../src/demo/fake-github/repositories.ts'
import { writeComment, type CommentDraft, type CommentEnd } from '../../src/github/comment.ts'
import { stampOf, type Stamp } from '../../src/github/evidence-version.ts'
import { marker } from '../../src/report/marker.ts'
import { closeHttp } from '../../src/http/http.ts'
import { GITHUB_ACTIONS, githubPlace, OCTOCAT, type GithubPlace } from '../support/github-place.ts'

// The first request of each kind waits until GitHub's description of it is compiled.
jest.setTimeout(30_000)

const KEY = 'zenml-upgrade.yml'
const LIST = '/repos/{owner}/{repo}/issues/{issue_number}/comments'
const ONE = '/repos/{owner}/{repo}/issues/comments/{comment_id}'

let place: GithubPlace
beforeEach(async () => {
  place = await githubPlace()
})
afterEach(async () => {
  await place.fake.close()
  await closeHttp()
})

const at = (minute: number) => `2026-11-23T11:${String(minute).padStart(2, '0')}:00.000Z`
const stamp = (staging?: number, production?: number): Stamp => ({
  ...(staging === undefined ? {} : { staging: { attempt: `s${staging}`, at: at(staging) } }),
  ...(production === undefined
    ? {}
    : { production: { attempt: `p${production}`, at: at(production) } }),
})
const draft = (known: Stamp): CommentDraft => ({
  body: `${marker(KEY)}\n### staging ${known.staging?.attempt ?? '–'}, production ${known.production?.attempt ?? '–'}\n`,
  stamp: known,
})
const write = async (
  known: Stamp,
  options: Parameters<GithubPlace['job']>[0] = {},
): Promise<CommentEnd> =>
  writeComment((await place.job(options)).github, {
    pullRequest: place.promotion,
    key: KEY,
    compose: () => Promise.resolve(draft(known)),
  })
const ours = () => place.repository.comments.filter(({ user }) => user === 'github-actions[bot]')
const heading = () => ours().map(({ body }) => body.split('\n')[2])
/** Comments of others, before ours. */
const chatter = (count: number) => {
  for (let number = 1; number <= count; number += 1)
    addComment(
      place.state,
      place.repository,
      place.promotion,
      `comment ${number}`,
      OCTOCAT,
    ).updatedAt = '2026-11-23T10:00:00Z'
}

describe('the comment', () => {
  it('is made once, and brought up to date', async () => {
    expect(await write(stamp(1))).toMatchObject({
      kind: 'created',
      url: expect.stringContaining('#issuecomment-'),
    })
    expect(await write(stamp(2))).toMatchObject({ kind: 'updated' })
    expect(await write(stamp(2))).toMatchObject({ kind: 'unchanged' })
    expect(heading()).toEqual(['### staging s2, production –'])
    expect(ours()[0]?.body.split('\n')[0]).toBe(marker(KEY))
    expect(stampOf(ours()[0]?.body ?? '')).toEqual(stamp(2))
  })

  it.each([
    [0, 3],
    [150, 4],
    [199, 4],
  ])(
    'takes at most four requests to be updated behind %d comments of others',
    async (others, requests) => {
      chatter(others)
      await write(stamp(1))
      const before = place.fake.requests.length
      await write(stamp(2))
      expect(place.routes().slice(before)).toHaveLength(requests)
      expect(heading()).toEqual(['### staging s2, production –'])
    },
  )

  it('takes at most four requests to be made behind 200 comments', async () => {
    chatter(200)
    await write(stamp(1))
    expect(place.routes()).toEqual([`GET ${LIST}`, `GET ${LIST}`, `POST ${LIST}`, `GET ${LIST}`])
  })

  it('is another one for another configuration file', async () => {
    await write(stamp(1))
    const { github } = await place.job()
    await writeComment(github, {
      pullRequest: place.promotion,
      key: 'other.yml',
      compose: () => Promise.resolve({ body: `${marker('other.yml')}\n\nother`, stamp: {} }),
    })
    expect(ours()).toHaveLength(2)
  })

  it('is not one that another author made with our marker', async () => {
    const forged = addComment(
      place.state,
      place.repository,
      place.promotion,
      `${marker(KEY)}\nAll is green!`,
      OCTOCAT,
    )
    await write(stamp(1))
    expect(forged.body).toContain('All is green!')
    expect(heading()).toEqual(['### staging s1, production –'])
  })

  it('is not one of ours that only quotes the marker', async () => {
    addComment(
      place.state,
      place.repository,
      place.promotion,
      `> ${marker(KEY)}\nnot it`,
      GITHUB_ACTIONS,
    )
    await write(stamp(1))
    expect(ours()).toHaveLength(2)
  })

  it('heals when a person edited or deleted it', async () => {
    await write(stamp(1))
    const [comment] = ours()
    editComment(
      place.state,
      place.repository,
      comment?.id ?? 0,
      `${(comment?.body ?? '').replaceAll('\n', '\r\n')}\r\nI was here`,
      OCTOCAT,
    )
    expect(await write(stamp(1))).toMatchObject({ kind: 'updated' })
    expect(ours()[0]?.body).not.toContain('I was here')
    editComment(
      place.state,
      place.repository,
      comment?.id ?? 0,
      `${marker(KEY)}\n<!-- zenml-upgrade-evidence {"staging":{"attempt":"x","at":"2999-01-01T00:00:00Z"}} -->`,
      OCTOCAT,
    )
    expect(await write(stamp(1))).toMatchObject({ kind: 'updated' })
    deleteComment(place.state, place.repository, comment?.id ?? 0, OCTOCAT)
    expect(await write(stamp(1))).toMatchObject({ kind: 'created' })
    expect(heading()).toEqual(['### staging s1, production –'])
  })

  it('keeps lines that a browser ended as Windows does', async () => {
    await write(stamp(1))
    const [comment] = ours()
    editComment(
      place.state,
      place.repository,
      comment?.id ?? 0,
      (comment?.body ?? '').replaceAll('\n', '\r\n'),
      OCTOCAT,
    )
    expect(await write(stamp(1))).toMatchObject({ kind: 'unchanged' })
  })

  it('never goes back to older evidence', async () => {
    await write(stamp(5, 7))
    expect(await write(stamp(4, 7))).toMatchObject({ kind: 'newer-there' })
    expect(await write(stamp(5))).toMatchObject({ kind: 'newer-there' })
    expect(heading()).toEqual(['### staging s5, production p7'])
  })

  it('is not written over what it cannot merge with, and that is told', async () => {
    await write(stamp(5))
    expect(await write(stamp(4, 9))).toMatchObject({
      kind: 'not-written',
      warning: { message: expect.stringContaining('did not come to rest') },
    })
    expect(heading()).toEqual(['### staging s5, production –'])
  })

  it('is one again where there were several, the oldest', async () => {
    for (const minute of [1, 2, 3])
      addComment(
        place.state,
        place.repository,
        place.promotion,
        draft(stamp(minute)).body,
        GITHUB_ACTIONS,
      )
    const [oldest] = ours()
    await write(stamp(4))
    expect(ours().map(({ id }) => id)).toEqual([oldest?.id])
    expect(heading()).toEqual(['### staging s4, production –'])
  })

  it('is found under the login of a GitHub App that nobody named', async () => {
    const app = { login: 'zenml-bot[bot]', app: 'zenml-bot' }
    place.state.apps['zenml-bot'] = {
      ...(place.state.apps['github-actions'] ??
        (() => {
          throw new Error('no app')
        })()),
      id: 7,
      slug: 'zenml-bot',
    }
    place.state.users[app.login] = { id: 8, login: app.login, type: 'Bot' }
    place.state.tokens['app-token'] = {
      ...(place.state.tokens['job-token'] ??
        (() => {
          throw new Error('no token')
        })()),
      kind: 'app',
      ...app,
    }
    const old = addComment(
      place.state,
      place.repository,
      place.promotion,
      draft(stamp(1)).body,
      app,
    )
    old.updatedAt = '2026-01-01T00:00:00Z'
    await write(stamp(2), { token: 'app-token' })
    expect(place.repository.comments.map(({ id, user }) => [id, user])).toEqual([
      [old.id, app.login],
    ])
    expect(old.body).toContain('s2')
  })
})

describe('two that write at once', () => {
  // Delays that differ in every round, so that requests meet in every order.
  const delays = (round: number, salt: number) =>
    [0, 1, 2, 3].map((step) => (round * 7 + step * 5 + salt * 3) % 13)

  it.each(['with no comment yet', 'with a comment'])(
    'lose nothing in 20 rounds, %s',
    async (start) => {
      for (let round = 1; round <= 20; round += 1) {
        place.repository.comments = []
        /** What both would read from the records. */
        const records: { staging?: number; production?: number } = {
          ...(start === 'with a comment' ? { staging: 0 } : {}),
        }
        if (start === 'with a comment')
          addComment(
            place.state,
            place.repository,
            place.promotion,
            draft(stamp(0)).body,
            GITHUB_ACTIONS,
          )
        place.state.faults = (
          [
            ['GET', LIST],
            ['POST', LIST],
            ['PATCH', ONE],
            ['GET', ONE],
            ['GET', LIST],
            ['PATCH', ONE],
          ] as const
        ).flatMap(([method, route], index) =>
          delays(round, index).map((delayMilliseconds) => ({ method, route, delayMilliseconds })),
        )
        const writer = async (environment: 'staging' | 'production'): Promise<CommentEnd> => {
          const { github } = await place.job()
          records[environment] = round
          return writeComment(github, {
            pullRequest: place.promotion,
            key: KEY,
            compose: () => Promise.resolve(draft(stamp(records.staging, records.production))),
          })
        }
        const ends = await Promise.all([writer('staging'), writer('production')])
        expect(ends.map(({ kind }) => kind)).not.toContain('not-written')
        expect({ round, heading: heading() }).toEqual({
          round,
          heading: [`### staging s${round}, production p${round}`],
        })
      }
    },
  )
})

describe('what GitHub refuses', () => {
  it('is a warning that names the permission', async () => {
    place.addToken('read-only', READ_ONLY)
    const end = await write(stamp(1), { token: 'read-only' })
    expect(end).toMatchObject({
      kind: 'not-written',
      warning: {
        message: expect.stringContaining(
          `the comment on pull request #${place.promotion} was not written: GitHub refused (403)`,
        ),
        next: expect.stringContaining('pull-requests: write'),
      },
    })
    expect(ours()).toEqual([])
  })

  it.each([
    [403, 'pull-requests: write'],
    [404, 'pull-requests: write'],
    [410, 'Read what GitHub says'],
    [422, 'Read what GitHub says'],
    [401, 'github.token'],
    [451, 'pull-requests: write'],
  ])('is a warning when writing is answered with %d', async (status, next) => {
    place.state.faults.push({
      method: 'POST',
      times: null,
      answer: { status, body: { message: 'No' } },
    })
    expect(await write(stamp(1))).toMatchObject({
      kind: 'not-written',
      warning: {
        message: expect.stringContaining(`(${status})`),
        next: expect.stringContaining(next),
      },
    })
  })

  it('is a warning when the body is too long', async () => {
    const { github } = await place.job()
    const end = await writeComment(github, {
      pullRequest: place.promotion,
      key: KEY,
      compose: () => Promise.resolve({ body: `${marker(KEY)}\n${'x'.repeat(65_536)}`, stamp: {} }),
    })
    expect(end).toMatchObject({
      kind: 'not-written',
      warning: { message: expect.stringContaining('maximum is 65536') },
    })
  })

  it.each(['taken', 'not taken'])(
    'does not matter when a connection is cut after a new comment was %s',
    async (taken) => {
      place.state.faults.push({
        method: 'POST',
        route: LIST,
        taken: taken === 'taken',
        answer: 'cut',
      })
      expect((await write(stamp(1))).kind).not.toBe('not-written')
      expect(heading()).toEqual(['### staging s1, production –'])
    },
  )

  it('does not matter when a connection is cut while it is updated, read or removed', async () => {
    for (const minute of [1, 2])
      addComment(
        place.state,
        place.repository,
        place.promotion,
        draft(stamp(minute)).body,
        GITHUB_ACTIONS,
      )
    place.state.faults.push(
      ...['GET', 'PATCH', 'DELETE'].map((method) => ({
        method,
        taken: true,
        answer: 'cut' as const,
      })),
    )
    expect(await write(stamp(3))).toMatchObject({ kind: 'updated' })
    expect(heading()).toEqual(['### staging s3, production –'])
  })

  it('does not matter when somebody deletes it between reading and writing', async () => {
    await write(stamp(1))
    const { github } = await place.job()
    const end = await writeComment(github, {
      pullRequest: place.promotion,
      key: KEY,
      compose: () => {
        place.repository.comments = place.repository.comments.filter(
          ({ body }) => !body.includes('s1'),
        )
        return Promise.resolve(draft(stamp(2)))
      },
    })
    expect(end.kind).not.toBe('not-written')
    expect(heading()).toEqual(['### staging s2, production –'])
  })
})
