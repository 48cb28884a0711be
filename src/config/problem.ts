import { Stop } from '../report/stop.ts'
import { withoutSecrets } from './secret-text.ts'

export type Path = readonly (string | number)[]

/** One thing that is wrong in the file. Lines and columns count from 1; `path` is empty for the file as a whole. */
export interface ConfigProblem {
  readonly line: number
  readonly column: number
  readonly path: string
  readonly message: string
}

const LONGEST_QUOTE = 60

/** A value or key of the file, as it may be quoted in a message: one line, short, never a secret. */
export function quoted(value: string): string {
  const clean = withoutSecrets(value)
  return JSON.stringify(clean.length > LONGEST_QUOTE ? `${clean.slice(0, LONGEST_QUOTE)}…` : clean)
}

/** `environments.staging.deploy`, with odd keys in quotes. */
export function pathText(path: Path): string {
  return path.map((key) => (/^[\w*-]+$/.test(String(key)) ? String(key).slice(0, LONGEST_QUOTE) : quoted(String(key)))).map(withoutSecrets).join('.')
}

/** Ends a command because of its file. The first line of the message is the summary, each following line one problem. */
export class InvalidConfig extends Stop {
  readonly file: string
  readonly problems: readonly ConfigProblem[]

  constructor(code: 'invalid-file' | 'not-built-yet', file: string, problems: readonly ConfigProblem[], next: string, cause?: unknown) {
    const ordered = [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
    super(code, [summary(code, file, problems.length), ...ordered.map((problem) => `${file}:${problemText(problem)}`)].join('\n'), { next, cause })
    this.name = 'InvalidConfig'
    this.file = file
    this.problems = ordered
  }
}

function summary(code: 'invalid-file' | 'not-built-yet', file: string, count: number): string {
  if (code === 'not-built-yet') return `${file} asks for ${count === 1 ? 'something' : `${count} things`} that this version of zenml-upgrade does not have yet:`
  return `${file} has ${count === 1 ? 'a problem' : `${count} problems`}:`
}

/** `3:5 environments.staging: is missing…`; the caller puts the file before it. */
export function problemText({ line, column, path, message }: ConfigProblem): string {
  return `${line}:${column}${path === '' ? '' : ` ${path}`}: ${message}`
}
