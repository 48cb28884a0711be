import { XMLParser, XMLValidator } from 'fast-xml-parser'
import * as z from 'zod'
import type { TestReport } from '../result/smoke.ts'

/**
 * The file is there, and no test can be read from it. The message goes on after "its JUnit file".
 */
export class JunitError extends Error {
  constructor(problem: string, cause?: unknown) {
    super(problem, { cause })
    this.name = 'JunitError'
  }
}

/** Larger than any report of tests; a file beyond it is something else. */
export const JUNIT_LIMIT_BYTES = 50_000_000
const LISTS = new Set([
  'testsuite',
  'testcase',
  'failure',
  'error',
  'skipped',
  'flakyFailure',
  'flakyError',
])

/** What a failure, error or skipped element holds: text, attributes, both, or nothing. */
const remark = z.union([
  z.string().transform((text) => ({ text, '@message': undefined })),
  z
    .looseObject({ '#text': z.coerce.string().optional(), '@message': z.string().optional() })
    .transform((value) => ({ text: value['#text'], '@message': value['@message'] })),
])
const remarks = z.array(remark).default([])
type Remark = z.infer<typeof remark>

const testcase = z.looseObject({
  '@name': z.string().default('(unnamed)'),
  '@classname': z.string().default(''),
  '@time': z.string().optional(),
  '@file': z.string().optional(),
  '@line': z.string().optional(),
  '@status': z.string().optional(),
  failure: remarks,
  error: remarks,
  skipped: remarks,
  flakyFailure: remarks,
  flakyError: remarks,
})
const suite = z.looseObject({
  '@name': z.string().optional(),
  '@failures': z.string().optional(),
  '@errors': z.string().optional(),
  testsuite: z.array(z.unknown()).default([]),
  testcase: z.array(z.unknown()).default([]),
})

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Decoded below: the parser's own decoding would also expand what a document type declares.
  processEntities: false,
  isArray: (name) => LISTS.has(name),
  ignoreDeclaration: true,
})

/**
 * Tests of a JUnit file as pytest, Surefire, gotestsum and jest-junit write it, in the order of the
 * file.
 * @throws JunitError when it is no JUnit XML
 */
export function parseJunit(xml: string): TestReport[] {
  if (xml.trim() === '') throw new JunitError('is empty')
  if (Buffer.byteLength(xml) > JUNIT_LIMIT_BYTES)
    throw new JunitError(`is larger than ${JUNIT_LIMIT_BYTES / 1_000_000} MB`)
  if (/<!DOCTYPE|<!ENTITY/i.test(xml.slice(0, 10_000)))
    throw new JunitError('has a document type, which no test runner writes')
  // Its successor is a package of its own, with more packages behind it, for the same answer.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const valid = XMLValidator.validate(xml)
  if (valid !== true) throw new JunitError(`is no XML: ${valid.err.msg} Line ${valid.err.line}.`)
  let document: unknown
  try {
    document = parser.parse(xml)
  } catch (error) {
    throw new JunitError(
      `is no XML: ${error instanceof Error ? error.message : String(error)}`,
      error,
    )
  }
  const root = z
    .union([
      z.strictObject({ testsuites: z.unknown() }).transform((value) => [value.testsuites]),
      z.strictObject({ testsuite: z.array(z.unknown()) }).transform((value) => value.testsuite),
    ])
    .safeParse(document)
  if (!root.success)
    throw new JunitError(
      `has the root element ${Object.keys(document as object)[0] ?? 'nothing'}, not testsuites or testsuite`,
    )
  return collect(root.data)
}

/** Suites may be nested; walked with a list of our own, so that no depth overflows. */
function collect(roots: readonly unknown[]): TestReport[] {
  const tests: TestReport[] = []
  const open = [...roots].reverse()
  while (open.length > 0) {
    const next = open.pop()
    // An element without attributes and children is read as text.
    if (typeof next === 'string') continue
    const parsed = suite.safeParse(next)
    if (!parsed.success) throw new JunitError('has a test suite that cannot be read', parsed.error)
    const own = parsed.data.testcase.map(readTest)
    tests.push(...own, ...unlisted(parsed.data, own))
    open.push(...[...parsed.data.testsuite].reverse())
  }
  return tests
}

function readTest(value: unknown): TestReport {
  const parsed = testcase.safeParse(typeof value === 'string' ? {} : value)
  if (!parsed.success) throw new JunitError('has a test case that cannot be read', parsed.error)
  const given = parsed.data
  const [bad] = [...given.failure, ...given.error]
  const [skipped] = given.skipped
  const [flaky] = [...given.flakyFailure, ...given.flakyError]
  const told = bad ?? skipped ?? flaky
  const status =
    bad !== undefined || /^(failed|error)$/i.test(given['@status'] ?? '')
      ? 'failed'
      : skipped !== undefined
        ? 'skipped'
        : flaky !== undefined
          ? 'flaky'
          : 'passed'
  return {
    name: testName(decode(given['@classname']), decode(given['@name'])),
    status,
    seconds: seconds(given['@time']),
    message: told === undefined ? null : firstLine(told),
    ...place(given['@file'], given['@line'], told),
  }
}

/** A suite that counts more failures than it lists broke outside of its tests. */
function unlisted(given: z.infer<typeof suite>, own: readonly TestReport[]): TestReport[] {
  if (given.testsuite.length > 0) return []
  const counted = (Number(given['@failures'] ?? 0) || 0) + (Number(given['@errors'] ?? 0) || 0)
  const listed = own.filter((test) => test.status === 'failed').length
  if (counted <= listed) return []
  const message = `the suite counts ${counted} failures and errors, and lists ${listed}`
  return [
    {
      name: decode(given['@name'] ?? 'suite'),
      status: 'failed',
      seconds: 0,
      message,
      file: null,
      line: null,
    },
  ]
}

function testName(classname: string, name: string): string {
  return classname === '' || name.startsWith(classname) ? name : `${classname}.${name}`
}

function seconds(time: string | undefined): number {
  const value = Number((time ?? '0').replaceAll(',', '')) // Surefire writes thousands as 1,234.5
  return Number.isFinite(value) && value > 0 ? value : 0
}

function firstLine(told: Remark): string | null {
  const lines = [told['@message'] ?? '', told.text ?? ''].map(
    (text) => decode(text).trim().split('\n')[0] ?? '',
  )
  return lines.find((line) => line !== '') ?? null
}

/**
 * pytest names file and line at the end of what it prints about a failure; other runners as
 * attributes.
 */
function place(
  file: string | undefined,
  line: string | undefined,
  told: Remark | undefined,
): { file: string | null; line: number | null } {
  const printed = [...decode(told?.text ?? '').matchAll(/^(\S[^\n:]*\.\w+):(\d+):/gm)].at(-1)
  if (printed?.[1] !== undefined) return { file: printed[1], line: Number(printed[2]) }
  return {
    file: file === undefined ? null : decode(file),
    line: line !== undefined && /^\d+$/.test(line) ? Number(line) : null,
  }
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decode(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi,
    (whole, decimal?: string, hexadecimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole
      const point = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal)
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole
    },
  )
}
