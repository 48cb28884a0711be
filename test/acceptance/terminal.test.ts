import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { width } from '../../src/core/text.ts'
import { BUNDLE, startBundle } from '../support/bundle.ts'
import { emptyServerPlace, type EmptyServerPlace } from '../support/empty-server-place.ts'

const IN_TERMINAL = join(import.meta.dirname, '..', 'support', 'python', 'in_terminal.py')
const JUNIT = join(import.meta.dirname, '..', 'fixtures', 'junit', 'pytest-9-green.xml')

let place: EmptyServerPlace
let workspace: string

beforeAll(async () => {
  place = await emptyServerPlace()
  workspace = place.workspace
  await writeFile(
    join(workspace, 'wrong.yml'),
    'zenml: 0.98.0\nenvironments: { staging: { sever: "https://staging.example.com" } }\npromotion: { soak: soon }\n',
  )
})
afterAll(() => place.close())

/** What a command writes into a terminal of so many columns; its first question gets no answer. */
function inTerminal(columns: number, args: readonly string[], env: Record<string, string>): string {
  const report = ['--report-directory', join(workspace, 'report')]
  const { stdout } = spawnSync(
    'python3',
    [IN_TERMINAL, String(columns), process.execPath, BUNDLE, ...args, ...report],
    {
      cwd: workspace,
      env: { PATH: process.env['PATH'], ...env },
      encoding: 'utf8',
      timeout: 60_000,
    },
  )
  return stdout.replaceAll('\r\n', '\n')
}

/** Without the codes of colours. */
function plain(text: string): string {
  return text.replaceAll(/\u001B\[\d*m/g, '')
}

describe('in a terminal', () => {
  const wrong = ['plan', '--environment', 'staging', '--config', 'wrong.yml']

  it('the problems of a file have colours and fit its columns', () => {
    for (const columns of [60, 80]) {
      const shown = inTerminal(columns, wrong, { TERM: 'xterm-256color' })
      expect(shown).toContain('\u001B[31m✗\u001B[0m plan: invalid')
      expect(
        plain(shown)
          .split('\n')
          .filter((line) => width(line) > columns && /\S \S/.test(line)),
      ).toEqual([])
    }
  })

  it('the report has colours', () => {
    expect(inTerminal(80, ['report'], { TERM: 'xterm-256color' })).toContain('\u001B[1m')
  })

  it.each([
    ['TERM=dumb', { TERM: 'dumb' }],
    ['NO_COLOR', { TERM: 'xterm-256color', NO_COLOR: '1' }],
  ])('%s keeps the marks and gets no escape code', (_what, env) => {
    const shown = inTerminal(80, wrong, env) + inTerminal(80, ['report'], env)
    expect(shown).toContain('  ✗ plan: invalid')
    expect(shown).not.toContain('\u001B')
  })

  it('a question of init fits its columns, and TERM=dumb gets no escape code with it', () => {
    const shown = inTerminal(40, ['init'], { TERM: 'dumb' })
    expect(shown).toContain('  Write our workflows into this\n')
    expect(shown).not.toContain('\u001B')
  })
})

describe('in a pipe', () => {
  it('a silent suite prints what is done within 5 s, and again within 15 s', async () => {
    const running = await startBundle(
      [
        ...['run-smoke-suite', '--environment', 'staging'],
        ...['--command', `sleep 21; cp '${JUNIT}' "$SMOKE_JUNIT_FILE"`],
      ],
      { cwd: workspace, env: { ZENML_STORE_API_KEY: 'ZENKEY_x' } },
    )
    const times: { readonly line: string; readonly at: number }[] = []
    running.process.stderr?.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().trimEnd().split('\n'))
        times.push({ line, at: performance.now() / 1000 })
    })
    await running.ended
    const begun = times.findIndex(({ line }) => line.startsWith('▸ smoke suite of churn'))
    const [heading, first, second] = times.slice(begun)
    const progress = /^ {2}… smoke suite of churn: sleep 21.* · \d+ s$/
    expect([first?.line, second?.line]).toEqual([
      expect.stringMatching(progress),
      expect.stringMatching(progress),
    ])
    // A busy machine may print late; a line that is left out comes later than that.
    const waited = (first?.at ?? 0) - (heading?.at ?? 0)
    expect(waited).toBeGreaterThan(4)
    expect(waited).toBeLessThan(9)
    const interval = (second?.at ?? 0) - (first?.at ?? 0)
    expect(interval).toBeGreaterThan(10)
    expect(interval).toBeLessThan(20)
  }, 120_000)
})
