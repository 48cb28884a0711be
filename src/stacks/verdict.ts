import type { Environment } from '../core/environments.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { minute } from '../core/text.ts'
import { paritySummary } from '../report/parity-section.ts'
import type { ParityReport } from '../result/stacks.ts'
import { LET_READ, notRead, parityOutput } from './comparison.ts'

export interface StacksVerdict {
  readonly reasonCode: ReasonCode
  readonly summary: string
  readonly next?: string
}

/** Judges stacks that were read and not compared; `read` says what was read. */
export function judgeUncompared(read: string, why: string, other: Environment): StacksVerdict {
  return {
    reasonCode: 'inventory-read',
    summary: `${read}; not compared: ${why}`,
    next: `Run check-stacks --environment ${other} with the key of that server and the same report directory: it compares.`,
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
  const summary = `${read}; ${paritySummary(report)}; ${other} was read on ${minute(readOther)}`
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
            next: 'Nothing to do: no stack has to be mirrored while no named snapshot of production uses one.',
          }
        : {
            reasonCode: 'inventory-read',
            summary: `${summary}; ${unread}`,
            next: `${LET_READ}, then run this again.`,
          }
    }
  }
}
