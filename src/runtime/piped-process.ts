import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { definedOnly, endGroup, type ProcessResult, type ProcessSpec } from './process.ts'
import { redact } from './secrets.ts'

export interface PipedProcessSpec extends Omit<ProcessSpec, 'input' | 'onLine' | 'onStart'> {
  /** Bytes for standard input. */
  readonly source?: AsyncIterable<Buffer | string>
  /** Takes standard output to its end; the process is ended when it rejects. */
  readonly sink?: (stdout: Readable) => Promise<void>
}

export interface PipedProcessResult extends Omit<ProcessResult, 'stdout'> {
  /** What went wrong on our side of a pipe: the disk, the source, the sink. */
  readonly pipeError: Error | undefined
}

const KEPT = 200_000

/**
 * Like `run`, for data that is too much or too binary for lines. Never throws for a failing program
 * or pipe.
 */
export async function runPiped(spec: PipedProcessSpec): Promise<PipedProcessResult> {
  const started = performance.now()
  const [program, ...args] = spec.argv
  const child = spawn(program, args, {
    env: definedOnly(spec.env),
    cwd: spec.cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let startError: Error | undefined
  let pipeError: Error | undefined
  let stderr = ''
  let timedOut = false
  const closed = new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      startError = error
      resolve(null)
    })
    child.on('close', (code) => {
      resolve(code)
    })
  })
  const stop = () => {
    void endGroup(child)
  }
  const broken = (error: unknown) => {
    pipeError ??= error instanceof Error ? error : new Error(String(error))
    stop()
  }
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr = `${stderr}${redact(line)}\n`.slice(-KEPT)
  })
  const input = pipeline(Readable.from(spec.source ?? []), child.stdin).catch((error: unknown) => {
    // A program that ends without reading tells the reason by its exit code.
    if (
      !['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as NodeJS.ErrnoException).code ?? '')
    )
      broken(error)
  })
  const output = (spec.sink ?? drain)(child.stdout).catch(broken)
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, spec.timeoutSeconds * 1000)
  if (spec.signal?.aborted === true) stop()
  spec.signal?.addEventListener('abort', stop, { once: true })
  // A sink that gave up no longer reads, and an unread pipe never closes.
  await output.then(() => {
    child.stdout.resume()
  })
  const exitCode = await closed
  await input
  clearTimeout(timer)
  spec.signal?.removeEventListener('abort', stop)
  return {
    exitCode,
    timedOut,
    startError,
    pipeError,
    stderr,
    seconds: (performance.now() - started) / 1000,
  }
}

// eslint-disable-next-line @typescript-eslint/require-await
async function drain(stdout: Readable): Promise<void> {
  stdout.resume()
}
