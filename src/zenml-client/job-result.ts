import { redactForeign } from '../runtime/secrets.ts'
import { RESULT_SCHEMAS, type JobResult } from './job-values.ts'
import { type Operation } from './protocol.ts'

/**
 * Reads what the process of a job gave as its result. Code of the user runs in that process and may
 * have written something else, which fails this job alone.
 */
export function readJobResult(
  op: Operation,
  { result: written, seconds }: { readonly result: unknown; readonly seconds: number },
): JobResult {
  const result = parsed(op, written)
  if (result === undefined)
    return crashed(seconds, {
      error: 'The process of the job ended with something else than a result.',
      next: 'Look for code that writes into file descriptors by number.',
    })
  if (result.ok) return { ...result, seconds }
  return {
    ...result,
    error: redactForeign(result.error),
    traceback: redactForeign(result.traceback),
    seconds,
  }
}

/** The result of a job whose process ended without one. */
export function crashed(
  seconds: number,
  problem: { readonly error: string; readonly next: string | null },
): JobResult {
  return { ok: false, kind: 'crash', ...problem, traceback: '', runId: null, seconds }
}

function parsed(op: Operation, written: unknown) {
  try {
    return RESULT_SCHEMAS[op].parse(written)
  } catch {
    // A ZodError, or a RangeError for what is nested too deeply.
    return undefined
  }
}
