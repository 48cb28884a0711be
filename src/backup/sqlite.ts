import { constants } from 'node:fs'
import { access, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { BackupReport } from '../result/upgrade.ts'
import type { Check } from '../result/common.ts'
import { Stop } from '../core/stop.ts'
import { sha256File } from '../runtime/files.ts'
import type { BackupContext, BackupFacts, BackupTool, DatabaseComparison } from './types.ts'
import { planComparison, written } from './comparison.ts'
import { planLosses } from './loss-plan.ts'
import { judgeLosses } from './loss-judgement.ts'
import {
  describe,
  destinationChecks,
  diskCheck,
  newFolder,
  syncFolder,
  verifiedFile,
} from './destination.ts'
import { readManifest, tablesOf, writeManifest } from './manifest.ts'
import { notComparable } from './not-comparable.ts'
import { NotCountable } from './not-countable.ts'
import { findPython, sqlite } from './python.ts'
import { revisionCheck } from './revision.ts'
import { replaceDatabase, staleBackup } from './sqlite-restore.ts'

const COPY = 'zenml.db'

export interface SqliteOptions {
  /** Absolute path of the live database. */
  readonly path: string
  /** Absolute path of the folder of all backups. */
  readonly to: string
}

/** Backup of a SQLite database while its server runs, by SQLite's own online backup. */
export function sqliteBackup(options: SqliteOptions, context: BackupContext): BackupTool {
  const path = resolve(context.workingDirectory, options.path)
  const to = resolve(context.workingDirectory, options.to)
  const { machine } = context

  const revision = async (): Promise<string | undefined> => {
    try {
      return (await sqlite(machine, 'inspect', { path })).revision ?? undefined
    } catch (cause) {
      machine.signal.throwIfAborted()
      throw new Stop(
        'preflight-failed',
        `The database ${path} cannot be read: ${describe(cause)}.`,
        { cause, next: 'Check `backup.sqlite.path`, and that this user may read the file.' },
      )
    }
  }

  return {
    kind: 'sqlite',
    canRestore: true,
    revision,
    serverId: async () => (await sqlite(machine, 'server-id', { path })).id ?? undefined,
    preflight: (version) => preflight(path, to, version, revision, context),
    make: async (id, facts) => make({ path, to, id, facts, context }),
    find: async (id) => {
      const manifest = await readManifest(join(to, id), id)
      return { manifest, report: manifest.report }
    },
    verifyStillThere: async (report) => {
      await verifiedFile(to, report)
    },
    restore: (report) => replaceDatabase({ path, to, report, machine }),
    writtenSince: (report) => writtenSince(path, to, report, context),
    lostSince: (report) => lostSince(path, to, report, context),
  }
}

async function preflight(
  path: string,
  to: string,
  version: string,
  revision: () => Promise<string | undefined>,
  context: BackupContext,
): Promise<Check[]> {
  const checks = await destinationChecks(to, context)
  const writable = checks.every(({ status }) => status === 'passed')
  const python = await findPython(context.machine)
  checks.push(
    python === undefined
      ? {
          name: 'backup tools',
          status: 'failed',
          message: 'no Python with the sqlite3 module on PATH',
          next: 'Install Python 3.8 or newer, for example with actions/setup-python.',
        }
      : { name: 'backup tools', status: 'passed', message: `${python} has the sqlite3 module` },
  )
  const size = await stat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  )
  if (size === undefined) {
    return [
      ...checks,
      {
        name: 'database',
        status: 'failed',
        message: `${path} is not a file on this machine`,
        next: "Put the path of the server's zenml.db into `backup.sqlite.path`.",
      },
    ]
  }
  if (python !== undefined) checks.push(await revisionCheck(revision, version))
  if (writable) checks.push(await diskCheck(to, size, 'the backup'))
  checks.push(await diskCheck(dirname(path), size, 'a restore'), await restoreRights(path))
  const stale = staleBackup(path)
  if (
    await stat(stale).then(
      () => true,
      () => false,
    )
  ) {
    checks.push({
      name: 'old automatic backup',
      status: 'failed',
      message: `${stale} is left from an earlier migration; ZenML reuses it, and would put its old data over yours if the migration fails`,
      next: `Move ${stale} away.`,
    })
  }
  return checks
}

