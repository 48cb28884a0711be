import { lockPayload } from './payload.ts'
import type { Row } from './rows.ts'

/** A lock that was taken and is not known to be over. */
export interface HeldLock {
  readonly id: number
  /** `<run id>.<attempt>` */
  readonly run: string
  readonly job: string
  /** ISO 8601. */
  readonly at: string
  readonly serverId: string
}

/** Finds the locks that no row says are over, oldest first. What cannot be read is none. */
export function heldLocks(rows: readonly Pick<Row, 'id' | 'payload'>[]): HeldLock[] {
  const locks = rows.flatMap(({ id, payload }) => {
    const { data } = lockPayload.safeParse(payload)
    return data === undefined ? [] : [{ id, ...data }]
  })
  const over = new Set(locks.flatMap(({ ended }) => ended))
  return locks.flatMap((lock) =>
    lock.kind === 'lock' && !over.has(lock.id)
      ? [
          {
            id: lock.id,
            run: lock.attempt,
            job: lock.job,
            at: lock.at,
            serverId: lock['server-id'],
          },
        ]
      : [],
  )
}
