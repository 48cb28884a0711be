import { readFile, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ENVIRONMENTS } from '../config/environments.ts'
import { renderComment } from '../report/comment.ts'
import { resultSchema, type Result } from '../report/model.ts'
import { renderTerminal } from '../report/terminal.ts'
import { writeFileAtomic } from '../runner/files.ts'
import type { Machine } from '../runner/machine.ts'
import { redact } from '../runner/secrets.ts'
import type { CommandContext, Conclusion } from './command.ts'

/** Makes the one report from the result files of both environments: comment.md, and the same in the terminal. */
export async function report({ inputs, machine }: CommandContext<'report'>): Promise<Conclusion<'report'>> {
  const directory = resolve(inputs['report-directory'])
  const { results, files } = await readResults(directory, machine)
  const comment = join(directory, 'comment.md')
  await writeFileAtomic(comment, redact(renderComment({ results, configPath: inputs.config })))
  process.stdout.write(`${redact(renderTerminal(results, { colour: process.stdout.isTTY && machine.env['NO_COLOR'] === undefined }))}\n`)
  return {
    reasonCode: 'reported',
    summary: files.length === 0 ? `no result was found in ${directory}; the report says so. Give --report-directory of the run that you mean` : `${files.length} results, written as ${comment}`,
    details: { comment, results: files }
  }
}

async function readResults(directory: string, machine: Machine): Promise<{ results: Result[]; files: string[] }> {
  const results: Result[] = []
  const files: string[] = []
  for (const environment of ENVIRONMENTS) {
    const folder = join(directory, environment)
    const names = await readdir(folder).catch(() => [])
    for (const name of names.filter((file) => file.endsWith('.json')).sort()) {
      const path = join(folder, name)
      const parsed = resultSchema.safeParse(parseJson(await readFile(path, 'utf8')))
      // A command line that was refused says nothing about the environment.
      if (parsed.success && (parsed.data['reason-code'] === 'invalid-input' || parsed.data['reason-code'] === 'not-built-yet')) continue
      if (parsed.success) {
        results.push(parsed.data)
        files.push(path)
      } else {
        machine.log.warn(`${path} is no result of this version of zenml-upgrade and was left out`)
      }
    }
  }
  return { results, files }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // half a file of a killed run: told like any other file that is no result
  }
}
