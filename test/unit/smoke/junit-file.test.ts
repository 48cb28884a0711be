import { describe, expect, it } from '@jest/globals'
import { smokeDetailsSchema } from '../../../src/result/smoke.ts'
import { combineSuites } from '../../../src/smoke/combine.ts'
import { judgeContent, judgeFixture } from './judged-file.ts'

/** A file in an encoding, with a failing test named by a letter outside of ASCII. */
const text = (declared: string) =>
  `${declared}<testsuite name="s"><testcase name="tést"><failure message="x"/></testcase></testsuite>`
const declaration = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>\n`
const swapped = (content: string) => Buffer.from(content, 'utf16le').swap16()

describe('the encoding of a file', () => {
  const readable: readonly [string, Uint8Array][] = [
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text(declaration('utf-8'))}`)],
    ['UTF-8 without a declaration', Buffer.from(text(''))],
    ['UTF-16 LE with a mark', Buffer.from(`\uFEFF${text(declaration('utf-16'))}`, 'utf16le')],
    ['UTF-16 BE with a mark', swapped(`\uFEFF${text('')}`)],
    ['UTF-16 LE without a mark', Buffer.from(text(declaration('utf-16')), 'utf16le')],
    ['UTF-16 BE without a mark', swapped(text(declaration('utf-16')))],
    ['latin1', Buffer.from(text(declaration('ISO-8859-1')), 'latin1')],
    [
      'latin1 in single quotes',
      Buffer.from(text("<?xml version='1.0' encoding='latin1'?>"), 'latin1'),
    ],
    ['windows-1252', Buffer.from(text(declaration('windows-1252')), 'latin1')],
    ['UTF-8 that calls itself UTF-16, as .NET writes it', Buffer.from(text(declaration('utf-16')))],
    ['a mark against the declaration', Buffer.from(`\uFEFF${text(declaration('latin1'))}`)],
  ]
  for (const [name, bytes] of readable)
    it(name, async () => {
      const report = await judgeContent(bytes)
      expect(report.tests.map((test) => [test.name, test.status])).toEqual([['tést', 'failed']])
    })

  it('is named when it is unknown', async () => {
    for (const [bytes, encoding] of [
      [Buffer.from(text(declaration('klingon-8')), 'latin1'), 'klingon-8'],
      [Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0]), 'UTF-32'],
      [Buffer.from([0, 0, 0, 0x3c]), 'UTF-32'],
    ] as const)
      expect(await judgeContent(bytes)).toMatchObject({
        'reason-code': 'junit-missing',
        message: `the command ended with exit code 0, and its JUnit file is written in the encoding ${encoding}, which is unknown`,
      })
  })
})

describe('the time of a test', () => {
  it('is read in the spellings of test runners, and is else not measured', async () => {
    const report = await judgeFixture('spellings-of-time.xml')
    expect(report.tests.map(({ name, seconds }) => [name, seconds])).toEqual([
      ['nan', null],
      ['thousands', 1234.5],
      ['german', 0.25],
      ['neg', null],
      ['inf', null],
      ['unit', null],
      ['german2', 1234.56],
    ])
    expect(report['reason-code']).toBe('smoke-passed')
  })

  it('is not guessed where it can be read in two ways', async () => {
    const times = [
      '0.',
      '.5',
      '1e-05',
      '12,5',
      '0,123',
      '1,234',
      '1,234,567.5',
      '',
      '0x10',
      '1 234',
    ]
    const report = await judgeContent(
      `<testsuite>${times.map((time) => `<testcase name="t" time="${time}"/>`).join('')}</testsuite>`,
    )
    expect(report.tests.map(({ seconds }) => seconds)).toEqual([
      0,
      0.5,
      0.00001,
      12.5,
      0.123,
      null,
      1234567.5,
      null,
      null,
      null,
    ])
  })
})

describe('a huge suite', () => {
  const count = 200_000
  const huge = (last: string) => {
    const inPackage = `a.rather.long.name.of.a.package.with.${'x'.repeat(65)}`
    const tests = Array.from(
      { length: count },
      (_, index) => `<testcase classname="${inPackage}" name="test_${index}"/>`,
    )
    return `<testsuite name="s" tests="${count}">${tests.join('')}${last}</testsuite>`
  }

  it('is read in a few seconds, and reported by counts and failures', async () => {
    const xml = huge('<testcase name="last"><failure message="no"/></testcase>')
    expect(Buffer.byteLength(xml)).toBeGreaterThan(28_000_000)
    // Of this process alone: what else the machine does has no part in it.
    const before = process.cpuUsage()
    const report = await judgeContent(xml)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1_000_000).toBeLessThan(20)
    expect(report['reason-code']).toBe('smoke-failed')
    expect(report.message).toMatch(/^1 of 200001 tests failed: last;/)
    expect(report.counts).toEqual({
      total: 200_001,
      passed: 200_000,
      failed: 1,
      skipped: 0,
      flaky: 0,
    })
    expect(report.tests).toHaveLength(1001)
    expect(report.tests.at(-1)).toMatchObject({ name: 'last', status: 'failed' })
    const { details } = combineSuites([report], '0.98.0')
    expect(details).toMatchObject({ total: 200_001, passed: 200_000, failed: 1 })
    expect(smokeDetailsSchema.parse(details)).toEqual(details)
  })

  it('of failures is no huge result either', async () => {
    const failure = '<testcase name="t"><failure/></testcase>'
    const report = await judgeContent(`<testsuite>${failure.repeat(3000)}</testsuite>`)
    expect(report.tests).toHaveLength(1000)
    expect(report.counts).toMatchObject({ total: 3000, failed: 3000 })
  })
})
