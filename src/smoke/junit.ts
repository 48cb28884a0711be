import { XMLParser, XMLValidator } from 'fast-xml-parser'
import * as z from 'zod'
import type { TestReport } from '../result/smoke.ts'
import { compareCounts, NOTHING, sum, type Amounts } from './junit-counts.ts'
import { JunitError } from './junit-error.ts'
import { testStatus } from './junit-status.ts'
import { junitSeconds } from './junit-time.ts'

/** Larger than any report of tests; a file beyond it is something else. */
export const JUNIT_LIMIT_BYTES = 50_000_000
const LISTS = new Set([
  'testsuites',
  'testsuite',
  'testcase',
  'failure',
  'error',
  'skipped',
  'flakyfailure',
  'flakyerror',
  'rerunfailure',
  'rerunerror',
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
  '@result': z.string().optional(),
  failure: remarks,
  error: remarks,
  skipped: remarks,
  flakyfailure: remarks,
  flakyerror: remarks,
  rerunfailure: remarks,
  rerunerror: remarks,
})
const suite = z.looseObject({
  '@name': z.string().optional(),
  '@tests': z.string().optional(),
  '@failures': z.string().optional(),
  '@errors': z.string().optional(),
  '@skipped': z.string().optional(),
  '@disabled': z.string().optional(),
  failure: remarks,
  error: remarks,
  testsuites: z.array(z.unknown()).default([]),
  testsuite: z.array(z.unknown()).default([]),
  testcase: z.array(z.unknown()).default([]),
})
type Suite = z.infer<typeof suite>

const lower = (name: string) => name.toLowerCase()
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Decoded below: the parser's own decoding would also expand what a document type declares.
  processEntities: false,
  // A failure is one in whatever case and under whatever prefix it is spelled.
  transformTagName: lower,
  transformAttributeName: lower,
  removeNSPrefix: true,
  isArray: (name) => LISTS.has(name),
  ignoreDeclaration: true,
})

/**
 * Tests of a JUnit file as pytest, Surefire, gotestsum and jest-junit write it, in the order of the
 * file. What the file counts and does not list is a failed test of the suite's name.
 * @throws JunitError when it is no JUnit XML
 */
export function parseJunit(xml: string): TestReport[] {
  if (xml.trim() === '') throw new JunitError('is empty')
  if (Buffer.byteLength(xml) > JUNIT_LIMIT_BYTES)
    throw new JunitError(`is larger than ${JUNIT_LIMIT_BYTES / 1_000_000} MB`)
  if (/<!DOCTYPE|<!ENTITY/i.test(prologue(xml)))
    throw new JunitError('has a document type, which no test runner writes')
  const root = z
    .union([
      z.strictObject({ testsuites: z.array(z.unknown()) }).transform((value) => value.testsuites),
      z.strictObject({ testsuite: z.array(z.unknown()) }).transform((value) => value.testsuite),
    ])
    .safeParse(parseXml(xml))
  if (!root.success) throw new JunitError(`has ${rootName(xml)}, not testsuites or testsuite`)
  return collect(root.data)
}

/** What stands before the first element; tests may print a document type of their own. */
function prologue(xml: string): string {
  const text = xml.slice(0, 10_000).replace(/<!--.*?-->/gs, '')
  const root = text.search(/<[\p{L}_]/u)
  return root === -1 ? text : text.slice(0, root)
}

function rootName(xml: string): string {
  const name = /<([\p{L}_][^\s/>]*)/u.exec(xml.slice(prologue(xml).length))?.[1] ?? 'nothing'
  return `the root element ${name}`
}

function parseXml(xml: string): unknown {
  // Its successor is a package of its own, with more packages behind it, for the same answer.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const valid = XMLValidator.validate(xml)
  if (valid !== true) throw new JunitError(`is no XML: ${valid.err.msg} Line ${valid.err.line}.`)
  try {
    return parser.parse(xml)
  } catch (error) {
    throw new JunitError(
      `is no XML: ${error instanceof Error ? error.message : String(error)}`,
      error,
    )
  }
}

/** A suite in the order of the file. The one that holds it stands before it. */
interface Placed {
  readonly suite: Suite
  readonly parent: number
  readonly own: readonly Listed[]
  readonly pytest: boolean
}

/** A test with what it adds to the counts of its suite. */
interface Listed {
  readonly test: TestReport
  readonly amounts: Amounts
}

function collect(roots: readonly unknown[]): TestReport[] {
  const placed = inOrder(roots)
  const problems = missing(placed)
  return placed.flatMap(({ suite: given, own }, index) => {
    const problem = problems[index] ?? null
    return [
      ...own.map(({ test }) => test),
      ...[...given.failure, ...given.error].map((said) => broken(given, remarkLine(said))),
      ...(problem === null ? [] : [broken(given, problem)]),
    ]
  })
}

