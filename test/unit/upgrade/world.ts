import type { Attempt, AttemptStore, Entry } from '../../../src/state/attempt.ts'
import type { BackupReport } from '../../../src/result/upgrade.ts'
import { Stop } from '../../../src/core/stop.ts'
import { createLog } from '../../../src/runtime/log.ts'
import type { Machine } from '../../../src/runtime/runtime.ts'
import { BackupDamaged } from '../../../src/backup/backup-damaged.ts'
import { NotCountable } from '../../../src/backup/not-countable.ts'
import { RestoreFailed, type DatabaseState } from '../../../src/backup/restore-failed.ts'
import type { BackupTool, FoundBackup } from '../../../src/backup/types.ts'
import type { Driver } from '../../../src/deploy/driver.ts'
import type { GateAnswer, UpgradeSettings, UpgradeTools } from '../../../src/upgrade/work.ts'
import type { ServerInfo } from '../../../src/zenml/info.ts'
import { ServerFailure, type FailureKind } from '../../../src/http/server-failure.ts'
import type { ZenmlServer } from '../../../src/zenml/types.ts'

export const OLD = '0.94.1'
export const NEW = '0.98.0'

/** The machine dies: not an error of any room, so nobody may catch it. */
export class Killed extends Error {}

/**
 * A server, its database, its backups and a state directory, as plain data. Survives the "process"
 * that works on it.
 */
export interface World {
  /** Version of the code that runs; undefined while it is stopped. */
  running: string | undefined
  /** Revision of the schema; undefined: the database is empty. */
  schema: string | undefined
  rows: number
  serverId: string
  backups: Map<string, { rows: number; schema: string }>
  attempts: Attempt[]
  locked: boolean
  /** Seconds since the beginning; moves with every sleep. */
  clock: number
  /** By how much the wall clock was set in the meantime, in seconds. */
  wallClockSetBy: number
  /** What must never happen, as it happened. */
  crimes: string[]
}

export interface Trouble {
  /** What the gate answers; left out, it is open. */
  readonly gate?: GateAnswer
  /** Dies before the n-th step that touches anything. */
  readonly killAtStep?: number
  readonly migrationFails?: boolean
  readonly deployFails?: boolean
  readonly neverComesBack?: boolean
  readonly otherDatabase?: boolean
  /** The new version runs on the schema of the new version, and reports another one. */
  readonly reports?: string
  /** Rows written by users once the new version runs. */
  readonly writesAfterUpgrade?: number
  readonly losesRows?: boolean
  readonly cannotCount?: boolean
  readonly backupFails?: boolean
  /** The file names the database of another server. */
  readonly databaseOfAnother?: boolean
  /** The restore fails, and leaves the database so. */
  readonly restoreFails?: DatabaseState
  /** The backup's file is damaged. */
  readonly backupDamaged?: boolean
  /** The volume of the backups is not mounted. */
  readonly backupUnreachable?: boolean
  /** What a gateway says while the server does not answer; left out, it refuses the connection. */
  readonly whileDown?: FailureKind
  /** By how much the wall clock is set while the deployment runs, in seconds. */
  readonly wallClockSetBy?: number
  /** The database takes the tables of the backup, and refuses a trigger. */
  readonly restoreRefusesTrigger?: boolean
  /** While the server does not answer, it is our own network that is the trouble. */
  readonly ownNetworkGone?: boolean
}

export function newWorld(): World {
  return {
    running: OLD,
    schema: OLD,
    rows: 10,
    serverId: 'server-1',
    backups: new Map(),
    attempts: [],
    locked: false,
    clock: 0,
    wallClockSetBy: 0,
    crimes: [],
  }
}

function wallTime({ clock, wallClockSetBy }: World): number {
  return Date.UTC(2026, 0, 1) + (clock + wallClockSetBy) * 1000
}

