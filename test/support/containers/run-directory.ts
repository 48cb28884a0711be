import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identify, isAlive, type ProcessIdentity } from '../../../src/runtime/process-identity.ts'
import { removeLeftovers } from './leftovers.ts'
import type { ContainerPrograms } from './programs.ts'

const PREFIX = 'zu-containers-'

/**
 * Makes the directory of a run, and removes those of runs whose process is gone. Its path is short,
 * for sockets.
 */
export async function makeRunDirectory(programs: ContainerPrograms): Promise<string> {
  for (const name of await readdir(tmpdir()))
    if (name.startsWith(PREFIX) && (await isAbandoned(join(tmpdir(), name))))
      await removeLeftovers(programs, join(tmpdir(), name))
  const directory = await mkdtemp(join(tmpdir(), PREFIX))
  await writeFile(ownerOf(directory), JSON.stringify(await identify(process.pid)))
  return directory
}

function ownerOf(directory: string): string {
  return join(directory, 'owner.json')
}

async function isAbandoned(directory: string): Promise<boolean> {
  const text = await readFile(ownerOf(directory), 'utf8').catch(() => '')
  if (text !== '') return !(await isAlive(JSON.parse(text) as ProcessIdentity))
  // Another run may be making it this moment.
  const made = await stat(directory).catch(() => undefined)
  return made !== undefined && Date.now() - made.mtimeMs > 60_000
}
