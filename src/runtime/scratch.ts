import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is removed when this process ends, however it ends by itself. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `zenml-upgrade-${name}-`))
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}