export const SETTINGS: UpgradeSettings = {
  environment: 'staging',
  target: NEW,
  onFailure: 'rollback',
  backup: 'required',
  dryRun: false,
  timeoutSeconds: 60,
  tested: 'digest',
  sources: [],
  inputs: { digest: 'inputs-1', files: ['deploy.sh'] },
  retry: null,
  retryWith: 'upgrade-workspace --override-reason why',
  goBackWithLoss: 'run upgrade-workspace --on-failure rollback-with-loss',
  sha: null,
  expectations: { smokeSuite: true, executeSnapshots: true },
  acknowledgeWith: (attempt) => `acknowledge ${attempt}`,
}

/** Everything that an upgrade is handed, acting on the world; `steps` counts what was touched. */
export function toolsFor(
  world: World,
  trouble: Trouble = {},
): UpgradeTools & { steps: () => number } {
  let steps = 0
  const step = () => {
    steps += 1
    if (steps === trouble.killAtStep) throw new Killed(`killed at step ${steps}`)
    return Promise.resolve()
  }
  const machine: Machine = {
    env: {},
    log: createLog({ write: () => undefined, github: false, colour: false }),
    signal: new AbortController().signal,
    now: () => new Date(wallTime(world)),
    monotonic: () => world.clock,
    sleep: async (seconds) => {
      world.clock += seconds
      await step()
    },
  }
  const store: AttemptStore = {
    list: () => Promise.resolve(structuredClone(world.attempts)),
    begin: async (attempt) => {
      await step()
      world.attempts.push(structuredClone(attempt))
    },
    append: async (_environment, id, entry: Entry) => {
      await step()
      world.attempts.find((attempt) => attempt.id === id)?.entries.push(entry)
    },
  }
  const server = {
    url: 'http://zenml.test',
    info: () => {
      if (world.running === undefined)
        return Promise.reject(
          trouble.ownNetworkGone === true
            ? new ServerFailure('dns', 'server-unreachable', 'no DNS')
            : new ServerFailure(trouble.whileDown ?? 'refused', 'server-unreachable', 'away'),
        )
      const id =
        trouble.otherDatabase === true && world.running === NEW ? 'server-2' : world.serverId
      const version = world.running === NEW ? (trouble.reports ?? world.running) : world.running
      return Promise.resolve<ServerInfo>({ id, version, active: true })
    },
  } as unknown as ZenmlServer
  return {
    machine,
    store,
    server,
    steps: () => steps,
    driver: driverFor(world, trouble, step),
    backup: backupFor(world, trouble, step),
    lock: async () => {
      await step()
      if (world.locked) throw new Stop('locked', 'taken')
      return { release: () => Promise.resolve() }
    },
    checks: () => Promise.resolve([]),
    parity: () => Promise.resolve(undefined),
    gate: () => Promise.resolve(trouble.gate ?? { kind: 'open', override: null }),
    inventory: () =>
      world.running === undefined
        ? Promise.reject(new Stop('server-unreachable', 'refused'))
        : Promise.resolve({
            counts: { pipelines: world.rows },
            names: { pipelines: namesOf(world) },
          }),
  }
}

function namesOf({ rows }: World): string[] {
  return Array.from({ length: rows }, (_, index) => `p${index}`)
}

function start(world: World, version: string): void {
  if (world.schema !== undefined && world.schema !== version) {
    if (version === OLD) world.crimes.push(`old code on schema ${world.schema}`)
    return // a server does not come up on a schema it does not know
  }
  if (world.schema === undefined) {
    world.crimes.push(`${version} initialised an empty database`)
    return
  }
  world.running = version
}

