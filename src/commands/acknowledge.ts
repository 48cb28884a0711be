import { Stop } from '../core/stop.ts'
import { listed, plural } from '../core/text.ts'
import { personWhoGave } from '../github/person.ts'
import type { Inputs } from '../inputs/inputs.ts'
import type { Attempt } from '../state/attempt.ts'
import { openPlace, storeThatCounts, type Place } from '../state/backend.ts'
import { digestOfLosses, openLosses } from '../state/losses.ts'
import type { CommandContext, Conclusion } from './command.ts'

/**
 * Accepts what an attempt lost. The acknowledgement is bound to the attempt and the digest of the
 * losses it lists, and says who gave it and why.
 */
export async function acknowledge({
  inputs,
  machine,
}: CommandContext<'acknowledge'>): Promise<Conclusion<'acknowledge'>> {
  const { environment, reason } = inputs
  const place = await openPlace(inputs, machine)
  assertBranch(place, inputs)
  const by = personWhoGave(reason, 'reason', place.github?.context.event, machine.env)
  const attempts = await storeThatCounts(place, { measuring: false }).list(environment)
  const attempt = assertKnown(attempts, inputs)
  const lost = [...openLosses(attempt)]
  const digest = digestOfLosses(lost)
  const details = { attempt: attempt.id, lost, digest, by, reason }
  if (lost.length === 0) {
    return {
      reasonCode: 'nothing-to-acknowledge',
      summary: `${environment}: attempt ${attempt.id} has no open loss`,
      attempt: attempt.id,
      details,
    }
  }
  await place.store.append(environment, attempt.id, {
    kind: 'acknowledged',
    at: machine.now().toISOString(),
    by,
    reason,
    digest,
  })
  for (const { message } of lost) machine.log.warn(message)
  return {
    reasonCode: 'loss-acknowledged',
    summary: `${environment}: ${by} acknowledged ${plural(lost.length, 'loss', 'losses')} of attempt ${attempt.id}: ${reason}`,
    attempt: attempt.id,
    details,
  }
}

/**
 * What a run of another branch writes into the record of an environment does not count.
 * @throws Stop `invalid-input`
 */
function assertBranch({ github }: Place, { environment, head, base }: Inputs<'acknowledge'>): void {
  const event = github?.context.event
  const branch = environment === 'staging' ? head : base
  if (event === undefined || !('branch' in event) || event.branch === branch) return
  throw new Stop(
    'invalid-input',
    `a loss in ${environment} was to be acknowledged in a run of ${event.branch}, and ${environment} is deployed from ${branch}`,
    { next: `Dispatch the workflow on ${branch}.` },
  )
}

/** @throws Stop `invalid-input` for an attempt that the record does not have */
function assertKnown(
  attempts: readonly Attempt[],
  { environment, attempt: wanted }: Inputs<'acknowledge'>,
): Attempt {
  const found = attempts.find(({ id }) => id === wanted)
  if (found !== undefined) return found
  const open = attempts.filter((attempt) => openLosses(attempt).length > 0).map(({ id }) => id)
  throw new Stop('invalid-input', `the record of ${environment} has no attempt ${wanted}`, {
    next:
      open.length === 0
        ? `No attempt of ${environment} has an open loss: there is nothing to acknowledge.`
        : `Name an attempt with an open loss: ${listed(open)}.`,
  })
}
