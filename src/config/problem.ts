import { Stop } from '../core/stop.ts'
import { withoutSecrets } from './secret-text.ts'

export type Path = readonly (string | number)[]

/**
 * One thing that is wrong in the file. Lines and columns count from 1; `path` is empty for the file
 * as a whole.
 */
export interface ConfigProblem {
  readonly line: number
  readonly column: number
  readonly path: string
  readonly message: string
}

const LONGEST_QUOTE = 60
/**
 * Line ends, terminal codes, marks of direction, widths of zero: what would break a line or is not
 * shown.
 */

const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

function visible(text: string): string {
  return text.replace(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * A value or key of the file, as it may be quoted in a message: one line, short, never a secret.
 */
export function quoted(value: string): string {
  const clean = withoutSecrets(value)
  return visible(
    JSON.stringify(clean.length > LONGEST_QUOTE ? `${clean.slice(0, LONGEST_QUOTE)}…` : clean),
  )
}

/** `environments.staging.deploy`, with odd keys in quotes. */
export function pathText(path: Path): string {
  return path
    .map((key) => withoutSecrets(String(key)))
    .map((key) => (/^[\w*-]{1,60}$/.test(key) ? key : quoted(key)))
    .join('.')
}

/**
 * Ends a command because of its file. The first line of the message is the summary, each following
 * line one problem.
 */
export class InvalidConfig extends Stop {
  readonly file: string
  readonly problems: readonly ConfigProblem[]

  constructor(
    code: 'invalid-file' | 'not-built-yet',
    file: string,
    problems: readonly ConfigProblem[],
    next: string,
    cause?: unknown,
  ) {
    // Messages may quote the file or a library that quotes it; whatever that is, it stays one line
    // without secrets.
    const ordered = problems
      .map((problem) => ({ ...problem, message: visible(withoutSecrets(problem.message)) }))
      .sort((a, b) => a.line - b.line || a.column - b.column)
    super(
      code,
      [
        summary(code, file, problems.length),
        ...ordered.map((problem) => `${file}:${problemText(problem)}`),
      ].join('\n'),
      { next, cause },
    )
    this.name = 'InvalidConfig'
    this.file = file
    this.problems = ordered
  }
}

function summary(code: 'invalid-file' | 'not-built-yet', file: string, count: number): string {
  if (code === 'not-built-yet')
    return `${file} asks for ${count === 1 ? 'something' : `${count} things`} that this version of zenml-upgrade does not have yet:`
  return `${file} has ${count === 1 ? 'a problem' : `${count} problems`}:`
}

/** `3:5 environments.staging: is missing…`; the caller puts the file before it. */
export function problemText({ line, column, path, message }: ConfigProblem): string {
  return `${line}:${column}${path === '' ? '' : ` ${path}`}: ${message}`
}