function driverFor(world: World, trouble: Trouble, step: () => Promise<void>): Driver {
  return {
    name: 'local',
    tellsMigration: true,
    preflight: () => Promise.resolve([]),
    endLeftovers: () => Promise.resolve(),
    async deploy(_deployment, journal) {
      await step()
      if (trouble.deployFails === true)
        return { ok: false, message: 'the deployment exited with 1', stoppedAt: null, log: [] }
      world.running = undefined
      const stoppedAt = { at: new Date(wallTime(world)), monotonic: world.clock }
      world.wallClockSetBy += trouble.wallClockSetBy ?? 0
      if (world.schema !== NEW) {
        await journal.child('migration', { pid: 1, started: 'x' })
        if (world.schema === undefined) world.crimes.push('migrated an empty database')
        // MariaDB cannot undo half a step: "Table already exists", whichever version is started.
        if (world.schema === 'half')
          return { ok: false, message: 'the table exists already', stoppedAt, log: [] }
        world.schema = 'half'
        await step()
        if (trouble.migrationFails === true)
          return { ok: false, message: 'the migration exited with 1', stoppedAt, log: [] }
        world.schema = NEW
        await journal.child('migration', undefined)
      }
      await step()
      if (trouble.neverComesBack !== true) {
        start(world, NEW)
        world.rows += trouble.writesAfterUpgrade ?? 0
        if (trouble.losesRows === true) world.rows = 3
      }
      return { ok: true, message: 'started', stoppedAt, log: [] }
    },
    died: () => Promise.resolve(undefined),
    stop: async () => {
      await step()
      world.running = undefined
    },
    startOld: async () => {
      await step()
      start(world, OLD)
    },
  }
}

function backupFor(world: World, trouble: Trouble, step: () => Promise<void>): BackupTool {
  const check = (report: BackupReport) => {
    const backup = world.backups.get(report.id)
    if (backup === undefined) throw new Stop('backup-failed', 'the backup is gone')
    return backup
  }
  return {
    kind: 'sqlite',
    canRestore: true,
    preflight: () => Promise.resolve([]),
    async make(id) {
      await step()
      if (trouble.backupFails === true) throw new Stop('backup-failed', 'disk full')
      world.backups.set(id, { rows: world.rows, schema: world.schema ?? '' })
      return {
        id,
        kind: 'sqlite',
        location: `/backups/${id}`,
        bytes: 1,
        sha256: 'x',
        verified: 'checksum',
        completed: new Date(Date.UTC(2026, 0, 1)).toISOString(),
        seconds: 1,
      }
    },
    find: (id) => {
      const backup = world.backups.get(id)
      return Promise.resolve({ manifest: { revision: backup?.schema ?? null } } as FoundBackup)
    },
    verifyStillThere: async (report) => {
      await step()
      if (trouble.backupDamaged === true) throw new BackupDamaged('the backup is damaged')
      if (trouble.backupUnreachable === true)
        throw new Stop('backup-failed', 'there is no backup', { next: 'Mount the volume.' })
      check(report)
    },
    async restore(report) {
      await step()
      if (world.running !== undefined) world.crimes.push('restored under a running server')
      const fail = (state: DatabaseState) => {
        if (trouble.restoreFails === state)
          throw new RestoreFailed('no space.', state, {
            location: report.location,
            cause: new Error('no space'),
          })
      }
      fail('untouched')
      fail('unknown')
      const backup = check(report)
      world.schema = undefined // a restore drops all tables before it loads them
      await step()
      fail('incomplete')
      Object.assign(world, backup)
      fail('complete')
      const refused = trouble.restoreRefusesTrigger === true
      return {
        replacedAt: null,
        revision: backup.schema,
        leftOut: refused ? [{ kind: 'trigger', name: 'audit', reason: 'access denied' }] : [],
        leftOutFile: refused ? '/backups/not-restored.sql' : null,
      }
    },
    revision: () => Promise.resolve(world.schema),
    serverId: () => Promise.resolve(trouble.databaseOfAnother === true ? 'other' : world.serverId),
    writtenSince(report) {
      if (trouble.cannotCount === true)
        return Promise.reject(new NotCountable('the table is locked'))
      const written = world.rows - check(report).rows
      return Promise.resolve<Record<string, number>>(
        world.schema === undefined || written === 0 ? {} : { pipeline_run: written },
      )
    },
  }
}
