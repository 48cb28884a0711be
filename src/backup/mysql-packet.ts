import type { LongestStatement } from './dump-summary.ts'
import { Stop } from '../core/stop.ts'

const MEBIBYTE = 1024 ** 2

/**
 * Checks that a server takes every statement of a dump, where a row is longer than in its table:
 * bytes are written as two digits each. `maxAllowedPacket` is in bytes.
 * @throws Stop `backup-failed`
 */
export function assertLoadable(longest: LongestStatement | null, maxAllowedPacket: number): void {
  if (longest === null || longest.bytes < maxAllowedPacket) return
  const needed = Math.ceil((longest.bytes + 1) / MEBIBYTE)
  throw new Stop(
    'backup-failed',
    `a restore would fail: the longest row of ${longest.table} takes ${longest.bytes} bytes in the dump, and the server's max_allowed_packet is ${maxAllowedPacket}`,
    {
      next: `Nothing was changed. Set max_allowed_packet of the database server to at least ${needed}M, or delete that row, then run this again.`,
    },
  )
}
