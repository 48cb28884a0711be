import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { Stop } from '../../core/stop.ts'
import { writeFileAtomic } from '../../runtime/files.ts'

export const moveSchema = z.strictObject({
  'trigger-id': z.string(),
  'trigger-name': z.string(),
  /** project/pipeline/name */
  snapshot: z.string(),
  'old-id': z.string(),
  /** Laid over the snapshot when the trigger starts it; null for none. */
  'run-configuration': z.union([z.record(z.string(), z.json()), z.null()]),
})

/** A trigger that must start the new snapshot once the old one was replaced. */
export type TriggerMove = z.infer<typeof moveSchema>

/**
 * Moves that are not finished. Written before the old snapshot is replaced, because afterwards the
 * server no longer knows them.
 */
export interface TriggerMoves {
  open(): Promise<readonly TriggerMove[]>
  begin(move: TriggerMove): Promise<void>
  finish(move: TriggerMove): Promise<void>
}

/** One file for each open move, so that several machines can share the directory. */
export function triggerMovesIn(directory: string): TriggerMoves {
  const path = (move: TriggerMove) =>
    join(directory, `${move['trigger-id']}-${move['old-id']}.json`)
  return {
    async open() {
      await mkdir(directory, { recursive: true })
      const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort()
      return Promise.all(names.map((name) => read(join(directory, name))))
    },
    begin: (move) => writeFileAtomic(path(move), `${JSON.stringify(move, null, 2)}\n`, 0o600),
    finish: (move) => rm(path(move), { force: true }),
  }
}

async function read(path: string): Promise<TriggerMove> {
  const text = await readFile(path, 'utf8')
  try {
    return moveSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Stop(
      'invalid-input',
      `the note ${path} about a trigger is damaged or of another version of zenml-upgrade`,
      {
        next: 'Read which trigger it names, attach that to its snapshot by hand, and delete the note.',
        cause,
      },
    )
  }
}
