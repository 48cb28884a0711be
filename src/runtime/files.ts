import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Environment } from '../core/environments.ts'

/**
 * Writes a file so that a reader, or a machine that dies now, sees the old content or the new one,
 * never half.
 */
export async function writeFileAtomic(path: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  // Two writes of one process may meet.
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await writeAndSync(temporary, content, mode)
    await rename(temporary, path)
  } catch (error) {
    // Half a file would only take space, on a disk that may have none.
    await rm(temporary, { force: true }).catch(() => undefined)
    // The error of a write names no path, the others name the temporary file.
    throw Object.assign(error as Error, { path })
  }
}

async function writeAndSync(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, 'w', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Returns `20261123T180429Z` for `2026-11-23T18:04:29.823Z`: sorts, and is a file name everywhere. */
export function fileTime(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '')
}

/** Returns the directory in the report that takes the whole output of what runs for an environment. */
export function logDirectory(reportDirectory: string, environment: Environment): string {
  return join(reportDirectory, environment, 'logs')
}

/** Returns the path of a log that begins now. */
export function logFile(directory: string, name: string, now: Date): string {
  return join(directory, `${name}.${fileTime(now)}.log`)
}

/** SHA-256 of a file's bytes, in hexadecimal. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Tells whether a path leads to anything that can be seen from here. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
