import type { Result } from '../result/result.ts'
import { short } from '../core/text.ts'

/** One line for the output `summary`, a log or a commit status. */
export function summaryLine(result: Result): string {
  const where = result.environment === null ? '' : `${result.environment} `
  return short(
    `${where}${result.command}: ${result.outcome} (${result['reason-code']}). ${result.summary}`,
    500,
  )
}
