import * as z from 'zod'
import { run, tail, type ProcessResult } from '../runtime/process.ts'
import type { Machine } from '../runtime/runtime.ts'
import script from './sqlite.py'

const tableShape = z.strictObject({
  rows: z.int().min(0),
  columns: z.array(z.string()),
  key: z.array(z.string()),
})

const description = z.strictObject({
  tables: z.record(z.string(), tableShape),
  revision: z.union([z.string(), z.null()]),
  newest: z.union([z.string(), z.null()]),
})

const count = z.int().min(0)
const comparison = z.strictObject({
  pairs: z.array(
    z.strictObject({ table: z.string(), added: count, changed: count, deleted: count }),
  ),
  fresh: z.array(z.strictObject({ table: z.string(), added: count })),
})

const losses = z.strictObject({
  tables: z.array(
    z.strictObject({
      table: z.string(),
      missing: count,
      examples: z.array(z.string()),
      changed: count,
      differing: z.array(count),
    }),
  ),
})

const ANSWERS = {
  inspect: description,
  'server-id': z.strictObject({ id: z.string().nullable() }),
  'back-up': description,
  check: description,
  compare: comparison,
  lost: losses,
} as const
type Operation = keyof typeof ANSWERS

/** What an operation does, for its progress. */
const WORK: Readonly<Record<Operation, string>> = {
  inspect: 'read the SQLite database',
  'server-id': 'read the id of the server in the SQLite database',
  'back-up': 'copy the SQLite database',
  check: 'check the copy of the SQLite database',
  compare: 'count what was written since the backup',
  lost: 'compare the SQLite database with the backup',
}

/** SQLite could not do something; the message is its own. */
class SqliteError extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'SqliteError'
  }
}

const TIMEOUT_SECONDS = 6 * 3600

/**
 * A Python with the sqlite3 module: `python3` or `python` of PATH. Node 20 has no SQLite of its
 * own.
 */
export function findPython(machine: Machine): Promise<string | undefined> {
  const found = known.get(machine) ?? search(machine)
  known.set(machine, found)
  return found
}
const known = new WeakMap<Machine, Promise<string | undefined>>()

async function search(machine: Machine): Promise<string | undefined> {
  for (const program of ['python3', 'python']) {
    const result = await run({
      argv: [program, '-I', '-c', 'import sqlite3, sys; assert sys.version_info >= (3, 8)'],
      env: machine.env,
      timeoutSeconds: 60,
    })
    if (result.exitCode === 0) return program
  }
  return undefined
}

/**
 * Runs one operation of sqlite.py. @throws SqliteError; the machine's abort reason when the command
 * was stopped
 */
export async function sqlite<O extends Operation>(
  machine: Machine,
  operation: O,
  job: unknown,
): Promise<z.infer<(typeof ANSWERS)[O]>> {
  const python = await findPython(machine)
  if (python === undefined)
    throw new SqliteError('No Python with the sqlite3 module was found (python3 or python of PATH)')
  const result = await machine.log.progress(WORK[operation], () =>
    run({
      argv: [python, '-I', '-c', script, operation],
      env: machine.env,
      input: JSON.stringify(job),
      timeoutSeconds: TIMEOUT_SECONDS,
      signal: machine.signal,
    }),
  )
  machine.signal.throwIfAborted()
  if (result.exitCode !== 0) throw new SqliteError(failure(result))
  return ANSWERS[operation].parse(JSON.parse(result.stdout)) as z.infer<(typeof ANSWERS)[O]>
}

function failure(result: ProcessResult): string {
  if (result.timedOut) return `it did not end in ${TIMEOUT_SECONDS / 3600} hours`
  return (
    tail(result.stderr, 3).join(' ') || `Python ended with exit code ${String(result.exitCode)}`
  )
}
