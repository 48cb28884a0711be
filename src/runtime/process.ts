import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Readable } from 'node:stream'
import { clip } from '../core/text.ts'
import { once } from '../core/once.ts'
import { openLineFile } from './line-file.ts'
import { splitLines } from './lines.ts'
import { outputTail } from './output-tail.ts'
import {
  dropOutput,
  endGroup,
  startGroup,
  untilEnd,
  type ProcessEnd,
  type ProcessOptions,
} from './process-group.ts'
import { cleanLine } from './foreign-text.ts'
import { redactForeign } from './secrets.ts'

export interface ProcessSpec extends ProcessOptions {
  /**
   * Standard input, written whole and closed. Secrets go this way, or by `env`; never by `argv`.
   */
  readonly input?: string
  /**
   * `all` where standard output is data: of more than {@link DATA} characters the program is ended.
   * Left out, the last {@link KEPT} characters of each stream are kept, which explain a failure.
   */
  readonly keep?: 'all'
  /** Every line of standard output and error, redacted, as it comes; see `splitLines`. */
  readonly onLine?: (line: string) => void
  /**
   * Takes every line too, redacted, in the order in which they come; added to what the file has.
   */
  readonly logFile?: string
  /**
   * Called with the process id once it runs, before anything is awaited: for journals. When it
   * fails, the program is ended and `run` rejects with its error.
   */
  readonly onStart?: (pid: number) => void | Promise<void>
}

export interface ProcessResult extends ProcessEnd {
  readonly stdout: string
  readonly stderr: string
  /** Why `logFile` does not have the whole output, or undefined. */
  readonly logProblem: Error | undefined
}

/** Kept of each stream, in characters. */
const KEPT = 4_000_000

/** The most that is taken as data, in characters: a string of V8 holds little more. */
const DATA = 250_000_000
const TOO_MUCH = `It printed more than ${DATA / 1_000_000} million characters and was ended.\n`

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
  try {
    if (child.pid !== undefined) await spec.onStart?.(child.pid)
  } catch (error) {
    // No record of it exists, so a later command could not end it.
    output(await untilEnd(group, { ...spec, signal: AbortSignal.abort() }))
    throw error
  }
  const end = await untilEnd(group, spec)
  if (end.leftRunning) dropOutput(child)
  return output(end)
}

/** Collects both streams; the returned function gives what came until then. */
function collectOutput(
  child: ChildProcessWithoutNullStreams,
  { keep, onLine, logFile }: ProcessSpec,
): (end: ProcessEnd) => ProcessResult {
  const stop = once(() => endGroup(child))
  const file = logFile === undefined ? undefined : openLineFile(logFile)
  const toReaders = (line: string) => {
    file?.add(line)
    onLine?.(line)
  }
  const collect = (stream: Readable) => {
    const kept = outputTail(keep === 'all' ? DATA : KEPT)
    const lines =
      onLine === undefined && file === undefined ? undefined : splitLines(cleanLine, toReaders)
    stream.on('data', (chunk: Buffer) => {
      kept.push(chunk)
      lines?.push(chunk)
      file?.flush()
      if (keep === 'all' && kept.dropped()) void stop()
    })
    return { kept, lines }
  }
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  return (end) => {
    for (const { lines } of [stdout, stderr]) lines?.end()
    const logProblem = file?.close()
    if (keep === 'all' && stdout.kept.dropped())
      return { ...end, logProblem, exitCode: null, stdout: '', stderr: TOO_MUCH }
    return { ...end, logProblem, stdout: stdout.kept.text(), stderr: stderr.kept.text() }
  }
}

/** What the log must say of a command of the user that has ended, beside how it ended. */
export function remarksOn(
  command: string,
  { leftRunning, logProblem }: Pick<ProcessResult, 'leftRunning' | 'logProblem'>,
): string[] {
  return [
    ...(leftRunning
      ? [
          `${command} left a process running that keeps its output open. What that process prints is not logged, and it may end when it prints after zenml-upgrade has ended. Redirect its output to a file where it starts.`,
        ]
      : []),
    ...(logProblem === undefined
      ? []
      : [
          `The file with the output of ${command} is not complete: ${logProblem.message}. The log of this run has all of it.`,
        ]),
  ]
}

/** The most of a line in a message, in characters. */
const MESSAGE_LINE = 2000

/** The last lines of a program's output or log, redacted, for a message. */
export function tail(text: string, lines = 20): string[] {
  return redactForeign(text)
    .trimEnd()
    .split(/\r\n|[\r\n]/)
    .slice(-lines)
    .map((line) => clip(cleanLine(line), MESSAGE_LINE))
}
