import { describe, expect, it } from '@jest/globals'
import { classOf, isMaskable, linesOf, redactor } from '../../../src/runtime/redaction.ts'

const PASSWORD = `p"a\\s/s & w+ö'rd%!`
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('the class of a secret', () => {
  it.each([
    ['', 'never'],
    ['abc', 'never'],
    ['12345678', 'never'],
    ['-1.25', 'never'],
    ['true', 'never'],
    ['False', 'never'],
    ['zenml', 'word'],
    ['abcdefg', 'word'],
    ['1.2.3.4', 'word'],
    ['abcdefgh', 'everywhere'],
  ])('of %j is %s', (value, expected) => {
    expect(classOf(value)).toBe(expected)
  })

  it('is decided for each line, without the blanks around it', () => {
    expect(linesOf('{\r\n  "key": "x"\n\n}\n')).toEqual(['{', '"key": "x"', '}'])
  })
})

describe('a secret of eight characters and more', () => {
  const redact = redactor([PASSWORD])
  it.each([
    ['as it is', PASSWORD],
    ['in JSON', JSON.stringify(PASSWORD)],
    ['in JSON of Python', `"${JSON.stringify(PASSWORD).slice(1, -1).replace('ö', '\\u00f6')}"`],
    ['in JSON of Go', JSON.stringify(PASSWORD).replace('&', '\\u0026')],
    ['as a literal of Python', `'${PASSWORD.replace('\\', '\\\\')}'`],
    ['in a URL', `mysql://zenml:${encodeURIComponent(PASSWORD)}@db/zenml`],
    ['in a URL of Python', 'p%22a%5Cs/s%20%26%20w%2B%C3%B6%27rd%25%21'],
    ['in a form', 'p%22a%5Cs%2Fs+%26+w%2B%C3%B6%27rd%25%21'],
    ['in a URL with small letters', encodeURIComponent(PASSWORD).toLowerCase()],
    ['as a part of a longer word', `x${PASSWORD}y`],
  ])('is taken out %s', (_, text) => {
    const clean = redact(`before ${text} after`)
    expect(clean).toMatch(/^before .*\*\*\*.* after$/)
    expect(clean).not.toMatch(/a.{1,6}s.{1,3}s|rd/)
  })

  it.each(['', 'a', 'ab', 'abc', 'user:'])('is taken out of base64 behind %j', (prefix) => {
    const secret = 'hunter22-secret'
    const text = `Authorization: Basic ${base64(`${prefix}${secret}, and more`)}`
    const clean = redactor([secret])(text)
    expect(clean).toMatch(/^Authorization: Basic .*\*\*\*/)
    const left = clean
      .slice('Authorization: Basic '.length)
      .split('***')
      .map((part) => Buffer.from(part, 'base64').toString())
    expect(left.join('')).not.toMatch(/unter|ecre/)
  })

  it('is taken out of base64 for URLs', () => {
    const secret = 'a?b>c~d?e>f'
    expect(redactor([secret])(Buffer.from(secret).toString('base64url'))).toMatch(/^\*\*\*.?$/)
  })

  it('is taken out as one with another that overlaps it', () => {
    expect(redactor(['abcdefgh', 'ghijklmnop'])('x abcdefghijklmnop y')).toBe('x *** y')
  })

  it('is taken out at every place', () => {
    expect(redactor(['abcdefgh'])('abcdefgh,abcdefgh abcdefghi')).toBe('***,*** ***i')
  })
})

describe('a secret of four to seven characters', () => {
  const redact = redactor(['zenml', 'a/b=c'])
  it.each([
    ['zenml', '***'],
    ['mysql://root:zenml@db', 'mysql://root:***@db'],
    ['password=zenml,', 'password=***,'],
    ['"zenml\\n"', '"***\\n"'],
    ['%3Azenml%40', '%3A***%40'],
    ['a\\nzenml', 'a\\n***'],
    ['a%2Fb%3Dc', '***'],
    ['zenml_config zenml2 mzenml', 'zenml_config zenml2 mzenml'],
    ['ZENML', 'ZENML'],
  ])('in %s gives %s', (text, expected) => {
    expect(redact(text)).toBe(expected)
  })
})

it('a shorter secret, a number, and true or false are left where they are', () => {
  const text = 'port 3306, abc, true'
  expect(redactor(['3306', 'abc', 'true'])(text)).toBe(text)
})

it('only what may be a secret and is no part of outputs is masked', () => {
  expect(
    ['abc', '3306', 'true', 'churn', 'abcd'].filter((line) => isMaskable(line, 'churn:')),
  ).toEqual(['abcd'])
})

it('thirty secrets are searched for in ten megabytes in a few seconds', () => {
  const secrets = Array.from({ length: 30 }, (_, index) => `a-secret-of-number-${index}!`)
  const redact = redactor(secrets)
  const text = 'an ordinary line of the output of a program\n'.repeat(250_000)
  const started = performance.now()
  expect(redact(text)).toBe(text)
  expect(performance.now() - started).toBeLessThan(5000)
})
