import { describe, expect, it } from '@jest/globals'
import { ServerFailure, type FailureKind } from '../../../src/http/server-failure.ts'
import type { ServerInfo } from '../../../src/zenml/info.ts'
import type { ZenmlServer } from '../../../src/zenml/types.ts'
import { waitForVersion } from '../../../src/upgrade/wait.ts'
import { testMachine, type TestMachine } from '../../support/machine.ts'

const NEW = '0.98.0'
const OLD = '0.94.1'
const ID = 'server-1'
const DEADLINE = 600

type Answer = FailureKind | { readonly version: string; readonly id?: string }

/** Waits at a server that answers as `at` says for the second in which it is asked. */
async function wait(at: (second: number, machine: TestMachine) => Answer, serves?: ServerInfo) {
  const machine = testMachine()
  const asked: number[] = []
  const server = {
    url: 'https://zenml.test',
    info: () => {
      const second = machine.monotonic()
      asked.push(second)
      const answer = at(second, machine)
      if (typeof answer !== 'string')
        return Promise.resolve<ServerInfo>({ id: ID, active: true, ...answer })
      const details = answer === 'rate-limited' ? { retryAfterSeconds: 100 } : {}
      return Promise.reject(new ServerFailure(answer, 'server-unreachable', answer, details))
    },
  } as unknown as ZenmlServer
  const arrival = await waitForVersion({
    server,
    machine,
    version: NEW,
    serverId: ID,
    timeoutSeconds: DEADLINE,
    driver: serves === undefined ? {} : { serves: () => Promise.resolve(serves) },
    waitingFor: `waiting for ZenML ${NEW}`,
  })
  return { arrival, asked, machine }
}

describe('waiting for a version', () => {
  it.each([7200, -7200])(
    'arrives where the wall clock is set by %d s in the middle of the wait',
    async (seconds) => {
      const { arrival } = await wait((second, machine) => {
        if (second === 5) machine.setWallClockBy(seconds)
        return second < 20 ? 'refused' : { version: NEW }
      })
      expect(arrival).toMatchObject({ kind: 'arrived', seconds: 22 })
    },
  )

  it.each<[string, (second: number) => Answer]>([
    ['the address refuses to the end', () => 'refused'],
    ['a gateway finds no server to the end', () => 'no-backend'],
    ['the server reports an error of its own', () => 'server-error'],
    ['the server reports another version', () => ({ version: OLD })],
    ['the last answer after minutes of 503 is a reset', (s) => (s < 600 ? 'no-backend' : 'reset')],
    ['one time-out comes between the 503', (s) => (s === 580 ? 'timed-out' : 'no-backend')],
    ['old and new pods answer in turn', (s) => ({ version: s % 2 === 0 ? OLD : NEW })],
  ])('is late where %s', async (_what, at) => {
    expect((await wait(at)).arrival).toMatchObject({
      kind: 'late',
      message: expect.stringContaining('not there after 600 s'),
    })
  })

  it.each<[string, (second: number) => Answer]>([
    ['it comes up with the last answers', (s) => (s < 599 ? 'refused' : { version: NEW })],
  ])('goes on past its time where %s', async (_what, at) => {
    expect((await wait(at)).arrival).toMatchObject({ kind: 'arrived' })
  })

  it.each<[string, (second: number) => Answer]>([
    ['it answers rightly two times of three', (s) => (s % 3 === 0 ? 'refused' : { version: NEW })],
    [
      'one refusal follows long pauses for a rate limit',
      (s) => (s < 590 || s > 601 ? 'rate-limited' : 'refused'),
    ],
  ])('was not measured where %s', async (_what, at) => {
    expect((await wait(at)).arrival).toMatchObject({ kind: 'unmeasured' })
  })

  it.each<FailureKind>([
    'other-content',
    'login',
    'forbidden',
    'not-found',
    'own-proxy',
    'redirect',
    'timed-out',
    'reset',
    'tls',
    'dns',
    'other-status',
  ])('measures nothing where a server that was down first gives way to %s', async (kind) => {
    const { arrival } = await wait((second) => (second < 30 ? 'refused' : kind))
    expect(arrival).toMatchObject({
      kind: 'unmeasured',
      stop: { message: expect.stringContaining(`says nothing about the server: ${kind}`) },
    })
  })

  it('measures nothing where a web page and 503 answer in turn', async () => {
    const { arrival } = await wait((second) => (second % 2 === 0 ? 'no-backend' : 'other-content'))
    expect(arrival.kind).toBe('unmeasured')
  })

  it('measures nothing where a server with another id answers, whatever version it reports', async () => {
    for (const version of [OLD, NEW]) {
      const { arrival } = await wait(() => ({ version, id: 'server-2' }))
      expect(arrival).toMatchObject({
        kind: 'unmeasured',
        stop: {
          code: 'unexpected-answer',
          message: expect.stringContaining('its id is server-2'),
        },
      })
    }
  })

  it('arrives after a short time of another server at the address', async () => {
    const { arrival } = await wait((second) =>
      second < 5 ? { version: NEW, id: 'server-2' } : { version: NEW },
    )
    expect(arrival.kind).toBe('arrived')
  })

  it('measures nothing where the driver sees the server serve behind a gateway that is down', async () => {
    const info: ServerInfo = { id: ID, version: NEW, active: true }
    const { arrival } = await wait(() => 'no-backend', info)
    expect(arrival).toMatchObject({
      kind: 'unmeasured',
      stop: { message: expect.stringContaining('the server itself answers on this machine') },
    })
    expect((await wait(() => 'no-backend', { ...info, version: OLD })).arrival.kind).toBe('late')
  })

  it('pauses as long as a rate limit asks, and not beyond the deadline', async () => {
    const { arrival, asked } = await wait(() => 'rate-limited')
    expect(asked.slice(0, 7)).toEqual([0, 100, 200, 300, 400, 500, 600])
    expect(arrival).toMatchObject({ kind: 'unmeasured', stop: { code: 'server-unreachable' } })
  })
})
