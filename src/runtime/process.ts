import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'
import { startGroup, untilEnd, type ProcessEnd, type ProcessOptions } from './process-group.ts'
import { redactForeign } from './secrets.ts'

export interface ProcessSpec extends ProcessOptions {
  /**
   * Standard input, written whole and closed. Secrets go this way, or by `env`; never by `argv`.
   */
  readonly input?: string
  /**
   * How much of the output is given back; left out, the last {@link KEPT} characters, which explain
   * a failure.
   */
  readonly keep?: 'all'
  /** Every line of standard output and error, redacted, as it comes. */
  readonly onLine?: (line: string) => void
  /** Called with the process id once it runs, before anything is awaited: for journals. */
  readonly onStart?: (pid: number) => void | Promise<void>
}

interface Output {
  readonly stdout: string
  readonly stderr: string
}

export interface ProcessResult extends ProcessEnd, Output {}

/** Kept of each stream, in characters. */
const KEPT = 4_000_000

/**
 * Runs a program to its end in a process group of its own, so that a time-out or an abort ends all
 * that it started. Never throws for a failing program. Everything that can hang runs here;
 * `@actions/exec` has no deadline, no abort and no group, and serves only git on a local clone.
 */
export async function run(spec: ProcessSpec): Promise<ProcessResult> {
  const group = startGroup(spec)
  const { child } = group
  const output = collectOutput(child, spec)
  // the program may end without reading; its exit code tells
  child.stdin.on('error', () => undefined)
  child.stdin.end(spec.input ?? '')
  if (child.pid !== undefined) await spec.onStart?.(child.pid)
  return { ...(await untilEnd(group, spec)), ...output }
}

/** Collects both streams line by line; what is returned grows until the program has ended. */
function collectOutput(
  child: ChildProcessWithoutNullStreams,
  { keep, onLine }: ProcessSpec,
): Output {
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[name] }).on('line', (line) => {
      const text = `${output[name]}${line}\n`
      output[name] = keep === 'all' ? text : text.slice(-KEPT)
      onLine?.(redactForeign(line))
    })
  }
  return output
}

/** The last lines of a program's output or log, redacted, for a message. */
export function tail(text: string, lines = 20): string[] {
  return redactForeign(text).trimEnd().split('\n').slice(-lines)
}
