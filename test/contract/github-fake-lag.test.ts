import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openPull } from '../../src/demo/fake-github/pulls.ts'
import { startCheckedGithub, type CheckedGithub } from '../support/checked-github.ts'
import { caller, type Caller } from '../support/github-calls.ts'
import { JOB, octocat, place, R, type Place } from '../support/github-fake-place.ts'

let there: Place
let github: CheckedGithub
let job: Caller

beforeEach(async () => {
  there = place()
  there.state.behaviour.commentListLagMilliseconds = 400
  openPull(there.state, there.repository, {
    head: 'staging',
    base: 'main',
    title: 'Promote',
    actor: octocat,
  })
  github = await startCheckedGithub({ state: there.state })
  job = caller(github, JOB)
  at(0)
})
afterEach(() => github.close())

const at = (milliseconds: number) => {
  there.state.now = new Date(Date.parse('2026-11-23T12:00:00.000Z') + milliseconds).toISOString()
}
const create = async (body: string) =>
  ((await job('POST', `${R}/issues/1/comments`, { body })).body as { id: number }).id
const listed = async () =>
  ((await job('GET', `${R}/issues/1/comments`)).body as { body: string }[]).map(({ body }) => body)
const one = (id: number) => `${R}/issues/comments/${id}`

describe('a list of comments that lags', () => {
  it('shows a comment only after the lag, while its id is known at once', async () => {
    const id = await create('one')
    expect(await listed()).toEqual([])
    expect((await job('GET', one(id))).body).toMatchObject({ body: 'one' })
    at(399)
    expect(await listed()).toEqual([])
    at(400)
    expect(await listed()).toEqual(['one'])
  })

  it('shows what a comment said, and one that was deleted, until the lag is over', async () => {
    const [first, second] = [await create('one'), await create('two')]
    at(1000)
    await job('PATCH', one(first), { body: 'changed' })
    at(1100)
    await job('DELETE', one(second))
    expect((await job('GET', one(first))).body).toMatchObject({ body: 'changed' })
    expect((await job('GET', one(second))).status).toBe(404)
    expect(await listed()).toEqual(['one', 'two'])
    at(1400)
    expect(await listed()).toEqual(['changed', 'two'])
    at(1500)
    expect(await listed()).toEqual(['changed'])
  })
})
