import { visible, width } from '../core/text.ts'
import { createProgress, type Progress } from './progress.ts'
import { withoutCommands } from './runner-commands.ts'
import { withoutKeys } from './secrets.ts'
import { fitted, terminalColumns, usesColour } from './terminal.ts'

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
  /** Runs `work` under a heading, with progress, and tells how long it took. */
  readonly chapter: <T>(title: string, work: () => Promise<T>) => Promise<T>
  readonly progress: Progress['run']
  readonly quiet: Progress['quiet']
}

interface LogTarget {
  readonly write: (text: string) => void
  readonly github: boolean
  readonly colour: boolean
  /** Of the terminal, asked before each line; without it a line is never wrapped. */
  readonly columns?: () => number | undefined
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

export function createLog({ write, github, colour, columns, debug = false }: LogTarget): Log {
  const paint = colour ? ANSI : PLAIN
  const progress = createProgress({
    print: (text) => {
      line(`  ${text}`, { style: paint.dim })
    },
    terminal: columns?.() !== undefined,
    clock: () => performance.now() / 1000,
  })
  const line = (text: string, { mark = '', style = '' } = {}) => {
    const shown = fitted(safe(text), columns?.(), width(mark))
    write(`${mark}${style}${shown}${style === '' ? '' : paint.reset}\n`)
    progress.printed()
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
      else line(title, { mark: '▸ ', style: paint.bold })
      try {
        return await progress.run(title, work)
      } finally {
        const seconds = ((performance.now() - started) / 1000).toFixed(1)
        line(`  ${seconds} s`, { style: paint.dim })
        if (github) write('::endgroup::\n')
      }
    },
    progress: progress.run,
    quiet: progress.quiet,
  }
}

/** The lines of a text as they may be printed. */
function safe(text: string): string {
  return withoutCommands(
    text
      .split(/\r\n|[\r\n]/)
      .map(loggable)
      .join('\n'),
  )
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
  return createLog({
    write: (text) => {
      stream.write(text)
    },
    github,
    colour: usesColour(stream, env),
    columns: () => terminalColumns(stream),
    debug: env['RUNNER_DEBUG'] === '1',
  })
}
