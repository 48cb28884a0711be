import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Processes of another container may share the directory, and cannot be seen from here. */
const ABANDONED_AFTER_MILLISECONDS = 24 * 3600 * 1000

/**
 * A folder that is removed when this process ends, however it ends by itself. One of a process that
 * was killed is removed by a later process, a day after it was made.
 */
export function scratchFolder(name: string): string {
  removeAbandoned(tmpdir())
  const folder = mkdtempSync(join(tmpdir(), `zenml-upgrade-${name}-p${process.pid}-`))
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

function removeAbandoned(directory: string): void {
  for (const entry of readdirSync(directory)) {
    const pid = /^zenml-upgrade-[a-z-]+-p(\d+)-\w+$/.exec(entry)?.[1]
    if (pid === undefined || isRunning(Number(pid))) continue
    try {
      const path = join(directory, entry)
      if (Date.now() - statSync(path).mtimeMs > ABANDONED_AFTER_MILLISECONDS)
        rmSync(path, { recursive: true, force: true })
    } catch {
      // It belongs to another user, or another process removes it now.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
