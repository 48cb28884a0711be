import { expect, it } from '@jest/globals'
import { dsnPasswords, urlPasswords } from '../../../src/runtime/url-passwords.ts'

it.each([
  ['https://example.com/path@x', []],
  ['https://user@example.com', []],
  ['https://user:pass%40word@example.com', ['pass%40word', 'pass@word']],
  ['mysql+pymysql://u:p/a?s#s@db/zenml', ['p/a?s#s']],
  ['mysql://u:50%@db/zenml', ['50%']],
  ['https://a:first@one/ https://b:second@two/', ['first', 'second']],
  ['plain text', []],
])('the passwords in the URLs of %s are %j', (value, passwords) => {
  expect(urlPasswords(value)).toEqual(passwords)
})

it.each([
  ['user:password@tcp(host:3306)/db', ['password']],
  ['host=db user=zenml password=secret dbname=zenml', ['secret']],
  ['Server=db;Pwd=secret;Database=zenml', ['secret']],
  ['host=db', []],
])('the passwords of the data source %s are %j', (value, passwords) => {
  expect(dsnPasswords(value)).toEqual(passwords)
})
