import type { Environment } from '../core/environments.ts'
import { minute } from '../core/text.ts'

// The words of an upgrade that only the record knows: its result file is gone, or was never written.

/** What the record says about an upgrade. `phase` is the last one that began; null before the first. */
export type RecordedUpgrade =
  | { readonly kind: 'finished'; readonly from: string; readonly to: string }
  | { readonly kind: 'unfinished'; readonly attempt: string; readonly phase: string | null }
  | {
      readonly kind: 'failed'
      readonly attempt: string
      readonly phase: string | null
      readonly message: string | null
    }

export function recordedUpgradeWords(environment: Environment, fact: RecordedUpgrade): string {
  switch (fact.kind) {
    case 'finished':
      return `${environment}: ${fact.from} → ${fact.to}`
    case 'unfinished':
      return `${environment}: attempt ${fact.attempt} is still running, or was interrupted${atStep(fact.phase)}`
    case 'failed':
      return `${environment}: attempt ${fact.attempt} failed${atStep(fact.phase)} and is not finished: ${fact.message ?? 'the record does not say why'}`
  }
}

function atStep(phase: string | null): string {
  return phase === null ? '' : ` at its step ${phase}`
}

/** What to do about an attempt that may still be running. */
export const UNFINISHED_NEXT = 'Look at its run; if that has ended, run it again.'

/** Who accepted a loss, when (ISO 8601 in UTC) and why. */
interface Acknowledged {
  readonly by: string
  readonly at: string
  readonly reason: string
}

/** Adds to the summary of an upgrade what became of its loss; without an acknowledgement it is gone. */
export function resolvedLossWords(summary: string, accepted: Acknowledged | undefined): string {
  return accepted === undefined
    ? `${summary} Later, everything that was missing was there again.`
    : `${summary} Acknowledged by ${accepted.by} on ${minute(accepted.at)}: ${accepted.reason}`
}
