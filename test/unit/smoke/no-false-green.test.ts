import { describe, expect, it } from '@jest/globals'
import { judgeContent, judgeFixture } from './judged-file.ts'

const rows = (report: Awaited<ReturnType<typeof judgeFixture>>) =>
  report.tests.map(({ name, status, message }) => [name, status, message])

describe('a file that is not green, whatever the exit code', () => {
  const files: readonly [string, string, string][] = [
    [
      'root-counts-a-failure.xml',
      'smoke-failed',
      'the suite counts 1 failures and errors, and lists 0',
    ],
    [
      'parent-suite-counts-a-failure.xml',
      'smoke-failed',
      'the suite counts 1 failures and errors, and lists 0',
    ],
    ['error-in-suite.xml', 'smoke-failed', 'set up failed'],
    ['fewer-tests-than-counted.xml', 'smoke-failed', 'the suite counts 5 tests, and lists 1'],
    ['status-words.xml', 'smoke-failed', 'its status is "failure"'],
    ['utf-16-le.xml', 'smoke-failed', 'expected 1'],
  ]
  for (const [file, code, message] of files)
    it(file, async () => {
      for (const exitCode of [0, 1]) {
        const report = await judgeFixture(file, exitCode)
        expect(report['reason-code']).toBe(code)
        expect(report.tests.find(({ status }) => status === 'failed')?.message).toBe(message)
      }
    })

  it('all-disabled.xml, in which nothing ran', async () => {
    const report = await judgeFixture('all-disabled.xml')
    expect([report['reason-code'], report.message]).toEqual([
      'no-tests',
      'all 2 tests were skipped',
    ])
  })

  it('says of every unknown word that it is the reason', async () => {
    expect(rows(await judgeFixture('status-words.xml'))).toEqual([
      ['a', 'failed', 'its status is "failure"'],
      ['b', 'failed', 'its status is "Failed"'],
      ['c', 'failed', 'its status is "broken"'],
      ['d', 'failed', 'its status is "fail"'],
    ])
  })
})

