import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { exists } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
import { identify, isAlive, type ProcessIdentity } from '../runtime/process-identity.ts'

/**
 * Makes a directory once, also when several processes of this machine want it at the same time:
 * `build` fills a temporary one, and only a complete one gets its real name. The others wait; a
 * builder that died is replaced.
 */
export async function buildOnce(
  machine: Machine,
  target: string,
  build: (temporary: string) => Promise<void>,
): Promise<'built' | 'found'> {
  if (await exists(target)) return 'found'
  const lock = `${target}.lock`
  await mkdir(dirname(target), { recursive: true })
  while (!(await take(lock))) {
    await machine.sleep(0.5)
    if (await exists(target)) return 'found'
  }
  const temporary = `${target}.${process.pid}.part`
  try {
    if (await exists(target)) return 'found'
    await build(temporary)
    // Two builders can only meet after one was declared dead; then the first to finish wins and the
    // other's work is thrown away.
    await rename(temporary, target).catch(async (error: unknown) => {
      if (!(await exists(target))) throw error
    })
    return 'built'
  } finally {
    await rm(temporary, { recursive: true, force: true })
    await rm(lock, { force: true })
  }
}

/** The lock appears with its content in it, so that nobody reads an empty one. */
async function take(lock: string): Promise<boolean> {
  const draft = `${lock}.${process.pid}`
  await writeFile(draft, JSON.stringify(await identify(process.pid)))
  try {
    await link(draft, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  const holder = await readFile(lock, 'utf8').catch(() => undefined)
  if (holder !== undefined && !(await isAlive(JSON.parse(holder) as ProcessIdentity)))
    await rm(lock, { force: true })
  return false
}
