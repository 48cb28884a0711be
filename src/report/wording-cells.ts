import { minute, partOf, plural, size } from '../core/text.ts'
import type { Result } from '../result/result.ts'
import type { ShardGaps } from '../result/shard-gaps.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import type { BackupReport } from '../result/upgrade.ts'
import { codeWords } from './wording-stopped.ts'

// The words of the table's cells, and the counts that titles share with them.

/** Names in a phrase; the result has them all. */
const MOST_NAMED = 3

const VERIFIED: Readonly<Record<BackupReport['verified'], string>> = {
  checksum: 'read back, checksum equal',
  restore: 'restored into a scratch database and compared',
  command: 'checked by your command',
  'not-by-us': 'made by ZenML Pro, not verified by us',
}

/** The cells of the table where nothing stopped a part. */
export const CELLS = {
  version: (version: string | null) => `ZenML ${version ?? 'of an unknown version'}`,
  planned: (from: string | null, to: string | null) =>
    `planned: ${CELLS.version(from)} to ${to ?? 'unknown'}`,
  upgraded: (to: string | null, from: string | null) =>
    `${CELLS.version(to)}, was ${from ?? 'unknown'}`,
  rolledBack: (from: string | null) => `rolled back to ${CELLS.version(from)}`,
  nothingToDo: 'nothing to do',
  wasUntil: (from: string, time: string) => `was ${from} until ${minute(time)}`,
  backup: ({ bytes, verified }: Pick<BackupReport, 'bytes' | 'verified'>) =>
    `${bytes === null ? '' : `${size(bytes)}, `}${VERIFIED[verified]}`,
  noBackupNeeded: 'not needed',
  noBackup: 'none was made',
  noSuite: 'no suite in the file',
  noSnapshots: 'none on the server',
  missingShards: (shards: readonly string[]) => `shard ${shards.join(', ')} has no result`,
  tests: testCounts,
} as const

/** What keeps shards from being a whole, a phrase for each. */
export function shardGapWords({ twice, missing }: ShardGaps): string[] {
  const named = twice.slice(0, MOST_NAMED).join(', ')
  const more = twice.length > MOST_NAMED ? ` and ${plural(twice.length - MOST_NAMED, 'other')}` : ''
  return [
    ...(missing === 0 ? [] : [`${plural(missing, 'snapshot')} in no shard`]),
    ...(twice.length === 0 ? [] : [`${named}${more} in more than one shard`]),
  ]
}

type Counted = Readonly<Record<'total' | 'passed', number>> &
  Readonly<Record<'failed' | 'skipped' | 'flaky', number | null>>

/** `1 of 4 failed, 1 skipped`. */
function testCounts(
  { total, passed, failed, skipped, flaky }: Counted,
  result: Pick<Result, 'outcome' | 'reason-code'>,
): string {
  const first =
    failed !== null && failed > 0
      ? `${partOf(failed, total)} failed`
      : result.outcome === 'success'
        ? `${passed.toLocaleString('en')} passed`
        : `${codeWords(result['reason-code'])}, ${passed.toLocaleString('en')} passed`
  const amount = (number: number | null, word: string) =>
    number === null || number === 0 ? [] : [`${number.toLocaleString('en')} ${word}`]
  return [first, ...amount(skipped, 'skipped'), ...amount(flaky, 'flaky')].join(', ')
}

const SNAPSHOT_WORDS: readonly (readonly [SnapshotReport['status'], string])[] = [
  ['executed', 'rebuilt and run'],
  ['rebuilt', 'rebuilt'],
  ['current', 'already current'],
  ['planned', 'can be rebuilt'],
  ['excluded', 'excluded'],
]

/** `2 of 9 failed, 7 rebuilt and run`. */
export function snapshotCounts(list: readonly SnapshotReport[]): string {
  const amount = (status: SnapshotReport['status']) =>
    list.filter((snapshot) => snapshot.status === status).length
  const bad = (['failed', 'lost'] as const)
    .filter((status) => amount(status) > 0)
    .map((status) => `${partOf(amount(status), list.length)} ${status}`)
  const rest = SNAPSHOT_WORDS.filter(([status]) => amount(status) > 0).map(
    ([status, words]) => `${amount(status).toLocaleString('en')} ${words}`,
  )
  return [...bad, ...rest].join(', ') || plural(0, 'snapshot')
}

/** `1 failed, 2 lost` of snapshots that are all one or the other. */
export function badCounts(list: readonly SnapshotReport[]): string {
  return (['failed', 'lost'] as const)
    .map((status) => ({ status, amount: list.filter((one) => one.status === status).length }))
    .filter(({ amount }) => amount > 0)
    .map(({ status, amount }) => `${amount.toLocaleString('en')} ${status}`)
    .join(', ')
}
