import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  endGroup,
  startGroup,
  untilEnd,
  type ProcessEnd,
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
  let stderr = ''
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr = `${stderr}${redactForeign(line)}\n`.slice(-KEPT)
  })
  const input = pipeline(Readable.from(spec.source ?? []), child.stdin).catch((error: unknown) => {
    if (!endedWithoutReading(error)) onPipeError(error)
  })
  const output = (spec.sink ?? drain)(child.stdout).catch(onPipeError)
  const ended = untilEnd(group, spec)
  // A sink that gave up no longer reads, and an unread pipe never closes.
  await output.then(() => {
    child.stdout.resume()
  })
  const end = await ended
  await input
  return { ...end, pipeError, stderr }
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
