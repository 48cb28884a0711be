import * as z from 'zod'
import type { Environment } from '../config/environments.ts'
import { moveSchema, type TriggerMove, type TriggerMoves } from '../record/trigger-moves.ts'
import { canonicalJson } from '../record/tested.ts'
import type { GithubContext } from './context.ts'
import { TASKS, type DeploymentLog } from './deployment-log.ts'

const payloadSchema = z.looseObject({ move: moveSchema, state: z.enum(['begun', 'finished']) })

/** Unfinished moves of triggers as rows of the record: one when a move begins, one when it is done. */
export function githubTriggerMoves({ context: { run }, log }: { readonly context: Pick<GithubContext, 'run'>; readonly log: DeploymentLog }, environment: Environment): TriggerMoves {
  const write = async (move: TriggerMove, state: 'begun' | 'finished') => {
    await log.write({
      environment, task: TASKS.trigger, description: `trigger ${move['trigger-name']}: ${state}`,
      payload: { 'schema-version': 1, environment, attempt: run.key, move, state }
    })
  }
  return {
    async open() {
      const moves = (await log.rows(environment)).filter(({ task }) => task === TASKS.trigger).flatMap(({ payload }) => payloadSchema.safeParse(payload).data ?? [])
      const open = new Map<string, TriggerMove>()
      for (const { move, state } of moves) {
        if (state === 'begun') open.set(canonicalJson(move), move)
        else open.delete(canonicalJson(move))
      }
      return [...open.values()]
    },
    begin: (move) => write(move, 'begun'),
    finish: (move) => write(move, 'finished')
  }
}
