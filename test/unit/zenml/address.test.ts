import { describe, expect, it } from '@jest/globals'
import { isProDashboard, movedTo, normaliseAddress } from '../../../src/zenml/address.ts'

describe('normaliseAddress', () => {
  it.each([
    ['https://zenml.example.com', 'https://zenml.example.com'],
    ['https://zenml.example.com/', 'https://zenml.example.com'],
    ['  https://zenml.example.com/api/v1/ ', 'https://zenml.example.com'],
    ['https://zenml.example.com/api/v1/info?x=1#y', 'https://zenml.example.com'],
    ['https://example.com/zenml/api/v1', 'https://example.com/zenml'],
    ['http://127.0.0.1:8080/health', 'http://127.0.0.1:8080'],
    ['HTTPS://ZenML.Example.com:443/', 'https://zenml.example.com'],
  ])('%s is %s', (written, base) => {
    expect(normaliseAddress(written)).toBe(base)
  })

  it.each(['zenml.example.com', 'localhost:8080', 'ftp://zenml.example.com', ''])(
    'refuses %j',
    (written) => {
      expect(() => normaliseAddress(written)).toThrow(
        expect.objectContaining({ code: 'invalid-input' }),
      )
    },
  )

  it.each([
    'https://user:hunter22@zenml.example.com',
    'user:hunter22@zenml.example.com',
    'mysql://user:hunter22@db',
  ])('does not repeat the password of %s', (written) => {
    expect(() => normaliseAddress(written)).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        message: expect.not.stringContaining('hunter22'),
      }),
    )
  })
})

describe('movedTo', () => {
  const asked = new URL('http://zenml.example.com/base/api/v1/info')
  it.each([
    ['https://zenml.example.com/base/api/v1/info', 'https://zenml.example.com/base'],
    ['https://other.example.com/api/v1/info', 'https://other.example.com'],
    ['https://login.example.com/start?next=x', undefined],
    ['/login', undefined],
    [undefined, undefined],
  ])('%s moves the server to %s', (location, target) => {
    expect(movedTo(asked, 'http://zenml.example.com/base', location)).toBe(target)
  })
})

it('knows the dashboard of ZenML Pro', () => {
  expect(isProDashboard('https://cloud.zenml.io/workspaces/prod')).toBe(true)
  expect(isProDashboard('https://1bfe8d94-zenml.cloudinfra.zenml.io')).toBe(false)
})
