import { chmod, chown, copyFile, link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BackupReport } from '../result/upgrade.ts'
import { sha256File, exists } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
import { RestoreFailed, type DatabaseState } from './restore-failed.ts'
import type { Restored } from './types.ts'
import { describe, syncFolder, verifiedFile } from './destination.ts'
import { sqlite } from './python.ts'
import { unstoppable } from './without-abort.ts'

/**
 * What SQLite keeps beside a database. Left there, it would be played into the restored file and
 * destroy it.
 */
const SIDECARS = ['-journal', '-wal', '-shm'] as const

/**
 * ZenML's own backup before a migration, beside the database. It is deleted after a good migration,
 * and reused when it is there.
 */
export function staleBackup(path: string): string {
  return join(dirname(path), 'zenml-backup.db')
}

interface Replacement {
  readonly path: string
  readonly to: string
  readonly report: BackupReport
  readonly machine: Machine
}

/** How far a restore has come. */
interface Progress {
  state: DatabaseState
  /** Where the replaced database is kept. */
  kept: string | null
}

/**
 * Puts the backup in the place of the database in one rename. What was there is kept beside it. A
 * repeat after a kill does the rest. @throws RestoreFailed
 */
export async function replaceDatabase(replacement: Replacement): Promise<Restored> {
  const { path, to, report, machine } = replacement
  const progress: Progress = { state: 'untouched', kept: null }
  try {
    const { path: backup, manifest } = await verifiedFile(to, report)
    if (!(await isRestored(path, report))) await replaceFile(replacement, backup, progress)
    progress.state = 'complete'
    await setAside(staleBackup(path), `${staleBackup(path)}.replaced-${report.id}`)
    const now = await sqlite(unstoppable(machine), 'check', { path })
    if (now.revision !== manifest.revision)
      throw new Error(
        `it is at revision ${String(now.revision)}, the backup is at ${String(manifest.revision)}`,
      )
    if (progress.kept !== null) machine.log.info(`the replaced database is kept: ${progress.kept}`)
    return {
      replacedAt: progress.kept,
      revision: now.revision,
      leftOut: [],
      leftOutFile: null,
    }
  } catch (cause) {
    throw new RestoreFailed(
      `The backup ${report.id} could not be restored to ${path}: ${describe(cause)}.`,
      progress.state,
      { cause, location: report.location },
    )
  }
}

async function replaceFile(
  { path, report }: Replacement,
  backup: string,
  progress: Progress,
): Promise<void> {
  const incoming = `${path}.restoring-${report.id}`
  try {
    await copyFile(backup, incoming)
    await takeOver(path, incoming)
    await sync(incoming)
    if ((await sha256File(incoming)) !== report.sha256)
      throw new Error(`${incoming} is not what was read from the backup`)
    const aside = `${path}.replaced-${report.id}`
    progress.kept = await keep(path, aside)
    // Without the journal beside it, the old database is not whole.
    if (await hasSidecars(path)) progress.state = 'incomplete'
    for (const suffix of SIDECARS)
      await setAside(`${path}${suffix}`, `${progress.kept ?? aside}${suffix}`)
    await rename(incoming, path)
    progress.state = 'complete'
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(incoming, { force: true })
    throw error
  }
}

/** The file is the backup, byte for byte, and nothing lies beside it that would change it. */
async function isRestored(path: string, report: BackupReport): Promise<boolean> {
  if (await hasSidecars(path)) return false
  return (await exists(path)) && (await sha256File(path)) === report.sha256
}

async function hasSidecars(path: string): Promise<boolean> {
  for (const suffix of SIDECARS) if (await exists(`${path}${suffix}`)) return true
  return false
}

/** Rights and owner of the database go on, so that the server can open the new file. */
async function takeOver(path: string, incoming: string): Promise<void> {
  const old = await stat(path).catch(() => undefined)
  if (old === undefined) return
  await chmod(incoming, old.mode & 0o7777)
  await chown(incoming, old.uid, old.gid).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') throw cause
  })
}

/** Where the database is kept, or null when there is none. */
async function keep(path: string, replaced: string): Promise<string | null> {
  const old = await stat(path).catch(() => undefined)
  if (old === undefined) return null
  let name = replaced
  for (let count = 2; ; count += 1) {
    const there = await stat(name).catch(() => undefined)
    if (there === undefined) {
      // A second name first, so that there is a database at its place at every moment.
      await link(path, name).catch(() => copyFile(path, name))
      break
    }
    // An attempt that died had given it that name already.
    if (there.ino === old.ino && there.dev === old.dev) break
    name = `${replaced}-${count}`
  }
  return name
}

async function setAside(path: string, aside: string): Promise<void> {
  if (await exists(path)) await rename(path, aside)
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  await file.sync().finally(() => file.close())
}
