import { createInterface } from 'node:readline/promises'
import type { Machine } from './runtime.ts'
import { fitted, terminalColumns } from './terminal.ts'

export interface Question<K extends string> {
  readonly name: K
  readonly text: string
  /** What is wrong with an answer, or undefined. */
  readonly problem: (answer: string) => string | undefined
}

/** Whether somebody sits at the terminal who can answer. */
export function somebodyIsThere(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/**
 * Asks each question until its answer is right; an answer stays undefined when the input ends
 * before.
 */
export function ask<K extends string>(
  questions: readonly Question<K>[],
  { log, signal }: Machine,
): Promise<Partial<Record<K, string>>> {
  return log.quiet(() => askEach(questions, signal))
}

async function askEach<K extends string>(
  questions: readonly Question<K>[],
  signal: AbortSignal,
): Promise<Partial<Record<K, string>>> {
  const answers: Partial<Record<K, string>> = {}
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const ended = new AbortController()
  lines.once('close', () => {
    ended.abort()
  })
  // The terminal is in raw mode here, so that Ctrl-C is a key and no signal.
  lines.on('SIGINT', () => {
    process.kill(process.pid, 'SIGINT')
  })
  try {
    for (const { name, text, problem } of questions) {
      for (;;) {
        const prompt = `${fitted(`  ${text}`, terminalColumns(process.stderr))} `
        const answer = (
          await lines.question(prompt, { signal: AbortSignal.any([signal, ended.signal]) })
        ).trim()
        const wrong = problem(answer)
        if (wrong === undefined) {
          answers[name] = answer
          break
        }
        process.stderr.write(`${fitted(`  ${wrong}`, terminalColumns(process.stderr))}\n`)
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!ended.signal.aborted) throw error
  } finally {
    lines.close()
  }
  return answers
}
