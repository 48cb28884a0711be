import * as z from 'zod'
import type { Environment } from '../../core/environments.ts'
import type { Entry } from '../attempt.ts'
import type { Log } from '../../runtime/log.ts'
import {
  assertKnownVersion,
  attemptPayload,
  journalPayload,
  type AttemptPayload,
} from './payload.ts'
import type { Row } from './rows.ts'

interface FoundEntry {
  readonly run: string
  readonly sha: string
  readonly entry: Entry
}

/** An attempt as its rows have it. */
export interface FoundAttempt {
  readonly row: Row
  readonly payload: AttemptPayload
  readonly entries: readonly FoundEntry[]
}

type Collected = FoundAttempt & { readonly entries: FoundEntry[] }

/**
 * Reads the attempts out of the rows of one environment, oldest first. A row that is damaged is
 * warned about and left out; one of a later version ends the command.
 * @throws Stop `invalid-input`
 */
export function attemptsIn(
  rows: readonly Row[],
  environment: Environment,
  log: Pick<Log, 'warn'>,
): FoundAttempt[] {
  const found = new Map<string, Collected>()
  for (const row of rows) {
    assertKnownVersion(row.id, row.payload)
    if (row.kind === 'trigger') continue
    if (row.kind === 'journal') collectEntries(found, row, environment, log)
    else collectAttempt(found, row, environment, log)
  }
  return [...found.values()]
}

function collectAttempt(
  found: Map<string, Collected>,
  row: Row,
  environment: Environment,
  log: Pick<Log, 'warn'>,
): void {
  const payload = attemptPayload.safeParse(row.payload).data
  if (payload === undefined || payload.environment !== environment)
    log.warn(
      `deployment ${row.id} of ${environment} is no record that can be read, and was left out`,
    )
  else if (!found.has(payload.id)) found.set(payload.id, { row, payload, entries: [] })
}

function collectEntries(
  found: ReadonlyMap<string, Collected>,
  row: Row,
  environment: Environment,
  log: Pick<Log, 'warn'>,
): void {
  const line = journalPayload.safeParse(row.payload).data
  if (line !== undefined) {
    found
      .get(line.id)
      ?.entries.push(...line.entries.map((entry) => ({ run: line.attempt, sha: row.sha, entry })))
    return
  }
  const of = lineOf.safeParse(row.payload).data
  log.warn(
    `deployment ${row.id} of ${environment} is no line of a journal that can be read${of === undefined ? ', and was left out' : `; attempt ${of.id} is not green with it`}`,
  )
  if (of !== undefined)
    found.get(of.id)?.entries.push({
      run: of.attempt,
      sha: row.sha,
      entry: { kind: 'unreadable', at: row.created.toISOString() },
    })
}

/** What an unreadable line must name at least, to be held against its attempt. */
const lineOf = z.looseObject({ id: z.string(), attempt: z.string() })
