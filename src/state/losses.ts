import { createHash } from 'node:crypto'
import { short } from '../core/text.ts'
import type { Loss } from '../result/upgrade.ts'
import { lastOf, phaseState, type Attempt } from './attempt.ts'

/** Of more losses only the number is recorded: a record has 30,000 bytes on GitHub. */
const MOST_LISTED = 50
/** Subject of the entry that stands for losses that the record does not list. */
const NOT_LISTED = 'losses that are not listed'

/** Begins the subject of an entry that stands for the names of one kind that are not listed. */
const MORE = 'more '

/** The losses as a record lists them. */
export function listedLosses(losses: readonly Loss[]): Loss[] {
  const listed = losses
    .slice(0, MOST_LISTED)
    .map(({ subject, message }) => ({ subject: short(subject, 200), message: short(message, 200) }))
  const more = losses.length - listed.length
  return more === 0
    ? listed
    : [...listed, { subject: NOT_LISTED, message: `${more} more are in the result of that run.` }]
}

/** What the newest comparison of an attempt found missing, acknowledged or not. */
export function measuredLosses(attempt: Attempt): readonly Loss[] {
  return lastOf(attempt, 'compared')?.lost ?? []
}

/** What is missing and was not acknowledged. */
export function openLosses(attempt: Attempt): readonly Loss[] {
  return acknowledgement(attempt) === undefined ? measuredLosses(attempt) : []
}

/**
 * The acknowledgement of exactly the losses that the newest comparison found. One for other losses
 * does not count.
 */
export function acknowledgement(attempt: Attempt): Acknowledged | undefined {
  const losses = measuredLosses(attempt)
  if (losses.length === 0) return undefined
  const digest = digestOfLosses(losses)
  return attempt.entries.findLast(
    (entry): entry is Acknowledged => entry.kind === 'acknowledged' && entry.digest === digest,
  )
}

/** Tells whether a person has accepted exactly these losses of the attempt. */
export function isAcknowledged({ entries }: Attempt, losses: readonly Loss[]): boolean {
  const digest = digestOfLosses(listedLosses(losses))
  return entries.some((entry) => entry.kind === 'acknowledged' && entry.digest === digest)
}

type Acknowledged = Extract<Attempt['entries'][number], { kind: 'acknowledged' }>

/**
 * Tells whether an attempt ever lost something, or was compared by a later run: whoever could write
 * into its record could make a loss disappear.
 */
export function isAboutLosses({ entries }: Attempt): boolean {
  const closed = entries.findIndex(({ kind }) => kind === 'closed')
  return entries.some(
    (entry, index) => entry.kind === 'compared' && (entry.lost.length > 0 || index > closed),
  )
}

/** SHA-256 of the listed losses, in hexadecimal. */
export function digestOfLosses(losses: readonly Loss[]): string {
  return createHash('sha256')
    .update(JSON.stringify(losses.map(({ subject, message }) => [subject, message])))
    .digest('hex')
}

/**
 * Of the losses that a comparison found now, those that an earlier one had found too: what people
 * deleted in between is no loss of the upgrade.
 */
export function remainingLosses(recorded: readonly Loss[], now: readonly Loss[]): readonly Loss[] {
  const known = recorded.map(({ subject }) => subject)
  const isKnown = (subject: string) =>
    known.includes(NOT_LISTED) ||
    known.includes(subject) ||
    // Of many names of one kind a record lists only the first.
    known.some((one) => one.startsWith(MORE) && subject.startsWith(`${one.slice(MORE.length)}/`))
  return now.filter(({ subject }) => isKnown(short(subject, 200)))
}

/**
 * Tells whether an attempt changed the server and ended before what is there was compared with what
 * was there.
 */
export function endedUncompared(attempt: Attempt): boolean {
  return (
    lastOf(attempt, 'closed') !== undefined &&
    phaseState(attempt, 'deploy') !== 'not-started' &&
    lastOf(attempt, 'inventory') !== undefined &&
    lastOf(attempt, 'compared') === undefined
  )
}
