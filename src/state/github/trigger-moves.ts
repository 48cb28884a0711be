import type { Environment } from '../../core/environments.ts'
import type { TriggerMove, TriggerMoves } from '../local/trigger-moves.ts'
import { canonicalJson } from '../content-digest.ts'
import type { GithubContext } from '../../github/context.ts'
import { redactForeign } from '../../runtime/secrets.ts'
import type { Machine } from '../../runtime/runtime.ts'
import type { DeploymentLog, Row } from './rows.ts'
import { PAYLOAD_LIMIT_BYTES, triggerPayload } from './payload.ts'

interface TriggerRecord {
  readonly context: Pick<GithubContext, 'run'>
  readonly log: DeploymentLog
  readonly machine: Machine
}

/**
 * Unfinished moves of triggers as rows of the record: one when a move begins, one when it is done.
 */
export function githubTriggerMoves(record: TriggerRecord, environment: Environment): TriggerMoves {
  return {
    open: async () => unfinished(await record.log.rows(environment)),
    begin: (move) => writeMove(record, environment, move, 'begun'),
    finish: (move) => writeMove(record, environment, move, 'finished'),
  }
}

/** Moves that began and did not finish. */
function unfinished(rows: readonly Row[]): TriggerMove[] {
  const moves = rows.flatMap(({ payload }) => triggerPayload.safeParse(payload).data ?? [])
  const open = new Map<string, TriggerMove>()
  for (const { move, state } of moves) {
    if (state === 'begun') open.set(canonicalJson(move), move)
    else open.delete(canonicalJson(move))
  }
  return [...open.values()]
}

async function writeMove(
  { context: { run }, log, machine }: TriggerRecord,
  environment: Environment,
  move: TriggerMove,
  state: 'begun' | 'finished',
): Promise<void> {
  if (!canBeRecorded(move)) {
    if (state === 'begun')
      machine.log.warn(
        `what the trigger ${move['trigger-name']} lays over ${move.snapshot} cannot be kept on GitHub (a secret, or too long): should this run be killed now, attach the trigger to the new snapshot by hand`,
      )
    return
  }
  await log.write({
    list: environment,
    kind: 'trigger',
    description: `trigger ${move['trigger-name']}: ${state}`,
    payload: { environment, attempt: run.key, move, state },
  })
}

/**
 * The record would hold stars in the place of a secret, and the next run would give them to the
 * server.
 */
function canBeRecorded(move: TriggerMove): boolean {
  const text = JSON.stringify(move)
  return redactForeign(text) === text && Buffer.byteLength(text) <= PAYLOAD_LIMIT_BYTES
}
