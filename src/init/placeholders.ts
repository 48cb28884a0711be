import type { Environment } from '../core/environments.ts'
import { BACKUP_TEXTS, CHANGE, DEPLOY_TEXTS, type DescribedServer } from './deploy-text.ts'

export interface Placeholder {
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/**
 * Finds the lines of an environment in the configuration file that are still as `init` wrote them,
 * mark included. One whose value was completed is none, also where the mark stays.
 */
export function placeholdersIn(text: string, environment: Environment): Placeholder[] {
  const written = linesOfInit(environment)
  let inside = false
  return text.split(/\r?\n/).flatMap((line, index) => {
    const [, indentation = '', key] = /^( *)(?:([\w-]+):)?/.exec(line) ?? []
    if (key !== undefined && indentation.length <= 2) inside = key === environment
    const plain = line.trim()
    return inside && written.has(plain) ? [{ line: index + 1, text: plain }] : []
  })
}

function linesOfInit(environment: Environment): ReadonlySet<string> {
  const server: DescribedServer = {
    environment,
    url: 'http://localhost',
    database: null,
    workspace: null,
  }
  return new Set(
    [...Object.values(DEPLOY_TEXTS), ...Object.values(BACKUP_TEXTS)]
      .flatMap((lines) => lines(server))
      .map((line) => line.trim())
      .filter((line) => line.includes(CHANGE)),
  )
}
