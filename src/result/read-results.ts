import { parseJson } from '../core/json.ts'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ENVIRONMENTS } from '../core/environments.ts'
import { resultSchema, type Result } from './result.ts'
import type { Machine } from '../runtime/runtime.ts'

export interface FoundResults {
  readonly results: readonly Result[]
  readonly files: readonly string[]
}

/**
 * The result files of both environments in a report directory. What is none, or is about another
 * configuration file, is told and left out.
 */
export async function readResults(
  directory: string,
  configPath: string,
  machine: Machine,
): Promise<FoundResults> {
  const results: Result[] = []
  const files: string[] = []
  for (const environment of ENVIRONMENTS) {
    const folder = join(directory, environment)
    const names = await readdir(folder).catch(() => [])
    for (const name of names.filter((file) => file.endsWith('.json')).sort()) {
      const path = join(folder, name)
      const result = await readResult(path)
      const fault = faultOf(result, configPath)
      if (result !== undefined && fault === undefined) {
        results.push(result)
        files.push(path)
      } else machine.log.warn(`${path} ${fault ?? ''} and was left out`)
    }
  }
  return { results, files }
}

function faultOf(result: Result | undefined, configPath: string): string | undefined {
  if (result === undefined) return 'is no result of this version of zenml-upgrade'
  if (result.config === undefined || result.config === configPath) return undefined
  return `is about ${result.config} and not ${configPath} (give each configuration file a workflow file of its own, or a report directory)`
}

/**
 * One result file; undefined for what is none of this version. @throws what reading the file throws
 */
export async function readResult(path: string): Promise<Result | undefined> {
  return resultSchema.safeParse(parseJson(await readFile(path, 'utf8'))).data
}
