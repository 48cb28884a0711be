import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Stop } from '../core/stop.ts'
import { fileTime } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
import { isAlive, type ProcessIdentity } from '../runtime/process-identity.ts'
import { tail } from '../runtime/process.ts'
import { because, CAUSE_LINES } from './cause-of-failure.ts'
import type { DeployJournal, Deployment } from './driver.ts'
import { hold, howItEnded, type HeldProcess } from './gated-process.ts'
import type { LocalLayout } from './local-layout.ts'
import migrateProgram from './migrate.py'

const READY_SECONDS = 300
/**
 * A migration is never killed for its length: half a schema helps nobody. After this we stop
 * waiting, and say so.
 */
const MIGRATION_SECONDS = 4 * 3600
const LOG_LINES = 40

export interface MigrationSpec {
  readonly machine: Machine
  readonly layout: LocalLayout
  readonly python: string
  readonly deployment: Deployment
  readonly env: Readonly<Record<string, string>>
}

/** A process that has loaded everything and has touched nothing yet. */
export interface ReadyMigration {
  /**
   * Migrates. `log` is the tail; `failure` is set when the schema is not that of the target
   * afterwards.
   */
  run(
    journal: DeployJournal,
  ): Promise<{ readonly failure: string | undefined; readonly log: readonly string[] }>
  /** Ends the process if it has not begun. */
  abandon(): void
}

/**
 * Loads the target's code, while the old server still serves. Throws Stop('upgrade-failed') when
 * that fails.
 */
export async function prepareMigration(spec: MigrationSpec): Promise<ReadyMigration> {
  const { machine, layout, python, deployment, env } = spec
  const { fromVersion, toVersion } = deployment
  const log = join(
    layout.logs,
    `migration-${fromVersion}-${toVersion}-${fileTime(machine.now())}.log`,
  )
  await mkdir(layout.neutral, { recursive: true })
  const held = await hold({ argv: [python, '-c', migrateProgram], env, cwd: layout.neutral, log })
  try {
    await waitUntilReady(held, spec, log)
  } catch (error) {
    held.abandon()
    throw error
  }
  return {
    abandon: () => {
      held.abandon()
    },
    run: (journal) => migrate(held, spec, log, journal),
  }
}

async function waitUntilReady(
  held: HeldProcess,
  { machine, deployment: { toVersion } }: MigrationSpec,
  log: string,
): Promise<void> {
  for (
    let waited = 0;
    !(await lastLines(log)).some((line) => line.startsWith('zenml-upgrade: ready'));
    waited += 0.2
  ) {
    const ended = held.ended()
    if (ended !== undefined || waited > READY_SECONDS) {
      throw new Stop(
        'upgrade-failed',
        `the migration to ZenML ${toVersion} could not be prepared (${ended ?? `not ready after ${READY_SECONDS} s`}); log: ${log}\n${(await lastLines(log)).join('\n')}`,
      )
    }
    await machine.sleep(0.2)
  }
}

async function migrate(
  held: HeldProcess,
  { machine, deployment: { toVersion } }: MigrationSpec,
  log: string,
  journal: DeployJournal,
): ReturnType<ReadyMigration['run']> {
  await journal.child('migration', held.identity)
  held.go()
  await waitForEnd(held, machine)
  await journal.child('migration', undefined)
  const ended = await howItEnded(held)
  const failure =
    ended === 'exit code 0'
      ? undefined
      : `the migration to ZenML ${toVersion} failed (${ended})${because(await lastLines(log, CAUSE_LINES))}; log: ${log}`
  return { failure, log: await lastLines(log) }
}

async function lastLines(log: string, lines = LOG_LINES): Promise<string[]> {
  return tail(await readFile(log, 'utf8'), lines)
}

async function waitForEnd(held: HeldProcess, machine: Machine): Promise<void> {
  try {
    await waitForMigration(held.identity, machine)
  } catch (error) {
    machine.log.warn(
      `the migration goes on as process ${held.identity.pid}; the next run waits for it`,
    )
    throw error
  }
}

/** Waits until a migration has ended, ours or that of a run that died. Never ends it. */
export async function waitForMigration(identity: ProcessIdentity, machine: Machine): Promise<void> {
  const { pid } = identity
  const started = machine.monotonic()
  await machine.log.progress(`migrate the database, process ${pid}`, async () => {
    while (await isAlive(identity)) {
      if (machine.monotonic() - started > MIGRATION_SECONDS)
        throw new Stop(
          'locked',
          `the migration, process ${pid}, has not ended in ${MIGRATION_SECONDS / 3600} hours`,
          { next: 'Look at its log in the folder logs; when it has ended, run this again.' },
        )
      await machine.sleep(0.2)
    }
  })
}