/** Suites may be nested; walked with a list of our own, so that no depth overflows. */
function inOrder(roots: readonly unknown[]): Placed[] {
  const placed: Placed[] = []
  const open = roots.map((value) => ({ value, parent: -1 })).reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // An element without attributes and children is read as text.
    if (typeof next.value === 'string') continue
    const parsed = suite.safeParse(next.value)
    if (!parsed.success) throw new JunitError('has a test suite that cannot be read', parsed.error)
    const parent = placed.length
    placed.push({
      suite: parsed.data,
      parent: next.parent,
      own: parsed.data.testcase.map(readTest),
      pytest: isPytest(next.value),
    })
    for (const value of [...parsed.data.testsuites, ...parsed.data.testsuite].reverse())
      open.push({ value, parent })
  }
  return placed
}

/** Compares from the innermost suite outwards; the problem of each suite, or null. */
function missing(placed: readonly Placed[]): (string | null)[] {
  const below = placed.map(({ suite: given, own }) =>
    own.reduce((all, { amounts }) => sum(all, amounts), {
      ...NOTHING,
      bad: given.failure.length + given.error.length,
    }),
  )
  const problems: (string | null)[] = placed.map(() => null)
  for (let index = placed.length - 1; index >= 0; index -= 1) {
    const one = placed[index]
    if (one === undefined) continue
    const compared = compareCounts(claims(one.suite), below[index] ?? NOTHING, one.pytest)
    problems[index] = compared.problem
    if (one.parent >= 0) below[one.parent] = sum(below[one.parent] ?? NOTHING, compared.accounted)
  }
  return problems
}

function claims(given: Suite) {
  return {
    tests: given['@tests'],
    failures: given['@failures'],
    errors: given['@errors'],
    skipped: given['@skipped'],
    disabled: given['@disabled'],
  }
}

const PYTEST = [
  '@name',
  '@errors',
  '@failures',
  '@skipped',
  '@tests',
  '@time',
  '@timestamp',
  '@hostname',
]

/**
 * pytest counts every subtest that passed, and every run of a test that is run again, and lists
 * them once. It writes each failure that it counts, and can be known by the order of its attributes
 * alone: the name of the suite is a setting.
 */
function isPytest(element: unknown): boolean {
  if (typeof element !== 'object' || element === null || 'testsuite' in element) return false
  const keys = Object.keys(element).filter((key) => PYTEST.includes(key))
  return keys.join() === PYTEST.join()
}

function broken(given: Suite, message: string | null): TestReport {
  const name = decode(given['@name'] ?? 'suite')
  return { name, status: 'failed', seconds: null, message, file: null, line: null }
}

function readTest(value: unknown): Listed {
  const parsed = testcase.safeParse(typeof value === 'string' ? {} : value)
  if (!parsed.success) throw new JunitError('has a test case that cannot be read', parsed.error)
  const given = parsed.data
  const bad = [...given.failure, ...given.error]
  // Without a failure beside them, these say only that the test failed when it was run again.
  const again = [...given.rerunfailure, ...given.rerunerror]
  const flaky = [...given.flakyfailure, ...given.flakyerror]
  const findings = {
    bad: bad.length + again.length > 0,
    skipped: given.skipped.length > 0,
    flaky: flaky.length > 0,
  }
  const { status, word } = testStatus(findings, [given['@status'], given['@result']].map(plain))
  const said = [...bad, ...again, ...given.skipped, ...flaky][0]
  const test: TestReport = {
    name: testName(decode(given['@classname']), decode(given['@name'])),
    status,
    seconds: junitSeconds(given['@time']),
    message: messageOf(said, word),
    ...place(given['@file'], given['@line'], said),
  }
  // pytest writes several remarks into one test case and counts each.
  const amounts = {
    tests: 1,
    bad: status === 'failed' ? Math.max(1, bad.length) : 0,
    idle: Math.max(status === 'skipped' ? 1 : 0, given.skipped.length),
  }
  return { test, amounts }
}

const plain = (text: string | undefined) => (text === undefined ? undefined : decode(text))

function messageOf(said: Remark | undefined, word: string | null): string | null {
  const line = said === undefined ? null : remarkLine(said)
  return line ?? (word === null ? null : `its status is "${word}"`)
}

function testName(classname: string, name: string): string {
  return classname === '' || name.startsWith(classname) ? name : `${classname}.${name}`
}

function remarkLine(said: Remark): string | null {
  const lines = [said['@message'] ?? '', said.text ?? ''].map(
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
  said: Remark | undefined,
): { file: string | null; line: number | null } {
  const printed = [...decode(said?.text ?? '').matchAll(/^(\S[^\n:]*\.\w+):(\d+):/gm)].at(-1)
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
