import { visible } from '../core/text.ts'
import { withoutKeys } from './secrets.ts'

/**
 * What a command tells while it works. One fact a line; chapters are groups on GitHub and headings
 * elsewhere.
 */
export interface Log {
  readonly info: (line: string) => void
  /** A passed fact, a failed fact: the same line with a mark that survives a plain log. */
  readonly pass: (line: string) => void
  readonly fail: (line: string) => void
  readonly warn: (line: string) => void
  /** Shown only in a run with GitHub's debug logging. */
  readonly debug: (line: string) => void
  /** Runs `work` under a heading and tells how long it took. */
  readonly chapter: <T>(title: string, work: () => Promise<T>) => Promise<T>
}

interface LogTarget {
  readonly write: (text: string) => void
  readonly github: boolean
  readonly colour: boolean
  readonly debug?: boolean
}

const PLAIN = { dim: '', bold: '', green: '', red: '', yellow: '', reset: '' }
const ANSI = {
  dim: '\u001B[2m',
  bold: '\u001B[1m',
  green: '\u001B[32m',
  red: '\u001B[31m',
  yellow: '\u001B[33m',
  reset: '\u001B[0m',
}

export function createLog({ write, github, colour, debug = false }: LogTarget): Log {
  const paint = colour ? ANSI : PLAIN
  const line = (text: string, { mark = '', style = '' } = {}) => {
    write(`${mark}${style}${safe(text)}${style === '' ? '' : paint.reset}\n`)
  }
  const marked = (colour: string, character: string) => (text: string) => {
    line(text, { mark: `  ${colour}${character}${paint.reset} ` })
  }
  return {
    info: (text) => {
      line(`  ${text}`)
    },
    pass: marked(paint.green, '✓'),
    fail: marked(paint.red, '✗'),
    warn: marked(paint.yellow, '!'),
    debug: (text) => {
      if (debug) line(`  ${text}`, { style: paint.dim })
    },
    async chapter(title, work) {
      const started = performance.now()
      if (github) write(`::group::${loggable(title)}\n`)
      else line(`▸ ${title}`, { style: paint.bold })
      try {
        return await work()
      } finally {
        const seconds = ((performance.now() - started) / 1000).toFixed(1)
        line(`  ${seconds} s`, { style: paint.dim })
        if (github) write('::endgroup::\n')
      }
    },
  }
}

/**
 * The lines of a text as they may be printed. On GitHub a line that starts with `::` is a command
 * to the runner; text from outside must never become one.
 */
function safe(text: string): string {
  return text
    .split(/\r\n|[\r\n]/)
    .map(loggable)
    .map((line) => (line.trimStart().startsWith('::') ? `\u200B${line}` : line))
    .join('\n')
}

/** One line without our keys, and with nothing that moves the cursor or turns the reading direction. */
function loggable(line: string): string {
  return withoutKeys(visible(line), 'the log')
}

/**
 * The log of this process: standard error, so that standard output stays for what a person pipes
 * on.
 */
export function processLog(env: NodeJS.ProcessEnv): Log {
  const github = env['GITHUB_ACTIONS'] === 'true'
  const stream = github ? process.stdout : process.stderr
  const colour = github || (stream.isTTY && env['NO_COLOR'] === undefined)
  return createLog({
    write: (text) => {
      stream.write(text)
    },
    github,
    colour,
    debug: env['RUNNER_DEBUG'] === '1',
  })
}
