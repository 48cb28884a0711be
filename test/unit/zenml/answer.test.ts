import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { Stop } from '../../../src/core/stop.ts'
import { ApiError } from '../../../src/zenml/api-error.ts'
import { readAnswer, readProblem } from '../../../src/zenml/answer.ts'
import { registerSecret } from '../../../src/runtime/secrets.ts'

const base = 'https://zenml.example.com'
const asked = {
  base,
  method: 'GET',
  url: new URL(`${base}/api/v1/runs?project=x`),
  authenticated: true,
}
const reply = (status: number, body: unknown, more: { type?: string; location?: string } = {}) => ({
  status,
  type: more.type ?? 'application/json',
  location: more.location,
  retryAfterSeconds: undefined,
  perhapsOfProxy: false,
  text: typeof body === 'string' ? body : JSON.stringify(body),
})
const thrown = (
  status: number,
  body: unknown,
  more: { type?: string; location?: string; base?: string; authenticated?: boolean } = {},
): Stop => {
  try {
    readAnswer(reply(status, body, more), z.looseObject({ id: z.string() }), {
      ...asked,
      ...(more.base !== undefined && { base: more.base }),
      authenticated: more.authenticated ?? true,
    })
  } catch (error) {
    if (error instanceof Stop) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('readProblem', () => {
  it.each([
    [{ detail: ['KeyError', 'No run'] }, 'KeyError', 'No run'],
    [{ detail: 'Not authenticated' }, undefined, 'Not authenticated'],
    [
      { detail: [{ loc: ['body', 'name'], msg: 'Field required', type: 'missing' }] },
      'ValidationError',
      'body.name: Field required',
    ],
    [['ValueError', 'soft is required'], 'ValueError', 'soft is required'],
    [{ detail: { reason: 'odd' } }, undefined, '{"reason":"odd"}'],
    [{ message: 'odd' }, undefined, '{"message":"odd"}'],
    [null, undefined, ''],
    ['text', undefined, 'text'],
  ])('%j', (body, className, detail) => {
    expect(readProblem(body)).toEqual({ className, detail, requestId: undefined })
  })

  it('keeps the request id', () => {
    expect(
      readProblem({ detail: 'An unexpected error occurred.', request_id: '1edaeb25' }),
    ).toEqual({
      className: undefined,
      detail: 'An unexpected error occurred.',
      requestId: '1edaeb25',
    })
  })

  it('is one line of bearable length', () => {
    const { detail } = readProblem({ detail: ['ValueError', `a\n${'b'.repeat(1000)}`] })
    expect(detail).toMatch(/^a b+…$/)
    expect(detail.length).toBeLessThan(510)
  })

  it.each(['0.94.1', '0.98.0'])('finds words in every error of ZenML %s', (version) => {
    const errors = JSON.parse(
      readFileSync(
        join(import.meta.dirname, `../../fixtures/zenml/${version}/errors.json`),
        'utf8',
      ),
    ) as Record<string, { body: unknown }>
    const problems = Object.entries(errors).map(
      ([name, { body }]) => [name, readProblem(body)] as const,
    )
    expect(problems.filter(([, { detail }]) => detail === '')).toEqual([])
    expect(Object.fromEntries(problems.map(([name, { className }]) => [name, className]))).toEqual({
      'no-token': undefined,
      'bad-key': 'CredentialsNotValid',
      'unknown-path': undefined,
      'missing-entity': 'KeyError',
      'missing-field': 'ValueError',
      'bad-sort': 'ValueError',
      'no-refresh': 'NotImplementedError',
      'stop-finished': 'IllegalOperationError',
      'local-stack': 'ValueError',
      'login-empty': undefined,
      'bad-uuid': 'ValueError',
    })
  })
})

describe('readAnswer', () => {
  it('gives the checked value', () => {
    expect(readAnswer(reply(200, { id: 'x' }), z.looseObject({ id: z.string() }), asked)).toEqual({
      id: 'x',
    })
  })

  it('takes an empty body as null', () => {
    expect(readAnswer(reply(200, ''), z.null(), asked)).toBeNull()
  })

  it('names the field that is not as known, without its value', () => {
    const error = thrown(200, { id: { secret: 'CANARY' } })
    expect(error.code).toBe('unexpected-answer')
    expect(error.message).toMatch(
      /GET https:\/\/zenml\.example\.com\/api\/v1\/runs .*: id: .*expected string/,
    )
    expect(error.message).not.toContain('CANARY')
  })

  it.each([400, 402, 404, 405, 409, 422, 429, 500, 501])('leaves %d to the caller', (status) => {
    const error = thrown(status, { detail: ['SomeError', 'words'] })
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      code: 'unexpected-answer',
      status,
      className: 'SomeError',
      detail: 'words',
    })
  })

  it('leaves 403 to the caller, because ZenML says it to what cannot be done now as well', () => {
    expect(
      thrown(403, {
        detail: ['IllegalOperationError', 'Cannot stop a run that is already completed.'],
      }),
    ).toMatchObject({
      code: 'credentials-refused',
      status: 403,
      next: expect.stringContaining('ZENML_STORE_API_KEY'),
    })
  })

  it.each([
    [401, { detail: 'Not authenticated' }],
    [401, '<html>'],
    [403, '<html>blocked</html>'],
  ])('%d %j is a matter of credentials', (status, body) => {
    expect(thrown(status, body)).toMatchObject({
      code: 'credentials-refused',
      next: expect.stringContaining('ZENML_STORE_API_KEY'),
    })
  })

  it('tells a gateway that wants a login from the server itself', () => {
    expect(thrown(401, '<html>', { authenticated: false })).toMatchObject({
      code: 'credentials-refused',
      message: expect.stringContaining('in front of the server'),
    })
  })

  it.each([502, 503, 504])('%d is a server that is away', (status) => {
    expect(thrown(status, '<html>Bad Gateway</html>')).toMatchObject({
      code: 'server-unreachable',
      message: expect.stringContaining(String(status)),
    })
  })

  it('sees a web page where the API should be', () => {
    expect(thrown(200, '<!doctype html><title>ZenML</title>', { type: 'text/html' })).toMatchObject(
      { code: 'not-a-zenml-server', message: expect.stringContaining('looks like a dashboard') },
    )
    expect(thrown(404, '<html>nginx</html>', { type: 'text/html' }).code).toBe('not-a-zenml-server')
    expect(thrown(500, '<html>', { type: 'text/html' }).code).toBe('unexpected-answer')
  })

  it('says where the server address of a ZenML Pro workspace is', () => {
    expect(
      thrown(200, '<html>', { base: 'https://cloud.zenml.io/workspaces/prod' }).next,
    ).toContain('dashboard of ZenML Pro')
  })

  it('names the address that a redirect leads to', () => {
    expect(
      thrown(301, '', { location: 'https://new.example.com/api/v1/runs?project=x' }),
    ).toMatchObject({
      code: 'not-a-zenml-server',
      next: 'Use https://new.example.com as the address of the server.',
    })
    expect(thrown(302, '', { location: 'https://sso.example.com/login' }).message).toContain(
      'sso.example.com',
    )
    expect(thrown(302, '').message).toContain('nowhere')
  })

  it('repeats no secret that the server repeats', () => {
    registerSecret('hunter2hunter2')
    expect(
      thrown(400, { detail: ['ValueError', 'bad key hunter2hunter2 or ZENKEY_abc123'] }).message,
    ).toContain('bad key *** or ***')
  })
})