/** A restore renames files beside the database. */
async function restoreRights(path: string): Promise<Check> {
  const [name, folder] = ['rights for a restore', dirname(path)]
  return access(folder, constants.W_OK).then(
    () => ({ name, status: 'passed' as const, message: `files may be made in ${folder}` }),
    () => ({
      name,
      status: 'failed' as const,
      message: `this user may not make files in ${folder}: there would be no way back`,
      next: 'Run as a user who may, such as the one of the server.',
    }),
  )
}

async function make(job: {
  path: string
  to: string
  id: string
  facts: BackupFacts
  context: BackupContext
}): Promise<BackupReport> {
  const {
    path,
    to,
    id,
    facts,
    context: { machine },
  } = job
  const started = machine.monotonic()
  const folder = await newFolder(to, id)
  const partial = join(folder, `${COPY}.partial`)
  try {
    const description = await sqlite(machine, 'back-up', { path, copy: partial })
    if (description.revision === null)
      throw new Error('the database has no alembic_version: it is not one of ZenML')
    await rename(partial, join(folder, COPY))
    await syncFolder(folder)
    const file = join(folder, COPY)
    const report: BackupReport = {
      id,
      kind: 'sqlite',
      location: file,
      bytes: (await stat(file)).size,
      sha256: await sha256File(file),
      verified: 'checksum',
      completed: machine.now().toISOString(),
      seconds: machine.monotonic() - started,
    }
    await writeManifest(folder, {
      'schema-version': 1,
      report,
      file: COPY,
      'server-id': facts.serverId,
      version: facts.version,
      revision: description.revision,
      counts: facts.counts,
      tables: description.tables,
      newest: description.newest,
    })
    return report
  } catch (cause) {
    await rm(folder, { recursive: true, force: true })
    machine.signal.throwIfAborted()
    throw new Stop(
      'backup-failed',
      `The database ${path} could not be backed up to ${to}: ${describe(cause)}.`,
      { cause, next: 'Nothing was changed. Fix the cause and run again.' },
    )
  }
}

async function writtenSince(
  path: string,
  to: string,
  report: BackupReport,
  { machine }: BackupContext,
): Promise<Record<string, number>> {
  try {
    const { path: backup, manifest } = await verifiedFile(to, report)
    const live = await sqlite(machine, 'inspect', { path })
    const plan = planComparison(tablesOf(manifest), live.tables, {
      backup: manifest.revision,
      live: live.revision,
    })
    const result = await sqlite(machine, 'compare', {
      live: path,
      backup,
      newest: manifest.newest,
      ...plan,
    })
    return Object.fromEntries([
      ...result.pairs.flatMap((pair) => written(pair.table, pair)),
      ...result.fresh.flatMap((one) =>
        written(one.table, { added: one.added, changed: 0, deleted: 0 }),
      ),
    ])
  } catch (cause) {
    machine.signal.throwIfAborted()
    if (cause instanceof NotCountable) throw cause
    throw new NotCountable(
      `What was written since the backup ${report.id} cannot be counted: ${describe(cause)}`,
      { cause },
    )
  }
}

async function lostSince(
  path: string,
  to: string,
  report: BackupReport,
  { machine }: BackupContext,
): Promise<DatabaseComparison> {
  try {
    const { path: backup, manifest } = await verifiedFile(to, report)
    const live = await sqlite(machine, 'inspect', { path })
    const plan = planLosses(tablesOf(manifest), live.tables, {
      backup: manifest.revision,
      live: live.revision,
    })
    const { tables } = await sqlite(machine, 'lost', { live: path, backup, kept: plan.kept })
    return judgeLosses(plan, tablesOf(manifest), tables)
  } catch (cause) {
    machine.signal.throwIfAborted()
    throw notComparable(report, cause)
  }
}
