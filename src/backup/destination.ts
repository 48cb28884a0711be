import { mkdir, open, readFile, rm, stat, statfs } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import type { BackupReport } from '../result/upgrade.ts'
import type { Check } from '../result/common.ts'
import { Stop } from '../core/stop.ts'
import { sha256File } from '../runtime/files.ts'
import { BackupDamaged } from './backup-damaged.ts'
import type { BackupContext } from './types.ts'
import { readManifest, type BackupManifest } from './manifest.ts'

const DESTINATION = 'backup destination'
const DISK = 'disk space'
/** Free space asked for, as a multiple of the data: the backup must not be what fills the disk. */
const MARGIN = 1.2

/** Where backups are kept, judged as far as it can be before one is made. */
export async function destinationChecks(to: string, context: BackupContext): Promise<Check[]> {
  const refusal = refuse(to, context)
  if (refusal !== undefined) return [{ name: DESTINATION, status: 'failed', ...refusal }]
  try {
    await probe(to)
    return [{ name: DESTINATION, status: 'passed', message: `${to} is writable` }]
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return [
      {
        name: DESTINATION,
        status: 'failed',
        message: missing
          ? `${dirname(to)} does not exist on this machine`
          : `${to} is not writable: ${describe(error)}`,
        next: missing
          ? 'Mount the volume, or make the folder; only the last folder of the path is made for you.'
          : 'Give this user the right to write there, or choose another destination.',
      },
    ]
  }
}

function refuse(
  to: string,
  { machine, reportDirectory }: BackupContext,
): { message: string; next: string } | undefined {
  const next =
    'Use a volume that outlives this machine, mounted on a self-hosted runner, or the backup kind `command`.'
  if (machine.env['RUNNER_ENVIRONMENT'] === 'github-hosted')
    return {
      message: `${to} is a path, and this GitHub-hosted runner is deleted with everything on it after the job`,
      next,
    }
  if (isInside(to, reportDirectory))
    return {
      message: `${to} is inside the report directory, whose content is uploaded as an artifact`,
      next,
    }
  for (const [name, why] of [
    ['RUNNER_TEMP', 'emptied after every job'],
    ['GITHUB_WORKSPACE', 'cleaned by the next checkout'],
  ] as const) {
    const folder = machine.env[name]
    if (folder !== undefined && folder !== '' && isInside(to, folder))
      return { message: `${to} is inside ${name}, which is ${why}`, next }
  }
  return undefined
}

/** The folder itself is made, its parent is not: that would hide a volume that is not mounted. */
async function makeFolder(to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
}

/** Writes, reads back and deletes a file. */
async function probe(to: string): Promise<void> {
  await makeFolder(to)
  const path = join(to, `.probe-${process.pid}`)
  try {
    const file = await open(path, 'w', 0o600)
    await file
      .writeFile('probe')
      .then(() => file.sync())
      .finally(() => file.close())
    if ((await readFile(path, 'utf8')) !== 'probe')
      throw new Error('what was written is not what is read')
  } finally {
    await rm(path, { force: true })
  }
}

/** Free space for `bytes` of data in a folder's file system. */
export async function diskCheck(folder: string, bytes: number, purpose: string): Promise<Check> {
  const needed = Math.ceil(bytes * MARGIN)
  try {
    const { bavail, bsize } = await statfs(folder)
    const free = bavail * bsize
    return free >= needed
      ? {
          name: DISK,
          status: 'passed',
          message: `${mebibytes(free)} free in ${folder}, ${mebibytes(needed)} needed for ${purpose}`,
        }
      : {
          name: DISK,
          status: 'failed',
          message: `only ${mebibytes(free)} free in ${folder}, ${mebibytes(needed)} needed for ${purpose}`,
          next: 'Free some space, or delete backups that are no longer needed.',
        }
  } catch (error) {
    return {
      name: DISK,
      status: 'failed',
      message: `the free space of ${folder} cannot be read: ${describe(error)}`,
      next: 'Check that the folder exists.',
    }
  }
}

/** An empty folder for a new backup. @throws Stop `backup-failed` when there is one with this id */
export async function newFolder(to: string, id: string): Promise<string> {
  const folder = join(to, id)
  try {
    await makeFolder(to)
    await mkdir(folder, { mode: 0o700 })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code !== 'EEXIST')
      throw new Stop(
        'backup-failed',
        `The folder of the backup cannot be made: ${folder}: ${describe(cause)}.`,
        { cause, next: 'Check the destination and its rights.' },
      )
    const complete = await stat(join(folder, 'manifest.json')).then(
      () => true,
      () => false,
    )
    if (complete)
      throw new Stop(
        'backup-failed',
        `There is a complete backup ${id} already; a backup is never overwritten.`,
        { cause, next: 'Run again; the next backup has another id.' },
      )
    // Left by an attempt that died: without a manifest it is not a backup.
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { mode: 0o700 })
  }
  return folder
}

/** A rename is only on the disk when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

/**
 * The manifest and the data file of a backup, whose size and checksum are those of the manifest and
 * of `report`. @throws BackupDamaged; Stop `backup-failed` for what cannot be read from here
 */
export async function verifiedFile(
  to: string,
  report: BackupReport,
): Promise<{ path: string; manifest: BackupManifest }> {
  const manifest = await readManifest(join(to, report.id), report.id)
  if (manifest.file === null)
    throw new BackupDamaged(`The manifest of the backup ${report.id} names no file.`)
  const path = join(to, report.id, manifest.file)
  const size = await stat(path).then(
    (found) => found.size,
    (cause: unknown) => {
      throw missing(report.id, path, cause)
    },
  )
  const expected = [manifest.report, report]
  if (expected.some((one) => one.bytes !== size))
    throw damaged(report.id, path, `it has ${size} bytes, ${String(report.bytes)} were written`)
  const sha256 = await sha256File(path)
  if (expected.some((one) => one.sha256 !== sha256))
    throw damaged(report.id, path, 'its checksum is not that of the time it was made')
  return { path, manifest }
}

function missing(id: string, path: string, cause: unknown): Stop {
  return (cause as NodeJS.ErrnoException).code === 'ENOENT'
    ? new BackupDamaged(`The data of the backup ${id} is gone: ${path}.`, cause)
    : new Stop(
        'backup-failed',
        `The data of the backup ${id} cannot be read: ${path}: ${describe(cause)}.`,
        { cause, next: 'Check the volume, and that this user may read the file.' },
      )
}

function damaged(id: string, path: string, why: string): BackupDamaged {
  return new BackupDamaged(`The backup ${id} is damaged: ${path}: ${why}.`)
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || (!way.startsWith('..') && !isAbsolute(way))
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MiB`
}

export function describe(error: unknown): string {
  const { message } = error as { message?: unknown }
  return typeof message === 'string' ? message : String(error)
}
