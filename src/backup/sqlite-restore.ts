import { chmod, chown, copyFile, link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BackupReport } from '../result/upgrade.ts'
import { Stop } from '../core/stop.ts'
import { sha256File, exists } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
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

/**
 * Puts the backup in the place of the database in one rename. What was there is kept beside it. A
 * repeat after a kill does the rest.
 */
export async function replaceDatabase({
  path,
  to,
  report,
  machine,
}: Replacement): Promise<Restored> {
  const incoming = `${path}.restoring-${report.id}`
  let kept: string | null = null
  try {
    const { path: backup, manifest } = await verifiedFile(to, report)
    if (!(await isRestored(path, report))) {
      await copyFile(backup, incoming)
      await takeOver(path, incoming)
      await sync(incoming)
      if ((await sha256File(incoming)) !== report.sha256)
        throw new Error(`${incoming} is not what was read from the backup`)
      kept = await keep(path, `${path}.replaced-${report.id}`)
      await rename(incoming, path)
      await syncFolder(dirname(path))
    }
    await setAside(staleBackup(path), `${staleBackup(path)}.replaced-${report.id}`)
    const now = await sqlite(unstoppable(machine), 'check', { path })
    if (now.revision !== manifest.revision)
      throw new Error(
        `it is at revision ${String(now.revision)}, the backup is at ${String(manifest.revision)}`,
      )
    if (kept !== null) machine.log.info(`the replaced database is kept: ${kept}`)
    return { replacedAt: kept, revision: now.revision }
  } catch (cause) {
    await rm(incoming, { force: true })
    throw new Stop(
      'rollback-failed',
      `The backup ${report.id} could not be restored to ${path}: ${describe(cause)}.`,
      {
        cause,
        next: `Do not start a server on ${path} before the restore is complete; the backup is ${report.location}.`,
      },
    )
  }
}

/** The file is the backup, byte for byte, and nothing lies beside it that would change it. */
async function isRestored(path: string, report: BackupReport): Promise<boolean> {
  for (const suffix of SIDECARS) if (await exists(`${path}${suffix}`)) return false
  return (await exists(path)) && (await sha256File(path)) === report.sha256
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
  for (const suffix of SIDECARS) await setAside(`${path}${suffix}`, `${name}${suffix}`)
  return name
}

async function setAside(path: string, aside: string): Promise<void> {
  if (await exists(path)) await rename(path, aside)
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  await file.sync().finally(() => file.close())
}
