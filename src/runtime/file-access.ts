import { Stop } from '../core/stop.ts'

/** Why the operating system refuses a file, and what a person can do about it. */
const REFUSALS: Readonly<Record<string, { readonly why: string; readonly fix: string }>> = {
  ENOSPC: { why: 'no space is left on its disk', fix: 'Free space on that disk' },
  EDQUOT: { why: 'the disk quota is used up', fix: 'Free space, or raise the quota' },
  EROFS: { why: 'the file system is read-only', fix: 'Mount it so that it can be written' },
  EACCES: { why: 'permission is denied', fix: 'Give this user the permission' },
  EPERM: { why: 'the operation is not permitted', fix: 'Give this user the permission' },
  EMFILE: { why: 'this process has too many open files', fix: 'Raise the limit (ulimit -n)' },
  ENFILE: { why: 'this machine has too many open files', fix: 'Close programs that hold files' },
}

const UNNAMED = 'a file of this machine'

/**
 * Turns an error of the file system into a stop that names the path, what is wrong, and what to do;
 * undefined for every other error. `path` is used where the error names none.
 */
export function refusedAccess(error: unknown, path?: string): Stop | undefined {
  if (typeof error !== 'object' || error === null || error instanceof Stop) return undefined
  const { code = '', syscall = '', path: named = path } = error as NodeJS.ErrnoException
  const refusal = REFUSALS[code]
  // An error of a write names no path, one of a process or a connection is none of the file system.
  const place = named ?? (['write', 'fsync'].includes(syscall) ? UNNAMED : undefined)
  if (refusal === undefined || place === undefined) return undefined
  return new Stop('file-access-failed', `${place} cannot be used: ${refusal.why} (${code})`, {
    next: `${refusal.fix} for ${place}, then run this again; finished work is not repeated.`,
    cause: error,
  })
}

/** Runs work on a path. @throws Stop `file-access-failed` where the operating system refuses it */
export async function accessing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw refusedAccess(error, path) ?? error
  }
}
