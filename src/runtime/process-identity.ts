import { readFile } from 'node:fs/promises'
import { run } from './process.ts'

/** A process that can be told from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /**
   * Start of the process as the system tells it: ticks since boot on Linux, a date elsewhere.
   * Opaque; only compared.
   */
  readonly started: string
}

/**
 * The identity of a living process, or undefined when there is none with this number (a zombie
 * counts as ended).
 */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  if (process.platform !== 'linux') {
    const listing = await run({
      argv: ['ps', '-o', 'stat=,lstart=', '-p', String(pid)],
      env: process.env,
      timeoutSeconds: 10,
    })
    const text = listing.stdout.trim()
    return text === '' || text.startsWith('Z')
      ? undefined
      : { pid, started: text.replace(/^\S+\s+/, '') }
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The second field is the program's name in brackets and may hold anything, brackets and spaces
  // included.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, started] = [fields?.[0], fields?.[19]]
  return state === undefined || started === undefined || state === 'Z'
    ? undefined
    : { pid, started }
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.started === identity.started
}
