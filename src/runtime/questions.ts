import { createInterface } from 'node:readline/promises'
import type { Machine } from './runtime.ts'

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
export async function ask<K extends string>(
  questions: readonly Question<K>[],
  { signal }: Machine,
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
        const answer = (
          await lines.question(`  ${text} `, { signal: AbortSignal.any([signal, ended.signal]) })
        ).trim()
        const wrong = problem(answer)
        if (wrong === undefined) {
          answers[name] = answer
          break
        }
        process.stderr.write(`  ${wrong}\n`)
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
