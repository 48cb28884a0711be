import * as z from 'zod'
import { parse } from 'yaml'
import { parseJson } from '../core/json.ts'

const workflowSchema = z.looseObject({
  jobs: z.record(
    z.string(),
    z.looseObject({
      'runs-on': z.unknown().optional(),
      with: z.looseObject({ 'runs-on': z.unknown().optional() }).optional(),
    }),
  ),
})

/** Standard runners of GitHub: https://docs.github.com/en/actions/reference/runners/github-hosted-runners */
const HOSTED =
  /^(ubuntu|macos|windows)-(latest|slim|\d+(\.\d+)?)(-(arm|intel|large|xlarge|vs\d+))?$/

/**
 * Finds in the text of a workflow a runner that is not one of GitHub's standard ones: a self-hosted
 * or a larger one. Gives it as the file names it; null where there is none, or no workflow.
 */
export function ownRunner(workflow: string): string | null {
  const jobs = workflowSchema.safeParse(yamlOf(workflow)).data?.jobs ?? {}
  const runners = Object.values(jobs).flatMap((job) => [job['runs-on'], job.with?.['runs-on']])
  const own = runners.find((runner) => runner !== undefined && !isHosted(runner))
  return own === undefined ? null : typeof own === 'string' ? own : JSON.stringify(own)
}

/** A label, several labels, or a group; an input of a workflow takes them as JSON too. */
function isHosted(runner: unknown): boolean {
  if (Array.isArray(runner)) return runner.every(isHosted)
  if (typeof runner !== 'string') return false
  const json = /^["[{]/.test(runner) ? parseJson(runner) : undefined
  return json === undefined ? HOSTED.test(runner) || runner.includes('${{') : isHosted(json)
}

function yamlOf(text: string): unknown {
  try {
    return parse(text) as unknown
  } catch {
    return undefined
  }
}
