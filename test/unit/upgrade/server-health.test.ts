import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { closeHttp } from '../../../src/http/http.ts'
import { standingOf, type Standing } from '../../../src/upgrade/server-health.ts'
import { connect } from '../../../src/zenml/server.ts'
import {
  hangUp,
  httpServer,
  type HttpTestServer,
  type Reply,
  type Trick,
} from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'

const INFO = { id: 'server-1', version: '0.98.0' }
const PAGE = '<!doctype html><title>Maintenance</title>'

let answer: Reply | Trick
let server: HttpTestServer

beforeAll(async () => {
  server = await httpServer(() => answer)
})

afterAll(async () => {
  await closeHttp()
  await server.close()
})

/** Asks at an address what `given` answers. */
function ask(
  url: string,
  given: Reply | Trick,
  env: Readonly<Record<string, string>> = {},
): Promise<Standing> {
  answer = given
  return standingOf(connect({ url, machine: testMachine(env) }), INFO.id)
}

const words = (standing: Standing) =>
  standing.kind === 'up'
    ? ''
    : standing.kind === 'unknown'
      ? `${standing.stop.code}: ${standing.stop.message}`
      : standing.message

describe('the standing of a server', () => {
  it.each<[string, Reply | Trick, Standing['kind'], string]>([
    ['the answer of the server', { json: INFO }, 'up', ''],
    ['502', { status: 502, text: PAGE }, 'down', 'answered 502'],
    ['503', { status: 503, json: { message: 'no healthy upstream' } }, 'down', 'answered 503'],
    ['504', { status: 504, text: '' }, 'down', 'answered 504'],
    ['500 with an error of ZenML', { status: 500, json: { detail: ['E', 'x'] } }, 'failing', 'x'],
    ['500 with the pair alone', { status: 500, json: ['RuntimeError', 'x'] }, 'failing', 'x'],
    [
      '500 with a web page',
      { status: 500, text: PAGE },
      'unknown',
      'unexpected-answer: GET URL/api/v1/info answered 500 with a web page, as a gateway does',
    ],
    ['500 with other JSON', { status: 500, json: { message: 'x' } }, 'unknown', 'answered 500: '],
    ['another id', { json: { ...INFO, id: 'other' } }, 'unknown', 'its id is other'],
    ['200 with a web page', { text: PAGE }, 'unknown', 'not-a-zenml-server: '],
    ['200 with other JSON', { json: { ok: true } }, 'unknown', 'not-a-zenml-server: '],
    ['401', { status: 401, json: { detail: 'x' } }, 'unknown', 'credentials-refused: '],
    ['403', { status: 403, text: PAGE }, 'unknown', 'credentials-refused: '],
    ['404 of ZenML', { status: 404, json: { detail: 'Not Found' } }, 'unknown', 'answered 404'],
    ['404 with a web page', { status: 404, text: PAGE }, 'unknown', 'not-a-zenml-server: '],
    ['405', { status: 405, json: { detail: 'x' } }, 'unknown', 'answered 405'],
    ['407', { status: 407, text: PAGE }, 'unknown', 'a proxy answered 407'],
    ['a redirect', { status: 302, headers: { location: 'https://sso/' } }, 'unknown', 'redirect'],
    [
      '429',
      { status: 429, text: PAGE, headers: { 'retry-after': '7' } },
      'unknown',
      'limits the rate of requests (429); it asks to wait 7 s',
    ],
    ['429 of ZenML', { status: 429, json: { detail: 'busy' } }, 'unknown', '(429: busy)'],
    ['501', { status: 501, json: { detail: 'x' } }, 'unknown', 'answered 501'],
    ['a broken connection', hangUp, 'unknown', 'the connection broke'],
  ])('by %s is right', async (_what, given, kind, message) => {
    const standing = await ask(server.url, given)
    expect({ kind: standing.kind, words: words(standing) }).toEqual({
      kind,
      words: expect.stringContaining(message.replace('URL', server.url)) as unknown,
    })
  })

  it('is down where its own address refuses the connection', async () => {
    const gone = await httpServer(() => ({}))
    await gone.close()
    expect((await ask(gone.url, {})).kind).toBe('down')
  })

  it('is unknown where its name or its TLS is wrong', async () => {
    expect((await ask('http://zenml.invalid', {})).kind).toBe('unknown')
    expect((await ask(server.url.replace('http:', 'https:'), {})).kind).toBe('unknown')
  })

  it.each([403, 407, 500, 502, 503, 504])(
    'is unknown where our own proxy answers %d',
    async (status) => {
      const page = { status, text: PAGE }
      const env = { HTTP_PROXY: server.url, HTTPS_PROXY: server.url }
      expect((await ask('http://zenml.internal', page, env)).kind).toBe('unknown')
      // A CONNECT is answered by closing the connection: this stand-in knows no tunnel.
      expect((await ask('https://zenml.internal', page, env)).kind).toBe('unknown')
    },
  )

  it('is unknown where our own proxy refuses the connection', async () => {
    const gone = await httpServer(() => ({}))
    await gone.close()
    expect((await ask('http://zenml.internal', {}, { HTTP_PROXY: gone.url })).kind).toBe('unknown')
  })
})
