import { parseConfig } from '../../../src/config/load.ts'
import { InvalidConfig } from '../../../src/config/problem.ts'

/** A valid file; tests add to it, or replace a line of it. */
export const VALID = `zenml: 0.98.0
environments:
  staging:
    deploy: { command: { deploy: ./deploy.sh } }
  production:
    deploy: { command: { deploy: ./deploy.sh } }
`

/** A valid file whose two environments carry this instead of `deploy`. */
export function withStaging(block: string): string {
  return VALID.replace('    deploy: { command: { deploy: ./deploy.sh } }\n', `${block}\n`)
}

/**
 * What the file is refused with: the reason code, and the lines of the message without the summary.
 */
export function refusal(text: string): { code: string; lines: string[] } {
  try {
    parseConfig(text, 'f.yml')
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error
    return {
      code: error.code,
      lines: error.message
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/^f\.yml:/, '')),
    }
  }
  return { code: 'accepted', lines: [] }
}
