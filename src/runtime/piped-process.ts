import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { outputTail } from './output-tail.ts'
import {
  endGroup,
  startGroup,
  untilEnd,
  type ProcessEnd,
  type ProcessGroup,
  type ProcessOptions,
} from './process-group.ts'
import { redactForeign } from './secrets.ts'

export interface PipedProcessSpec extends ProcessOptions {
  /** Bytes for standard input. */
  readonly source?: AsyncIterable<Buffer | string>
  /** Takes standard output to its end; the process is ended when it rejects. */
  readonly sink?: (stdout: Readable) => Promise<void>
}

export interface PipedProcessResult extends ProcessEnd {
  readonly stderr: string
  /** What went wrong on our side of a pipe: the disk, the source, the sink. */
  readonly pipeError: Error | undefined
}

const KEPT = 200_000

/**
 * Like `run`, for data that is too much or too binary for lines. Never throws for a failing program
 * or pipe.
 */
export async function runPiped(spec: PipedProcessSpec): Promise<PipedProcessResult> {
  const group = startGroup(spec)
  const { child } = group
  let pipeError: Error | undefined
  const onPipeError = (error: unknown) => {
    pipeError ??= error instanceof Error ? error : new Error(String(error))
    void endGroup(child)
  }
  const stderr = outputTail(KEPT)
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk)
  })
  const input = pipeline(Readable.from(spec.source ?? []), child.stdin).catch((error: unknown) => {
    if (!endedWithoutReading(error)) onPipeError(error)
  })
  const output = Promise.race([(spec.sink ?? drain)(child.stdout), cutOff(group.closed)]).catch(
    onPipeError,
  )
  const ended = untilEnd(group, spec)
  // A sink that gave up no longer reads, and an unread pipe never closes.
  await output.then(() => {
    child.stdout.resume()
  })
  const end = await ended
  if (end.leftRunning) for (const stream of [child.stdout, child.stderr]) stream.destroy()
  await input
  return { ...end, pipeError, stderr: redactForeign(stderr.text()) }
}

/**
 * Rejects when the output stays open, else never settles: what was read may not be all, and a sink
 * may wait on.
 */
function cutOff(closed: ProcessGroup['closed']): Promise<never> {
  return new Promise((_, reject) => {
    void closed.then(({ leftRunning }) => {
      if (leftRunning) reject(new Error('a process that it left running keeps its output open'))
    })
  })
}

/** Whether the program ended without reading all of its input: its exit code says why. */
function endedWithoutReading(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE'
}

// eslint-disable-next-line @typescript-eslint/require-await
async function drain(stdout: Readable): Promise<void> {
  stdout.resume()
}