describe('a file with', () => {
  const ok = '<testcase name="a"/>'
  const red: readonly [string, string][] = [
    ['a failure in the root', `<testsuites><failure/><testsuite>${ok}</testsuite></testsuites>`],
    ['a failure in a suite', `<testsuite><failure message="x"/>${ok}</testsuite>`],
    [
      'a count in the root alone',
      `<testsuites failures="1"><testsuite>${ok}</testsuite></testsuites>`,
    ],
    [
      'more tests in the root',
      `<testsuites tests="9"><testsuite tests="1">${ok}</testsuite></testsuites>`,
    ],
    [
      'a full suite next to an empty one that counts tests',
      `<testsuites><testsuite name="full">${ok}</testsuite><testsuite name="e" tests="3"/></testsuites>`,
    ],
    ['a negative count', `<testsuite failures="-1">${ok}</testsuite>`],
    ['a count in a word', `<testsuite errors="one">${ok}</testsuite>`],
    ['a count with a decimal', `<testsuite tests="1.5">${ok}</testsuite>`],
    ['a count of thousands', `<testsuite tests="1,000">${ok}</testsuite>`],
    ['attributes in other case', `<testsuite Failures="1">${ok}</testsuite>`],
    ['a status in other case', '<testsuite><testcase name="a" Status="FAILED"/></testsuite>'],
    ['elements in other case', '<TestSuite><TestCase name="a"><Failure/></TestCase></TestSuite>'],
    [
      'elements under a prefix',
      '<j:testsuite xmlns:j="urn:j"><j:testcase name="a"><j:error/></j:testcase></j:testsuite>',
    ],
    [
      'an error under a good word',
      '<testsuite><testcase name="a" status="passed"><error/></testcase></testsuite>',
    ],
    [
      'a good word and a bad one',
      '<testsuite><testcase name="a" status="run" result="failed"/></testsuite>',
    ],
    [
      'a skipped test of a bad word',
      `<testsuite>${ok}<testcase name="b" status="error"><skipped/></testcase></testsuite>`,
    ],
    [
      'a failure of a rerun alone',
      '<testsuite><testcase name="a"><rerunFailure message="x"/></testcase></testsuite>',
    ],
    [
      'roots inside the root',
      '<testsuites><testsuites><testsuite><testcase><failure/></testcase></testsuite></testsuites></testsuites>',
    ],
    ['all counted as skipped', `<testsuite tests="1" skipped="1">${ok}</testsuite>`],
    ['all counted as disabled', `<testsuite tests="1" disabled="1">${ok}</testsuite>`],
    [
      'a failure after output',
      '<testsuite><system-out>x</system-out><properties><property name="p"/></properties><error/><testcase name="a"/></testsuite>',
    ],
    [
      'a failure of the one of two tests of the same name',
      `<testsuite>${ok}<testcase name="a"><failure/></testcase></testsuite>`,
    ],
  ]
  for (const [name, xml] of red)
    it(`${name} is red`, async () => {
      expect(await judgeContent(xml)).toMatchObject({ 'reason-code': 'smoke-failed' })
    })

  it('two roots is not read', async () => {
    expect(
      await judgeContent(`<testsuite>${ok}</testsuite><testsuite>${ok}</testsuite>`),
    ).toMatchObject({ 'reason-code': 'junit-missing' })
  })

  const idle: readonly [string, string][] = [
    ['a word of tests that did not run', '<testsuite><testcase status="Disabled"/></testsuite>'],
    ['empty suites', '<testsuites><testsuite/><testsuite tests="0"/></testsuites>'],
    ['a pending test', '<testsuite tests="1" skipped="1"><testcase status="pending"/></testsuite>'],
  ]
  for (const [name, xml] of idle)
    it(`${name} alone is no test`, async () => {
      expect(await judgeContent(xml)).toMatchObject({ 'reason-code': 'no-tests' })
    })

  const green: readonly [string, string][] = [
    ['more listed than counted', `<testsuite tests="1">${ok}${ok}</testsuite>`],
    ['empty counts', `<testsuite tests="" failures="" errors="0.0">${ok}</testsuite>`],
    [
      'empty suites next to full ones',
      `<testsuites tests="1"><testsuite tests="0"/><testsuite tests="1">${ok}</testsuite></testsuites>`,
    ],
    [
      'what googletest writes of a good and a disabled test',
      '<testsuites tests="2" failures="0" disabled="1" errors="0"><testsuite name="s" tests="2" failures="0" disabled="1" skipped="0" errors="0"><testcase name="A" status="run" result="completed" time="0." classname="s"/><testcase name="B" status="notrun" result="suppressed" time="0." classname="s"/></testsuite></testsuites>',
    ],
    ['words in other case', '<testsuite><testcase status="Passed" result="OK"/></testsuite>'],
    ['an empty word', '<testsuite><testcase name="a" status=""/></testsuite>'],
    [
      'output that shows a failure',
      `<testsuite>${ok}<system-out>&lt;failure/&gt;<![CDATA[<failure/>]]></system-out></testsuite>`,
    ],
    [
      'a page in the output of a test',
      '<testsuite><testcase name="a"><system-out><![CDATA[<!DOCTYPE html>]]></system-out></testcase></testsuite>',
    ],
    ['a comment before the root', `<!-- <a> --><testsuite>${ok}</testsuite>`],
  ]
  for (const [name, xml] of green)
    it(`${name} is green`, async () => {
      expect(await judgeContent(xml)).toMatchObject({ 'reason-code': 'smoke-passed' })
    })

  it('a count says once, where it begins, what is missing', async () => {
    const report = await judgeContent(
      `<testsuites tests="3" failures="2"><testsuite name="s" tests="3" failures="2">${ok}</testsuite></testsuites>`,
    )
    expect(rows(report)).toEqual([
      ['a', 'passed', null],
      ['s', 'failed', 'the suite counts 2 failures and errors, and lists 0'],
    ])
  })

  it('a count that is no amount says which', async () => {
    const report = await judgeContent(`<testsuite name="s" skipped="some">${ok}</testsuite>`)
    expect(rows(report).at(-1)).toEqual(['s', 'failed', 'the suite counts "some" skipped'])
  })
})
