import { hostname } from 'node:os'
import type { Attempt, AttemptStore, Entry, UpgradePhase } from '../state/attempt.ts'
import { listedLosses } from '../state/losses.ts'
import type { BackupReport, Loss, UpgradeDetails } from '../result/upgrade.ts'
import type { Counts, Phase } from '../result/common.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { instant, secondsBetween } from '../runtime/instant.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { Inventory } from '../zenml/inventory.ts'
import type { ProcessIdentity } from '../runtime/process-identity.ts'

type Unstamped = Entry extends infer E ? (E extends Entry ? Omit<E, 'at'> : never) : never

interface JournalEnd {
  readonly code: ReasonCode
  readonly summary: string
  readonly next: string | undefined
  readonly details: UpgradeDetails
}

/**
 * The journal of one attempt: every line is on disk before what it announces happens, and after
 * what it reports happened.
 */
export interface Journal {
  readonly attemptId: string
  phase<T>(phase: UpgradePhase, title: string, work: () => Promise<T>): Promise<T>
  failed(phase: UpgradePhase, message: string, code: ReasonCode): Promise<void>
  backup(report: BackupReport, counts: Counts): Promise<void>
  inventory(inventory: Inventory): Promise<void>
  /** What is missing of what was there at the start; empty when nothing is. */
  compared(lost: readonly Loss[]): Promise<void>
  overtaken(): Promise<void>
  child(name: string, identity: ProcessIdentity | undefined): Promise<void>
  note(message: string): Promise<void>
  close(end: JournalEnd): Promise<void>
  /** What ran in this process, for the result. */
  phases(): readonly Phase[]
}

export function openJournal(store: AttemptStore, attempt: Attempt, machine: Machine): Journal {
  const phases: Phase[] = []
  const append = (entry: Unstamped) =>
    store.append(attempt.environment, attempt.id, { ...entry, at: machine.now().toISOString() })
  return {
    attemptId: attempt.id,
    async phase(phase, title, work) {
      const started = instant(machine)
      const record = (status: Phase['status']) => {
        phases.push({
          name: phase,
          status,
          started: started.at.toISOString(),
          seconds: secondsBetween(started, instant(machine)),
        })
      }
      await append({ kind: 'phase', phase, state: 'started' })
      try {
        const value = await machine.log.chapter(title, work)
        await append({ kind: 'phase', phase, state: 'done' })
        record('done')
        return value
      } catch (error) {
        record('failed')
        throw error
      }
    },
    failed: (phase, message, code) =>
      append({ kind: 'phase', phase, state: 'failed', message, 'reason-code': code }),
    backup: (report, counts) => append({ kind: 'backup', report, counts }),
    inventory: ({ counts, names }) =>
      append({
        kind: 'inventory',
        counts,
        names: Object.fromEntries(Object.entries(names).map(([kind, list]) => [kind, [...list]])),
      }),
    compared: (lost) => append({ kind: 'compared', lost: listedLosses(lost) }),
    overtaken: () => append({ kind: 'overtaken' }),
    child: (name, identity) =>
      append({ kind: 'child', name, host: hostname(), identity: identity ?? null }),
    note: (message) => append({ kind: 'note', message }),
    close: ({ code, summary, next, details }) =>
      append({
        kind: 'closed',
        'reason-code': code,
        summary,
        ...(next === undefined ? {} : { next }),
        details,
      }),
    phases: () => phases,
  }
}
