import { resolve } from 'node:path'
import { Stop } from '../../core/stop.ts'
import { plural } from '../../core/text.ts'
import type { Result } from '../../result/result.ts'
import type { Machine } from '../../runtime/runtime.ts'
import type { CommandContext, Conclusion } from '../command.ts'
import { environmentOfRun, openPlace, type Place } from '../../state/backend.ts'
import { readResults, type FoundResults } from '../../result/read-results.ts'
import { readPins } from '../../session/source-commits.ts'
import { openRepositories } from '../../session/repositories.ts'
import { recordedHistory } from './recorded.ts'
import { readNeeds } from './needs.ts'
import { writeReport } from './write-report.ts'

/**
 * Makes the one report from the result files of both environments; on GitHub also from the record,
 * and tells it there.
 */
export async function report({
  inputs,
  machine,
}: CommandContext<'report'>): Promise<Conclusion<'report'>> {
  const directory = resolve(inputs['report-directory'])
  const needs = readNeeds(inputs.jobs, machine)
  const place = await openPlace(inputs, machine)
  const found = await readResults(directory, inputs.config, machine)
  if (place.github === undefined) return inFiles(place, found, directory, inputs, machine)
  const { reportToGithub } = await import('./report-to-github.ts')
  const repositories = openRepositories({
    machine,
    place,
    githubToken: inputs['github-token'],
    pins: readPins(environmentOfRun(place.github, inputs), inputs.sources),
  })
  try {
    return await reportToGithub({
      inputs,
      machine,
      place,
      github: place.github,
      repositories,
      found,
      needs,
      directory,
    })
  } finally {
    // The report is the last job of a run: what it held is free for the next one.
    if (environmentOfRun(place.github, inputs) !== undefined) await place.github.lock.release()
  }
}

async function inFiles(
  place: Place,
  { results, files }: FoundResults,
  directory: string,
  inputs: CommandContext<'report'>['inputs'],
  machine: Machine,
): Promise<Conclusion<'report'>> {
  // A command line that was refused says nothing about the environment.
  const shown = results.filter(
    (result) =>
      result['reason-code'] !== 'invalid-input' && result['reason-code'] !== 'not-built-yet',
  )
  const { comment, html } = await writeReport({
    directory,
    machine,
    report: {
      results: shown,
      configPath: inputs.config,
      branches: { head: inputs.head, base: inputs.base },
      history: await historyOrNone(place, machine),
    },
  })
  return {
    reasonCode: 'reported',
    ...(files.length === 0
      ? {
          summary: `no result was found in ${directory}; the report says so`,
          next: 'Give --report-directory of the run that you mean.',
        }
      : {
          summary: `${plural(shown.length, 'result')}, written as ${comment}`,
          next: `Open ${html}`,
        }),
    details: { comment, html, results: [...files] },
  }
}

/** The report of the files is made also where the record cannot be read. */
async function historyOrNone(place: Place, { log }: Machine): Promise<Result[]> {
  try {
    return await recordedHistory(place)
  } catch (error) {
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    log.warn(`the report leaves out what earlier runs found out: ${error.message}`)
    return []
  }
}
