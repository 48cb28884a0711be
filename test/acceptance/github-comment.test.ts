import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addComment, deleteComment, editComment } from '../../src/demo/fake-github/comments.ts'
import { READ_ONLY } from '../../src/demo/fake-github/repositories.ts'
import { writeComment, type CommentResult } from '../../src/github/comment.ts'
import { stampOf, type Stamp } from '../../src/github/evidence-version.ts'
import { marker } from '../../src/report/marker.ts'
import { closeHttp } from '../../src/http/http.ts'
import { draft, KEY, LIST, stamp } from '../support/comment-drafts.ts'
import { GITHUB_ACTIONS, githubPlace, OCTOCAT, type GithubPlace } from '../support/github-place.ts'

// The first request of each kind waits until GitHub's description of it is compiled.
jest.setTimeout(30_000)

let place: GithubPlace
beforeEach(async () => {
  place = await githubPlace()
})
afterEach(async () => {
  await place.fake.close()
  await closeHttp()
})

const write = async (
  known: Stamp,
  options: Parameters<GithubPlace['job']>[0] = {},
): Promise<CommentResult> =>
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

/** Another app than the one behind GITHUB_TOKEN, with a token. */
function addApp() {
  const app = { login: 'zenml-bot[bot]', app: 'zenml-bot' }
  const { apps, tokens, users } = place.state
  const [actions, token] = [apps['github-actions'], tokens['job-token']]
  if (actions === undefined || token === undefined) throw new Error('no app of GitHub Actions')
  apps[app.app] = { ...actions, id: 7, slug: app.app }
  users[app.login] = { id: 8, login: app.login, type: 'Bot' }
  tokens['app-token'] = { ...token, kind: 'app', ...app }
  return app
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
    [0, 4],
    [150, 5],
    [199, 5],
  ])(
    'takes at most five requests to be updated behind %d comments of others',
    async (others, requests) => {
      chatter(others)
      await write(stamp(1))
      const before = place.fake.requests.length
      await write(stamp(2))
      expect(place.routes().slice(before)).toHaveLength(requests)
      expect(heading()).toEqual(['### staging s2, production –'])
    },
  )

  it('takes five requests to be created behind 200 comments, two of them to look again', async () => {
    chatter(200)
    await write(stamp(1))
    const look = `GET ${LIST}`
    expect(place.routes()).toEqual([look, look, `POST ${LIST}`, look, look])
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

  it('never goes back to older evidence where the list does not show the newer one yet', async () => {
    place.state.behaviour.commentListLagMilliseconds = 4500
    await write(stamp(1))
    const [comment] = ours()
    place.state.now = '2026-11-23T12:01:00.000Z'
    editComment(
      place.state,
      place.repository,
      comment?.id ?? 0,
      (comment?.body ?? '').replaceAll('s1', 's3').replaceAll('10:01:00', '10:03:00'),
      GITHUB_ACTIONS,
    )
    expect(await write(stamp(2))).toMatchObject({ kind: 'newer-there' })
    expect(heading()).toEqual(['### staging s3, production –'])
  })

  it('is not written over what it cannot merge with, and that is told', async () => {
    await write(stamp(5))
    expect(await write(stamp(4, 9))).toMatchObject({
      kind: 'not-written',
      warnings: [
        {
          message: expect.stringMatching(
            /could not be brought up to date in 8 attempts: it was changed meanwhile, or GitHub's answers were lost$/,
          ),
        },
      ],
    })
    expect(heading()).toEqual(['### staging s5, production –'])
  })

  it('is found under the login of a GitHub App that nobody named', async () => {
    const app = addApp()
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

  it('is one when the answer was lost that would have told the login of a GitHub App', async () => {
    const app = addApp()
    place.state.faults.push({ method: 'POST', route: LIST, taken: true, answer: 'cut' })
    expect(await write(stamp(2), { token: 'app-token' })).toMatchObject({
      kind: 'created',
      warnings: [],
    })
    expect(place.repository.comments.map(({ user }) => user)).toEqual([app.login])
  })
})

describe('what GitHub refuses', () => {
  it('is a warning that names the permission', async () => {
    place.addToken('read-only', READ_ONLY)
    const end = await write(stamp(1), { token: 'read-only' })
    expect(end).toMatchObject({
      kind: 'not-written',
      warnings: [
        {
          message: expect.stringContaining(
            `the comment on pull request #${place.promotion} was not written: GitHub refused (403)`,
          ),
          next: expect.stringContaining('pull-requests: write'),
        },
      ],
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
      warnings: [
        {
          message: expect.stringContaining(`(${status})`),
          next: expect.stringContaining(next),
        },
      ],
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
      warnings: [{ message: expect.stringContaining('maximum is 65536') }],
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

  it('does not matter when a connection is cut while it is updated or read', async () => {
    await write(stamp(1))
    place.state.faults.push(
      ...['GET', 'PATCH'].map((method) => ({ method, taken: true, answer: 'cut' as const })),
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

  it('does not create one anew that somebody deletes, where none is needed', async () => {
    await write(stamp(1))
    const { github } = await place.job()
    const end = await writeComment(github, {
      pullRequest: place.promotion,
      key: KEY,
      onlyExisting: true,
      compose: () => {
        place.repository.comments = []
        return Promise.resolve(draft(stamp(2)))
      },
    })
    expect(end).toEqual({ kind: 'not-needed' })
    expect(ours()).toEqual([])
  })
})
