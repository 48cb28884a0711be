import { afterEach, expect, it, jest } from '@jest/globals'
import { redact, registerSecret } from '../../../src/runtime/secrets.ts'

const before = process.env['GITHUB_ACTIONS']
afterEach(() => {
  jest.restoreAllMocks()
  if (before === undefined) delete process.env['GITHUB_ACTIONS']
  else process.env['GITHUB_ACTIONS'] = before
})

it('a secret of several lines never stands in the log outside of a command to mask it', () => {
  process.env['GITHUB_ACTIONS'] = 'true'
  const written: string[] = []
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk))
    return true
  })
  registerSecret('-----BEGIN KEY-----\r\nMIIE100%sure\r\nQUJDREVG\r\n-----END KEY-----\n')
  jest.restoreAllMocks()
  const lines = written
    .join('')
    .split('\n')
    .filter((line) => line !== '')
  expect(lines).toContain('::add-mask::MIIE100%25sure')
  expect(lines.filter((line) => !line.startsWith('::add-mask::'))).toEqual([])
  expect(redact('a QUJDREVG b')).toBe('a *** b')
})

it('a secret with quotes and backslashes does not stand in JSON either', () => {
  const secret = 'p"ass\\w\tord'
  registerSecret(secret)
  const text = redact(JSON.stringify({ message: `refused: ${secret}!`, [secret]: 1 }))
  expect(text).toBe('{"message":"refused: ***!","***":1}')
  expect(redact(`refused: ${secret}!`)).toBe('refused: ***!')
})
