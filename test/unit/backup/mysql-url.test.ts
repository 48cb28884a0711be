import { describe, expect, it } from '@jest/globals'
import { redactForeign } from '../../../src/runtime/secrets.ts'
import {
  choosePrograms,
  connectionArguments,
  connectionEnvironment,
  type Programs,
} from '../../../src/backup/mysql-programs.ts'
import { nameOf, readAddress } from '../../../src/backup/mysql-url.ts'
import { testMachine } from '../../support/machine.ts'

const read = (url: string | undefined) => readAddress({ DB: url }, 'DB')

describe('the URL of a database', () => {
  it.each([
    [
      'mysql://zenml:secret@db.example.com:3307/zenml',
      { host: 'db.example.com', port: 3307, user: 'zenml', password: 'secret', database: 'zenml' },
    ],
    ['mysql+pymysql://zenml:p%40ss%2Fw%23rd%25@db/zenml', { port: 3306, password: 'p@ss/w#rd%' }],
    ['mysql://zenml:p/a#s?s%zz@db/zenml', { password: 'p/a#s?s%zz', host: 'db' }],
    ['mariadb://ze%6Eml:a:b@[::1]:3306/zenml', { user: 'zenml', password: 'a:b', host: '::1' }],
    ['mysql://zenml@db/zenml', { password: '' }],
  ])('%s', (url, expected) => {
    expect(read(url)).toMatchObject(expected)
  })

  it.each([
    [undefined, 'not set'],
    ['', 'not set'],
    ['sqlite:///zenml.db', 'not a URL such as'],
    ['mysql://db/zenml', 'not a URL such as'],
    ['mysql://zenml:secret-1@db', 'not a URL such as'],
    ['mysql://u:p@db/zenml?ssl_ca=-----BEGIN CERTIFICATE-----', 'path of a file'],
  ])('%p is refused with a sentence that has no password', (url, message) => {
    expect(() => read(url)).toThrow(
      expect.objectContaining({
        code: 'preflight-failed',
        message: expect.stringContaining(message),
      }),
    )
    expect(() => read(url)).not.toThrow('secret-1')
  })

  it('has its password masked in both spellings from then on', () => {
    read('mysql://zenml:top%40secret@db/zenml')
    expect(redactForeign('mysql://zenml:top%40secret@db/zenml and top@secret')).toBe(
      'mysql://zenml:***@db/zenml and ***',
    )
  })

  it('names a database without its password', () => {
    expect(nameOf(read('mysql://zenml:hidden@db:1/zenml'))).toBe('zenml on db:1')
  })

  it.each([
    ['', 'server-decides'],
    ['?ssl=false', 'off'],
    ['?ssl=true', 'required'],
    ['?ssl_ca=/ca.pem', 'required'],
    ['?ssl_ca=/ca.pem&ssl_verify_server_cert=true', 'verified'],
    ['?ssl=true&ssl_verify_server_cert=false', 'required'],
  ])('with %p is encrypted: %s', (query, mode) => {
    expect(read(`mysql://u:p@db/zenml${query}`).tls.mode).toBe(mode)
  })
})

describe('the arguments of the database programs', () => {
  const address = (query = '') => read(`mysql://zenml:very-secret@db/zenml${query}`)

  it('never hold the password', () => {
    expect(connectionArguments(address(), 'mysql', '').join(' ')).not.toContain('very-secret')
    expect(connectionEnvironment(address(), testMachine({ PATH: '/bin' }))).toMatchObject({
      MYSQL_PWD: 'very-secret',
      PATH: '/bin',
    })
  })

  it('begin with --no-defaults and use TCP, as ZenML does', () => {
    expect(connectionArguments(address(), 'mariadb', '').slice(0, 4)).toEqual([
      '--no-defaults',
      '--host=db',
      '--port=3306',
      '--protocol=TCP',
    ])
  })

  it.each([
    ['mysql', 'ssl-mode', '', ['--ssl-mode=PREFERRED']],
    [
      'mysql',
      'ssl-mode',
      '?ssl_ca=/ca&ssl_verify_server_cert=1',
      ['--ssl-mode=VERIFY_IDENTITY', '--ssl-ca=/ca'],
    ],
    ['mysql', 'ssl-mode', '?ssl=0', ['--ssl-mode=DISABLED']],
    ['mariadb', 'ssl-verify-server-cert', '', ['--skip-ssl-verify-server-cert']],
    ['mariadb', '', '', []],
    ['mariadb', 'ssl-verify-server-cert', '?ssl=0', ['--skip-ssl']],
    [
      'mariadb',
      'ssl-verify-server-cert',
      '?ssl_cert=/c&ssl_key=/k',
      ['--ssl', '--skip-ssl-verify-server-cert', '--ssl-cert=/c', '--ssl-key=/k'],
    ],
    [
      'mariadb',
      'ssl-verify-server-cert',
      '?ssl=1&ssl_verify_server_cert=yes',
      ['--ssl', '--ssl-verify-server-cert'],
    ],
  ] as const)('%s that knows %p, for %p', (vendor, help, query, expected) => {
    expect(
      connectionArguments(address(query), vendor, help).filter((argument) =>
        argument.includes('ssl'),
      ),
    ).toEqual(expected)
  })

  it("are for the programs of the server's vendor where both are there", () => {
    const pair = (vendor: 'mariadb' | 'mysql'): Programs => ({
      vendor,
      client: vendor,
      dump: `${vendor}-dump`,
      version: '1',
      help: { client: '', dump: '' },
    })
    expect(choosePrograms([pair('mariadb'), pair('mysql')], 'mysql').vendor).toBe('mysql')
    expect(choosePrograms([pair('mariadb')], 'mysql').vendor).toBe('mariadb')
    expect(() => choosePrograms([], 'mysql')).toThrow('Neither')
  })
})
