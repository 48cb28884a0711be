import { redactForeign } from '../runtime/secrets.ts'

// Seen with uv 0.5.0 and 0.13.9. A refused index (401, 403) ends like a missing package, with exit
// code 1 and the reason in a hint.

export interface UvProblem {
  /**
   * `unreachable`: nobody can tell. `no-version`: the index answers and has no such ZenML.
   * `conflict`: requirements exclude each other.
   */
  readonly kind: 'unreachable' | 'no-version' | 'conflict' | 'other'
  /** uv's own explanation as one line. */
  readonly explanation: string
}

const UNREACHABLE =
  /failed to fetch|error sending request|request failed after|client error \(|dns error|connection refused|operation timed out|authentication credentials|401 unauthorized|403 forbidden|407 proxy|http status server error|invalid peer certificate|failed to download|network connectivity is disabled/i
const NO_VERSION =
  /there (?:is|are) no versions? of zenml(?:\[[^\]]*\])?(?:==|$|[ ,])|zenml was not found in the (?:package registry|provided package locations|cache)/i
const NO_SOLUTION = /no solution found/i

/** Judges what a failed uv wrote to standard error. */
export function judgeUv(stderr: string): UvProblem {
  // Older versions draw a tree and wrap its lines.
  // A short password may be a word that the patterns look for: only what is shown is redacted.
  const text = stderr
    .replace(/[×╰├─▶│]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const shown = text.replace(/^error: (?=No solution)/, '').replace(/\b(?:cause|Caused by): /g, '')
  const explanation = (redactForeign(shown) || 'uv gave no reason').slice(0, 1500)
  if (UNREACHABLE.test(text)) return { kind: 'unreachable', explanation }
  if (NO_VERSION.test(text)) return { kind: 'no-version', explanation }
  if (NO_SOLUTION.test(text)) return { kind: 'conflict', explanation }
  return { kind: 'other', explanation }
}
