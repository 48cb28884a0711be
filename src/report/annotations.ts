import { posix } from 'node:path'
import type { ConfigProblem } from '../config/problem.ts'
import type { Result, ResultOf } from '../result/result.ts'
import { minute, plural, sentence, short } from '../core/text.ts'

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  /** Relative to the root of the repository; null: it belongs to no file. */
  readonly file: string | null
  readonly line: number | null
  /** One line. */
  readonly message: string
}

export interface AnnotationInput {
  readonly results: readonly Result[]
  /** Path of the configuration file in its repository. */
  readonly configPath: string
  /** What InvalidConfig tells. */
  readonly invalid?:
    { readonly file: string; readonly problems: readonly ConfigProblem[] } | undefined
  /**
   * Directory of each source of this repository, by name; absolute paths of tests below `root` are
   * made relative to it.
   */
  readonly sources: Readonly<Record<string, string>>
  readonly root?: string | undefined
}

/** GitHub shows ten of a step; more would hide those that count. */
const MOST = 10
const LENGTH = 400

/**
 * Only what a person can act on: lines of the file, what stops a plan, failed tests, a closed gate.
 * At most ten.
 */
export function annotationsOf(input: AnnotationInput): Annotation[] {
  const all = [
    ...problems(input),
    ...input.results.flatMap((result) => ofResult(result, input)),
  ].map((one) => ({ ...one, message: short(one.message, LENGTH) }))
  if (all.length <= MOST) return all
  const left = all.length - MOST + 1
  return [
    ...all.slice(0, MOST - 1),
    {
      level: 'notice',
      file: null,
      line: null,
      message: `There ${left === 1 ? 'is' : 'are'} ${left} more; the summary has all of them.`,
    },
  ]
}

function problems({ invalid }: AnnotationInput): Annotation[] {
  return (invalid?.problems ?? []).map(({ line, path, message }) => ({
    level: 'error',
    file: invalid?.file ?? null,
    line,
    message: `${path === '' ? '' : `${path}: `}${message}`,
  }))
}

function ofResult(result: Result, input: AnnotationInput): Annotation[] {
  switch (result.command) {
    case 'plan':
      return (result.details?.checks ?? [])
        .filter(({ status }) => status === 'failed')
        .map(({ message, next }) => ({
          level: 'error',
          file: input.configPath,
          line: null,
          message: [message, next ?? '']
            .filter((part) => part !== '')
            .map(sentence)
            .join(' '),
        }))
    case 'run-smoke-suite':
      return failedTests(result, input)
    case 'promote':
      return closedGate(result)
    case 'upgrade-workspace':
    case 'rebuild-snapshots':
    case 'check-stacks':
    case 'check-out-sources':
    case 'acknowledge':
    case 'report':
    case 'init':
    case 'demo':
      return []
  }
}

function failedTests(result: ResultOf<'run-smoke-suite'>, input: AnnotationInput): Annotation[] {
  return (result.details?.suites ?? []).flatMap((suite) =>
    suite.tests
      .filter(({ status }) => status === 'failed')
      .map((test) => {
        const file = place(test.file, input.sources[suite.source], input.root)
        return {
          level: 'error' as const,
          file,
          line: file === null ? null : test.line,
          message: `${test.name} failed in ${result.environment ?? 'the smoke suite'}: ${test.message ?? 'no message'}`,
        }
      }),
  )
}

/** A path from a JUnit file may be anything: only one inside this repository is used. */
function place(
  file: string | null,
  source: string | undefined,
  root: string | undefined,
): string | null {
  if (file === null || source === undefined) return null
  const path = posix.isAbsolute(file)
    ? root === undefined
      ? file
      : posix.relative(root, file)
    : posix.join(source, file)
  return posix.isAbsolute(path) || path.split('/').includes('..') || /[\p{Cc}\\]/u.test(path)
    ? null
    : posix.normalize(path)
}

function closedGate({ details }: ResultOf<'promote'>): Annotation[] {
  if (details?.gate !== 'closed') return []
  const opensAt = details['opens-at'] ?? null
  const end = opensAt === null ? '' : ` It opens by itself at ${minute(opensAt)}.`
  return [
    {
      level: opensAt === null ? 'warning' : 'notice',
      file: null,
      line: null,
      message: `The gate to production is closed for ${plural(details.reasons.length, 'reason')}: ${sentence(details.reasons.map(({ message }) => message).join('; '))}${end}`,
    },
  ]
}
