import * as z from 'zod'
import { parseJson } from '../../core/json.ts'
import { Stop } from '../../core/stop.ts'
import { JOB_IDS } from '../../report/flow-jobs.ts'
import type { Need, Needs } from '../../report/job-end.ts'
import type { Machine } from '../../runtime/runtime.ts'

const needsSchema = z.record(
  z.string(),
  z.looseObject({
    result: z.enum(['success', 'failure', 'cancelled', 'skipped']),
    // A runner other than GitHub's gives null for a job without outputs.
    outputs: z
      .record(z.string(), z.string())
      .nullish()
      .transform((outputs) => outputs ?? {}),
  }),
)

/**
 * Reads the input `jobs`. Jobs that no workflow of ours has are left out, with a warning where one
 * did not end well.
 * @throws Stop `invalid-input`
 */
export function readNeeds(input: string | undefined, { log }: Machine): Needs {
  if (input === undefined) return {}
  const { data, error } = needsSchema.safeParse(parseJson(input))
  if (error !== undefined)
    throw new Stop(
      'invalid-input',
      `input jobs is ${JSON.stringify(input.slice(0, 200))}; it must be the results of jobs as JSON, such as {"upgrade":{"result":"success","outputs":{}}}`,
      { next: 'Give it `${{ toJSON(needs) }}`, or leave it out.', cause: error },
    )
  const known = new Map<string, Need>(Object.entries(data))
  const needs = Object.fromEntries(
    JOB_IDS.flatMap((id) => {
      const need = known.get(id)
      known.delete(id)
      return need === undefined ? [] : [[id, need]]
    }),
  ) as Needs
  for (const [id, { result }] of known)
    if (result === 'failure' || result === 'cancelled')
      log.warn(
        `the job "${id}" ended as ${result}; which result it leaves is not known, so the report does not judge it`,
      )
  return needs
}
