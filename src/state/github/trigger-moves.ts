import * as z from 'zod'
import type { Environment } from '../../core/environments.ts'
import { moveSchema, type TriggerMove, type TriggerMoves } from '../local/trigger-moves.ts'
import { canonicalJson } from '../content-digest.ts'
import type { GithubContext } from '../../github/context.ts'
import { redact } from '../../runtime/secrets.ts'
import type { Machine } from '../../runtime/runtime.ts'
import { TASKS, type DeploymentLog } from './rows.ts'
import { PAYLOAD_LIMIT_BYTES } from './payload.ts'

const payloadSchema = z.looseObject({ move: moveSchema, state: z.enum(['begun', 'finished']) })

/**
 * Unfinished moves of triggers as rows of the record: one when a move begins, one when it is done.
 */
export function githubTriggerMoves(
  {
    context: { run },
    log,
    machine,
  }: {
    readonly context: Pick<GithubContext, 'run'>
    readonly log: DeploymentLog
    readonly machine: Machine
  },
  environment: Environment,
): TriggerMoves {
  const write = async (move: TriggerMove, state: 'begun' | 'finished') => {
    // The record would hold stars in the place of the secret, and the next run would give them to
    // the server.
    if (
      redact(JSON.stringify(move)) !== JSON.stringify(move) ||
      Buffer.byteLength(JSON.stringify(move)) > PAYLOAD_LIMIT_BYTES
    ) {
      if (state === 'begun')
        machine.log.warn(
          `what the trigger ${move['trigger-name']} lays over ${move.snapshot} cannot be kept on GitHub (a secret, or too long): should this run be killed now, attach the trigger to the new snapshot by hand`,
        )
      return
    }
    await log.write({
      environment,
      task: TASKS.trigger,
      description: `trigger ${move['trigger-name']}: ${state}`,
      payload: { 'schema-version': 1, environment, attempt: run.key, move, state },
    })
  }
  return {
    async open() {
      const moves = (await log.rows(environment))
        .filter(({ task }) => task === TASKS.trigger)
        .flatMap(({ payload }) => payloadSchema.safeParse(payload).data ?? [])
      const open = new Map<string, TriggerMove>()
      for (const { move, state } of moves) {
        if (state === 'begun') open.set(canonicalJson(move), move)
        else open.delete(canonicalJson(move))
      }
      return [...open.values()]
    },
    begin: (move) => write(move, 'begun'),
    finish: (move) => write(move, 'finished'),
  }
}
