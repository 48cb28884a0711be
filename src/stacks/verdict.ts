import type { Environment } from '../core/environments.ts'
import type { ReasonCode } from '../core/reasons.ts'
import type { NotComparedFact } from '../report/parity-fact.ts'
import {
  notComparedWords,
  otherRead,
  PARITY_NEXT,
  parityLine,
  paritySummary,
} from '../report/wording-parity.ts'
import type { ParityReport } from '../result/stacks.ts'
import { notRead, parityOutput } from './comparison.ts'

export interface StacksVerdict {
  readonly reasonCode: ReasonCode
  readonly summary: string
  readonly next?: string
}

/** Judges stacks that were read and not compared; `read` says what was read. */
export function judgeUncompared(
  read: string,
  why: NotComparedFact,
  other: Environment,
): StacksVerdict {
  return {
    reasonCode: 'inventory-read',
    summary: `${read}; not compared: ${notComparedWords(why)}`,
    next: why.kind === 'same-server' ? PARITY_NEXT.correctAddresses : PARITY_NEXT.compare(other),
  }
}

/**
 * Judges stacks that were compared; `read` says what was read, `readOther` when those of the other
 * environment were.
 */
export function judgeCompared(
  read: string,
  report: ParityReport,
  { other, readOther }: { readonly other: Environment; readonly readOther: string },
): StacksVerdict {
  const summary = `${read}; ${paritySummary(report)}; ${otherRead(other, readOther)}`
  switch (parityOutput(report)) {
    case 'mirrored':
      return { reasonCode: 'stacks-mirrored', summary }
    case 'differs':
      return { reasonCode: 'stacks-differ', summary }
    case undefined: {
      const unread = notRead(report)
      return unread === undefined
        ? {
            reasonCode: 'inventory-read',
            summary,
            next: PARITY_NEXT.noneInUse,
          }
        : {
            reasonCode: 'inventory-read',
            summary: `${summary}; ${parityLine(unread)}`,
            next: PARITY_NEXT.letReadAndRepeat,
          }
    }
  }
}
