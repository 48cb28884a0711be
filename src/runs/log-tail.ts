import { open } from 'node:fs/promises'
import * as z from 'zod'
import { ifReadable } from '../core/stop.ts'
import { clip } from '../core/text.ts'
import { cleanLine } from '../runtime/foreign-text.ts'
import { stepSchema } from '../zenml/run-entities.ts'
import type { ZenmlServer } from '../zenml/types.ts'
import { endOf } from './status.ts'

const MOST_LINES = 20
const MOST_BYTES = 4096
/** Code points of one line. */
const LONGEST_LINE = 400
/** What is read of a log file: more than enough for the last lines. */
const READ_BYTES = 64 * 1024
/** Entries of a server's log that are looked at; each is one line or more. */
const READ_ENTRIES = 200

const entries = z.array(z.looseObject({ message: z.string() }))

/**
 * Returns the last lines of a log as they may be shown: at most 20 lines and 4 KB, without empty
 * lines, secrets, and control characters. Pure.
 */
export function lastLines(text: string): string[] {
  const lines = text
    .split(/\r\n|[\r\n]/)
    .map((line) => clip(cleanLine(line.replaceAll('\t', '  ')).trimEnd(), LONGEST_LINE))
    .filter((line) => line !== '')
    .slice(-MOST_LINES)
  let bytes = 0
  const first = lines.findLastIndex((line) => {
    bytes += Buffer.byteLength(line) + 1
    return bytes > MOST_BYTES
  })
  return lines.slice(first + 1)
}

interface RunReference {
  readonly id: string
  readonly project: string
}

/**
 * Reads the last lines of the step that failed, else of the step that still runs. Empty where there
 * is none, and where the server cannot read its log: that of a local artifact store, and where the
 * integration of the artifact store is not installed.
 */
export function stepLogTail(server: ZenmlServer, run: RunReference): Promise<string[]> {
  return orNothing(readStepLog(server, run))
}

async function readStepLog(server: ZenmlServer, { id, project }: RunReference): Promise<string[]> {
  const steps = await server.list(`/runs/${id}/steps`, stepSchema, { project })
  const step =
    steps.find(({ body }) => body.status === 'failed') ??
    steps.find(({ body }) => endOf(body.status) === undefined)
  return step === undefined ? [] : readLog(server, `/steps/${step.id}/logs`, 'step')
}

/** Reads the last lines of what the server ran to start a run; empty where it has none. */
export function runnerLogTail(server: ZenmlServer, runId: string): Promise<string[]> {
  return orNothing(readLog(server, `/runs/${runId}/logs`, 'runner'))
}

/** ZenML 0.98.0 demands the source; older servers take it. */
async function readLog(server: ZenmlServer, path: string, source: string): Promise<string[]> {
  const log = await server.get(path, entries, { source }, { deadlineSeconds: 0 })
  const messages = log.slice(-READ_ENTRIES).map(({ message }) => message)
  return lastLines(messages.join('\n'))
}

// A log only explains a failure.
async function orNothing(reading: Promise<string[]>): Promise<string[]> {
  return (await ifReadable(reading)) ?? []
}

/** Reads the last lines of a log file; empty where there is none. */
export async function fileTail(path: string): Promise<string[]> {
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return []
  try {
    const { size } = await file.stat()
    const start = Math.max(0, size - READ_BYTES)
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(size - start),
      0,
      size - start,
      start,
    )
    const text = buffer.subarray(0, bytesRead).toString('utf8')
    // The first line is whole only at the beginning of the file.
    return lastLines(start === 0 ? text : text.slice(text.indexOf('\n') + 1))
  } finally {
    await file.close()
  }
}
