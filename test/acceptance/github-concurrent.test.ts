import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { person } from '../../src/demo/fake-github/actor.ts'
import { addComment, deleteComment, editComment } from '../../src/demo/fake-github/comments.ts'
import type { Fault } from '../../src/demo/fake-github/state.ts'
import { marker } from '../../src/report/marker.ts'
import { closeHttp } from '../../src/http/http.ts'
import { until } from '../support/ends-with-tests.ts'
import { entriesOf, inAttempt } from '../support/evidence.ts'
import { team, type Team } from '../support/team.ts'
import { GREEN_PRODUCTION, GREEN_STAGING } from '../unit/report/results.ts'

// The one comment, written by real processes: at once, and after people had their hands on it.
jest.setTimeout(60_000)

let place: Team
beforeEach(async () => {
  place = await team()
})
afterEach(async () => {
  await closeHttp()
  await place.close()
})

const OCTOCAT = person('octocat')
const LIST = '/repos/{owner}/{repo}/issues/{issue_number}/comments'
const ONE = '/repos/{owner}/{repo}/issues/comments/{comment_id}'
const ours = () => place.repository.comments.filter(({ user }) => user === 'github-actions[bot]')
const headings = () =>
  ours().map(({ body }) => body.split('\n').find((line) => line.startsWith('### ')))

async function stagingReports(): Promise<string> {
  place.start('staging')
  place.versions.staging = '0.98.0'
  await place.record('staging', { id: 'staging-1', entries: entriesOf(GREEN_STAGING) })
  return place.leave(inAttempt('staging-1', GREEN_STAGING))
}

/** Staging's report finds the open promotion, which is then merged; production's comes at once. */
async function reportBoth(faults: readonly Fault[], realWaits = false) {
  const pull = place.open('staging', 'main')
  const staging = await place.begin(['report'], { reports: await stagingReports(), realWaits })
  await until(
    () => place.fake.requests.some(({ route }) => route === '/repos/{owner}/{repo}/pulls'),
    staging.ended,
  )
  place.state.faults.push(...faults)
  place.merge(pull)
  place.start('main')
  place.versions.production = '0.98.0'
  await place.record('production', { id: 'production-1', entries: entriesOf(GREEN_PRODUCTION) })
  const production = await place.begin(['report'], {
    reports: await place.leave(inAttempt('production-1', GREEN_PRODUCTION)),
    realWaits,
  })
  const ends = await Promise.all([staging.ended, production.ended])
  expect(
    ends.map(({ exitCode, log }) => [exitCode, log.includes('could not be brought up to date')]),
  ).toEqual([
    [0, false],
    [0, false],
  ])
}
const BOTH_GREEN = '### ✅ Staging and production: green on ZenML 0.98.0'

describe('two reports at once, of staging and of production', () => {
  it.each([
    [0, 0],
    [120, 40],
    [30, 200],
  ])('lose nothing and leave one comment, delayed by %d and %d ms', async (lists, changes) => {
    await reportBoth(
      [lists, changes, lists, changes].flatMap((delayMilliseconds) => [
        { method: 'GET', route: LIST, delayMilliseconds },
        { method: 'POST', route: LIST, delayMilliseconds: changes },
        { method: 'PATCH', route: ONE, delayMilliseconds },
        { method: 'GET', route: ONE, delayMilliseconds: lists },
      ]),
    )
    expect(headings()).toEqual([BOTH_GREEN])
  })

  it('leave one comment when both create one and the list of comments lags', async () => {
    place.state.now = null
    place.state.behaviour.commentListLagMilliseconds = 1500
    // Both look before either is carried out.
    const posting = { method: 'POST', route: LIST, delayMilliseconds: 4000 }
    await reportBoth([posting, posting], true)
    expect(headings()).toEqual([BOTH_GREEN])
    const [created, deleted] = ['POST', 'DELETE'].map((method) =>
      place.fake.requests.filter(
        (each) => each.method === method && each.path.includes('comments'),
      ),
    )
    expect([created?.length, deleted?.length]).toEqual([2, 1])
  })
})

describe('the comment of the bundle', () => {
  it('is one behind 150 of others and a forged one, and heals after people changed it', async () => {
    const reports = await stagingReports()
    const pull = place.open('staging', 'main')
    const forged = addComment(
      place.state,
      place.repository,
      pull.number,
      `${marker('zenml-upgrade.yml')}\n### ✅ All is green, merge it!`,
      OCTOCAT,
    )
    for (let number = 1; number <= 150; number += 1)
      addComment(place.state, place.repository, pull.number, `Comment ${number}`, OCTOCAT)
    const report = async () => {
      expect((await place.run(['report'], { reports })).outputs).toMatchObject({
        'reason-code': 'reported',
      })
    }

    await report()
    const written = ours()[0]?.body ?? ''
    expect(headings()).toEqual(['### ✅ Staging: green on ZenML 0.98.0'])
    expect(forged.body).toContain('merge it!')

    editComment(
      place.state,
      place.repository,
      ours()[0]?.id ?? 0,
      written.replace('Staging: green', 'Staging: fine').replaceAll('\n', '\r\n'),
      OCTOCAT,
    )
    await report()
    expect(ours()).toMatchObject([{ body: written }])

    deleteComment(place.state, place.repository, ours()[0]?.id ?? 0, OCTOCAT)
    await report()
    expect(ours()).toMatchObject([{ body: written }])
    expect(place.repository.comments).toHaveLength(152)
  })
})
