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
  const line = (text: string) => {
    // On GitHub a line that starts with `::` is a command to the runner; text from outside must
    // never become one.
    const safe = withoutKeys(text, 'the log')
      .split('\n')
      .map((part) => (part.trimStart().startsWith('::') ? `\u200B${part}` : part))
      .join('\n')
    write(`${safe}\n`)
  }
  return {
    info: (text) => {
      line(`  ${text}`)
    },
    pass: (text) => {
      line(`  ${paint.green}✓${paint.reset} ${text}`)
    },
    fail: (text) => {
      line(`  ${paint.red}✗${paint.reset} ${text}`)
    },
    warn: (text) => {
      line(`  ${paint.yellow}!${paint.reset} ${text}`)
    },
    debug: (text) => {
      if (debug) line(`  ${paint.dim}${text}${paint.reset}`)
    },
    async chapter(title, work) {
      const started = performance.now()
      if (github) write(`::group::${withoutKeys(title, 'the log').replaceAll('\n', ' ')}\n`)
      else line(`${paint.bold}▸ ${title}${paint.reset}`)
      try {
        return await work()
      } finally {
        const seconds = ((performance.now() - started) / 1000).toFixed(1)
        line(`  ${paint.dim}${seconds} s${paint.reset}`)
        if (github) write('::endgroup::\n')
      }
    },
  }
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
