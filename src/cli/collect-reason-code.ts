import { appendFileSync } from 'node:fs'
import type { ReasonCode } from '../core/reasons.ts'

/**
 * Appends the reason code of a result to the file that COLLECT_REASON_CODES names. Only the test
 * run of this repository sets it, to prove that every reason code occurs; see docs/development.md.
 */
export function collectReasonCode(code: ReasonCode, env: NodeJS.ProcessEnv): void {
  const file = env['COLLECT_REASON_CODES']
  if (file !== undefined && file !== '') appendFileSync(file, `${code}\n`)
}
