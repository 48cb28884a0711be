import { describe, expect, it } from '@jest/globals'
import { transportProblem } from '../../../src/http/transport-errors.ts'

const url = new URL('https://zenml.example.com')
const proxy = new URL('http://user:hunter22@proxy.example.com:3128')
const failure = (code: string, message = code) => Object.assign(new Error(message), { code })

describe('transportProblem', () => {
  it.each([
    ['ECONNREFUSED', true, true, 'refuses the connection'],
    ['UND_ERR_CONNECT_TIMEOUT', true, true, 'no connection'],
    ['EAI_AGAIN', true, true, 'DNS'],
    ['ENOTFOUND', false, true, 'DNS'],
    ['ECONNRESET', true, false, 'broke'],
    ['UND_ERR_SOCKET', true, false, 'broke'],
    ['SELF_SIGNED_CERT_IN_CHAIN', false, true, 'authority'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false, true, 'authority'],
    ['CERT_HAS_EXPIRED', false, true, 'certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false, true, 'certificate'],
    ['EPROTO', false, true, 'TLS'],
  ])('%s', (code, passing, neverSent, words) => {
    for (const error of [
      failure(code),
      new Error('fetch failed', { cause: failure(code) }),
      new AggregateError([failure(code)]),
    ]) {
      expect(transportProblem(error, url, undefined, {})).toMatchObject({
        passing,
        neverSent,
        what: expect.stringContaining(words),
      })
    }
  })

  // A name with several addresses: node gathers one error for each, and gives the code of the first.
  it.each([
    [['ECONNREFUSED', 'ECONNREFUSED'], 'refused'],
    [['ENETUNREACH', 'ECONNREFUSED'], 'refused'],
    [['ETIMEDOUT', 'ECONNREFUSED'], 'no-connection'],
    [['ECONNREFUSED', 'ETIMEDOUT'], 'no-connection'],
  ])('judges %j by all addresses: %s', (codes, kind) => {
    const [code] = codes
    const gathered = Object.assign(new AggregateError(codes.map((each) => failure(each))), { code })
    expect(transportProblem(gathered, url, undefined, {})).toMatchObject({ kind })
  })

  it('names the proxy, without its password, when the proxy is the door', () => {
    const problem = transportProblem(failure('ECONNREFUSED'), url, proxy, {})
    expect(problem).toMatchObject({
      what: 'the proxy proxy.example.com:3128 refuses the connection',
      next: expect.stringContaining('HTTPS_PROXY'),
    })
    expect(JSON.stringify(problem)).not.toContain('hunter22')
  })

  it.each([
    ['Proxy response (407) !== 200 when HTTP Tunneling', false, 'user and password'],
    ['Proxy response (502) !== 200 when HTTP Tunneling', true, 'NO_PROXY'],
    ['Proxy response (403) !== 200 when HTTP Tunneling', false, 'NO_PROXY'],
  ])('%s', (message, passing, next) => {
    expect(transportProblem(failure('UND_ERR_ABORTED', message), url, proxy, {})).toMatchObject({
      passing,
      neverSent: true,
      next: expect.stringContaining(next),
    })
  })

  it('tells how to trust a private authority, and what is set already', () => {
    expect(
      transportProblem(failure('SELF_SIGNED_CERT_IN_CHAIN'), url, undefined, {}).next,
    ).toContain('NODE_EXTRA_CA_CERTS')
    expect(
      transportProblem(failure('SELF_SIGNED_CERT_IN_CHAIN'), url, undefined, {
        NODE_EXTRA_CA_CERTS: '/ca.pem',
      }).next,
    ).toContain('/ca.pem now')
  })

  it('repeats an unknown error', () => {
    expect(transportProblem(new Error('something odd'), url, undefined, {})).toMatchObject({
      what: 'something odd',
      passing: false,
      neverSent: false,
    })
  })
})
