import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { createLog } from '../../../src/runtime/log.ts'
import {
  foundKeys,
  keepUnmasked,
  redactForeign,
  registerKey,
  registerSecret,
  withoutKeys,
  withoutKeysIn,
} from '../../../src/runtime/secrets.ts'

const before = process.env['GITHUB_ACTIONS']
afterEach(() => {
  jest.restoreAllMocks()
  if (before === undefined) delete process.env['GITHUB_ACTIONS']
  else process.env['GITHUB_ACTIONS'] = before
})

/** The lines that are written to the runner meanwhile. */
function masksOf(work: () => void): string[] {
  process.env['GITHUB_ACTIONS'] = 'true'
  const written: string[] = []
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk))
    return true
  })
  work()
  jest.restoreAllMocks()
  return written
    .join('')
    .split('\n')
    .filter((line) => line !== '')
}

describe('masks on the runner', () => {
  it('name the lines of a secret, and nothing of it is printed outside of them', () => {
    const lines = masksOf(() => {
      registerSecret('-----BEGIN KEY-----\r\nMIIE100%sure\r\nQUJDREVG\r\n-----END KEY-----\n')
    })
    expect(lines).toContain('::add-mask::MIIE100%25sure')
    expect(lines.filter((line) => !line.startsWith('::add-mask::'))).toEqual([])
    expect(redactForeign('a QUJDREVG b')).toBe('a *** b')
  })

  it('leave out what is short, common, or part of job outputs', () => {
    keepUnmasked('sources: [{ name: churn-model }]')
    const lines = masksOf(() => {
      for (const value of ['abc', '12345678', 'true', 'churn-model', 'zenml', 'abcd'])
        registerSecret(value)
    })
    expect(lines).toEqual(['::add-mask::abcd'])
    expect(redactForeign('the model churn-model')).toBe('the model ***')
  })
})

describe('a key of ours', () => {
  it('is taken out of text that is about to be written, and reported', () => {
    registerKey('MY_KEY', 'k3y-of-"ours"')
    expect(withoutKeys(JSON.stringify({ path: '/k3y-of-"ours"/x' }), 'the result')).toBe(
      '{"path":"/***/x"}',
    )
    expect(foundKeys()).toEqual([{ key: 'MY_KEY', where: 'the result' }])
  })

  it('is not looked for when it is short or a fixed word of the output', () => {
    registerKey('ZENML_DATABASE_URL', 'zenml')
    registerKey('OTHER_URL', 'production')
    const text = '/srv/zenml/zenml-upgrade-report/production/plan.json'
    expect(withoutKeys(text, 'the report')).toBe(text)
  })

  it('leaves the secrets of the user in what we write: they may be parts of names and addresses', () => {
    registerSecret('eu-central-1')
    const text = 's3://backups/eu-central-1/staging'
    expect(withoutKeys(text, 'the report')).toBe(text)
    expect(redactForeign(text)).toBe('s3://backups/***/staging')
  })

  it('is taken out of data before a renderer escapes or breaks it, and the data keeps its form', () => {
    registerKey('DATABASE_KEY', `p&ss <w"rd'>$`)
    const url = `mysql://zen:p&ss <w"rd'>$@db`
    expect(withoutKeysIn({ rows: [{ [url]: [url, 1, null] }], at: undefined }, 'the page')).toEqual(
      {
        rows: [{ 'mysql://zen:***@db': ['mysql://zen:***@db', 1, null] }],
        at: undefined,
      },
    )
    expect(foundKeys()).toContainEqual({ key: 'DATABASE_KEY', where: 'the page' })
  })

  it('is taken out of data whose parts are the same objects as before', () => {
    const result = { summary: 'ZENKEY_abc' }
    const { results, own } = withoutKeysIn({ results: [result], own: [result] }, 'the page')
    expect(own[0]).toEqual({ summary: '***' })
    expect(results[0]).toBe(own[0])
  })

  it('that was never registered is known by its prefix', () => {
    expect(redactForeign('key ZENKEY_abc123== refused')).toBe('key *** refused')
    expect(withoutKeys('ZENPROKEY_abc', 'the comment')).toBe('***')
    expect(foundKeys()).toContainEqual({ key: 'an API key of ZenML', where: 'the comment' })
  })
})

it('a database password that is a common word leaves paths and links of the log alone', () => {
  registerKey('ZENML_DATABASE_URL', 'zenml')
  const lines: string[] = []
  const log = createLog({
    write: (text) => {
      lines.push(text)
    },
    github: false,
    colour: false,
  })
  const line = 'result: /home/zenml/zenml-upgrade-report, https://github.com/acme/zenml/runs/1'
  log.info(line)
  expect(lines).toEqual([`  ${line}\n`])
})
