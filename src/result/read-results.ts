import { parseJson } from '../core/json.ts'
import { readFile, readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { listed } from '../core/text.ts'
import { ENVIRONMENTS } from '../core/environments.ts'
import { isOfDryRun } from './result-file.ts'
import { resultSchema, type Result } from './result.ts'
import type { Machine } from '../runtime/runtime.ts'

export interface FoundResults {
  readonly results: readonly Result[]
  readonly files: readonly string[]
}

/**
 * Reads the result files of both environments in a report directory. What is of a dry run or about
 * another configuration file is left out; what is no result too, with a warning.
 */
export async function readResults(
  directory: string,
  configPath: string,
  machine: Machine,
): Promise<FoundResults> {
  const results: Result[] = []
  const files: string[] = []
  const others = new Set<string>()
  for (const environment of ENVIRONMENTS) {
    const folder = join(directory, environment)
    const names = await readdir(folder).catch(() => [])
    for (const name of names.filter(isOfRealRun).sort()) {
      const path = join(folder, name)
      const result = await readResult(path)
      if (result === undefined)
        machine.log.warn(`${path} is no result of this version of zenml-upgrade and was left out`)
      else if (isAbout(result, configPath)) {
        results.push(result)
        files.push(path)
      } else others.add(result.config ?? '')
    }
  }
  if (others.size > 0)
    machine.log.info(`results about ${listed([...others])} were left out: this is ${configPath}`)
  return { results, files }
}

const isOfRealRun = (name: string) => name.endsWith('.json') && !isOfDryRun(name)

function isAbout({ config }: Result, configPath: string): boolean {
  return config === undefined || posix.normalize(config) === posix.normalize(configPath)
}

/**
 * One result file; undefined for what is none of this version. @throws what reading the file throws
 */
export async function readResult(path: string): Promise<Result | undefined> {
  return resultSchema.safeParse(parseJson(await readFile(path, 'utf8'))).data
}
