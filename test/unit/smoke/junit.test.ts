import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { JUNIT_LIMIT_BYTES, parseJunit } from '../../../src/smoke/junit.ts'
import { JunitError } from '../../../src/smoke/junit-error.ts'

const read = (name: string) =>
  parseJunit(readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'junit', name), 'utf8'))
const short = (name: string) =>
  read(name).map(({ name: test, status, message }) => [test, status, message])

describe('JUnit XML', () => {
  it('of pytest', () => {
    expect(short('pytest.xml')).toEqual([
      ['test_all.test_ok', 'passed', null],
      ['test_all.test_bad', 'failed', "assert 'a<b' == 'c&\"d'"],
      ['test_all.test_skipped', 'skipped', 'no mail'],
      ['test_all.test_xfail', 'skipped', null],
      ['test_all.test_error', 'failed', 'failed on setup with "ValueError: setup'],
      ['test_all.test_late', 'failed', 'failed on teardown with "RuntimeError: teardown"'],
      ['test_all.test_param[\\xfc|x]', 'passed', null],
      ['test_all.test_param[\\x1b]', 'passed', null],
      ['test_all.TestC.test_m', 'failed', "KeyError: 'm\\n\\x1b[31mred'"],
    ])
    expect(
      read('pytest.xml')
        .map(({ file, line }) => [file, line])
        .filter(([file]) => file !== null),
    ).toEqual([
      ['test_all.py', 3],
      ['test_all.py', 4],
      ['test_all.py', 9],
      ['test_all.py', 14],
      ['test_all.py', 19],
    ])
  })

  it('of pytest in its older form', () => {
    expect(short('pytest-xunit1.xml')).toEqual(short('pytest.xml'))
    expect(read('pytest-xunit1.xml')[0]).toMatchObject({
      file: 'test_all.py',
      line: 1,
      seconds: 0.001,
    })
  })

  it('of a pytest that could not collect, and of one that had nothing to collect', () => {
    expect(short('pytest-collection-error.xml')).toEqual([
      ['test_syntax', 'failed', 'collection failure'],
    ])
    expect(short('pytest-no-tests.xml')).toEqual([])
  })

  it('of Surefire, with a root testsuite, CDATA and tests that passed when run again', () => {
    expect(short('surefire.xml')).toEqual([
      ['com.acme.ChurnTest.trains', 'passed', null],
      ['com.acme.ChurnTest.scores', 'failed', 'expected: <0.8> but was: <0.41>'],
      ['com.acme.ChurnTest.connects', 'failed', 'java.net.ConnectException: refused'],
      ['com.acme.ChurnTest.mails', 'skipped', null],
      ['com.acme.ChurnTest.retries', 'flaky', 'first time'],
    ])
    expect(read('surefire.xml')[0]?.seconds).toBe(1200.25)
  })

  it('of gotestsum', () => {
    expect(short('gotestsum.xml')).toEqual([
      ['acme/churn/smoke.TestTrains', 'passed', null],
      ['acme/churn/smoke.TestScores/weekly', 'failed', 'Failed'],
      ['acme/churn/report.TestMails', 'skipped', 'no mail server'],
    ])
  })

  it('of jest-junit', () => {
    expect(short('jest-junit.xml')).toEqual([
      ['smoke trains', 'passed', null],
      ['smoke scores', 'failed', 'Error: expect(received).toBe(expected)'],
    ])
  })

  it('with nested suites, in order, and a suite that counts failures it does not list', () => {
    expect(short('nested-and-unlisted.xml')).toEqual([
      ['inner.a', 'passed', null],
      ['broken', 'failed', 'the suite counts 2 failures and errors, and lists 0'],
    ])
  })

  it('with one test, no attributes, a byte order mark, references and a status attribute', () => {
    expect(parseJunit('\uFEFF<testsuite><testcase/></testsuite>')).toEqual([
      { name: '(unnamed)', status: 'passed', seconds: null, message: null, file: null, line: null },
    ])
    expect(
      parseJunit(
        '<testsuite><testcase name="&#233;&#x1F600;&amp;lt;" status="failed" time="x"/></testsuite>',
      ),
    ).toMatchObject([{ name: 'é😀&lt;', status: 'failed', seconds: null }])
    expect(parseJunit('<testsuites/>')).toEqual([])
  })

  it('nested very deeply ends as a typed error or a result, not as a crash', () => {
    const deep = `${'<testsuite>'.repeat(20_000)}<testcase name="t"/>${'</testsuite>'.repeat(20_000)}`
    let error: unknown
    try {
      parseJunit(deep)
    } catch (caught) {
      error = caught
    }
    if (error !== undefined) expect(error).toBeInstanceOf(JunitError)
  })

  const garbage: readonly [string, string, RegExp][] = [
    ['nothing', ' \n', /is empty/],
    ['a text', 'no tests here', /is no XML/],
    ['JSON', '{"tests": 1}', /is no XML/],
    ['half a file', '<testsuites><testsuite name="a"><testcase', /is no XML/],
    ['a page', '<html><body/></html>', /root element html/],
    ['two roots', '<testsuites/><html/>', /root element/],
    [
      'entities',
      '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><testsuites><testsuite name="&b;"/></testsuites>',
      /document type/,
    ],
    [
      'a file of another size',
      `<testsuites>${' '.repeat(JUNIT_LIMIT_BYTES)}</testsuites>`,
      /larger than 50 MB/,
    ],
  ]
  for (const [name, xml, problem] of garbage) {
    it(`is not: ${name}`, () => {
      expect(() => parseJunit(xml)).toThrow(JunitError)
      expect(() => parseJunit(xml)).toThrow(problem)
    })
  }
})
