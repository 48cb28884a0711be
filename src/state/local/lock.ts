import { parseJson } from '../../core/json.ts'
import { link, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { Stop } from '../../core/stop.ts'
import { accessing } from '../../runtime/file-access.ts'
import { writeFileAtomic } from '../../runtime/files.ts'
import type { Machine } from '../../runtime/runtime.ts'
import { identify, isAlive } from '../../runtime/process-identity.ts'

const ownerSchema = z.strictObject({
  'server-id': z.string(),
  host: z.string(),
  pid: z.int(),
  /** Tells a process from a later one with the same number. */
  'process-started': z.string(),
  since: z.iso.datetime(),
  beat: z.iso.datetime(),
  released: z.boolean(),
})
type Owner = z.infer<typeof ownerSchema>

const BEAT_SECONDS = 15
/** An owner on another host that was heard of so lately is alive. */
const SILENT_SECONDS = 120
/** For how long an owner on another host is listened for where its last beat is not of lately. */
const LISTEN_SECONDS = 3 * BEAT_SECONDS

export interface Lock {
  release(): Promise<void>
}

/**
 * One upgrade per server at a time. The lock is a row of generations, `<server id>/<n>.json`; the
 * newest is the owner. A dead owner is followed by creating generation n+1, which the file system
 * grants to one process only, so two that find the same dead owner cannot both win.
 * @throws Stop `locked` while the owner lives, `file-access-failed`
 */
export async function acquireLock({
  stateDirectory,
  serverId,
  machine,
}: {
  stateDirectory: string
  serverId: string
  machine: Machine
}): Promise<Lock> {
  const folder = join(stateDirectory, 'locks', serverId)
  return accessing(folder, () => acquireIn(folder, serverId, machine))
}

async function acquireIn(folder: string, serverId: string, machine: Machine): Promise<Lock> {
  await mkdir(folder, { recursive: true })
  const newest = await newestGeneration(folder)
  if (newest !== undefined && (await lives(newest, folder, machine))) throw taken(newest.owner)

  const owner = await thisProcess(serverId, machine)
  const generation = (newest?.generation ?? 0) + 1
  const path = join(folder, `${generation}.json`)
  await create(path, owner, folder)
  for (let old = generation - 1; old > 0 && old > generation - 5; old -= 1)
    await rm(join(folder, `${old}.json`), { force: true })
  return keepBeating(path, owner, machine)
}

async function thisProcess(serverId: string, machine: Machine): Promise<Owner> {
  const me = await identify(process.pid)
  const now = machine.now().toISOString()
  return {
    'server-id': serverId,
    host: hostname(),
    pid: process.pid,
    'process-started': me?.started ?? '',
    since: now,
    beat: now,
    released: false,
  }
}

/** Shows other hosts that the owner lives, until the lock is released. */
function keepBeating(path: string, owner: Owner, machine: Machine): Lock {
  let writing: Promise<void> = Promise.resolve()
  const beat = setInterval(() => {
    // A missed beat is caught up by the next one; only silence for two minutes means death.
    writing = writeFileAtomic(
      path,
      JSON.stringify({ ...owner, beat: machine.now().toISOString() }),
    ).catch(() => undefined)
  }, BEAT_SECONDS * 1000)
  beat.unref()
  return {
    async release() {
      clearInterval(beat)
      await writing
      await writeFileAtomic(path, JSON.stringify({ ...owner, released: true }))
    },
  }
}

/**
 * Linking a finished file is exclusive and never shows a reader half of it; opening with `wx`
 * would.
 */
async function create(path: string, owner: Owner, folder: string): Promise<void> {
  const temporary = join(folder, `${process.pid}.new`)
  await writeFile(temporary, JSON.stringify(owner))
  try {
    await link(temporary, path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw taken((await newestGeneration(folder))?.owner, cause)
  } finally {
    await rm(temporary, { force: true })
  }
}

interface Generation {
  readonly generation: number
  /** undefined: it died while it wrote. */
  readonly owner: Owner | undefined
}

async function newestGeneration(folder: string): Promise<Generation | undefined> {
  const generations = (await readdir(folder)).map((name) =>
    Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0),
  )
  const generation = Math.max(0, ...generations)
  if (generation === 0) return undefined
  const parsed = ownerSchema.safeParse(
    parseJson(await readFile(join(folder, `${generation}.json`), 'utf8').catch(() => '')),
  )
  return { generation, owner: parsed.data }
}

async function lives(
  { generation, owner }: Generation,
  folder: string,
  machine: Machine,
): Promise<boolean> {
  if (owner === undefined || owner.released) return false
  if (owner.host === hostname())
    return isAlive({ pid: owner.pid, started: owner['process-started'] })
  const silent = (machine.now().getTime() - Date.parse(owner.beat)) / 1000
  if (silent >= 0 && silent < SILENT_SECONDS) return true
  // The clocks of two hosts may be hours apart: only a beat that does not come proves a death.
  machine.log.info(
    `${owner.host} has the lock of this server, last heard of at ${owner.beat}; listening for ${LISTEN_SECONDS} s`,
  )
  return machine.log.progress(`listen for ${owner.host}`, async () => {
    for (let listened = 0; listened < LISTEN_SECONDS; listened += 1) {
      await machine.sleep(1)
      const newest = await newestGeneration(folder)
      if (newest?.generation !== generation) return newest !== undefined && !isOver(newest)
      if (newest.owner?.beat !== owner.beat) return !isOver(newest)
    }
    return false
  })
}

function isOver({ owner }: Generation): boolean {
  return owner === undefined || owner.released
}

function taken(owner: Owner | undefined, cause?: unknown): Stop {
  const who =
    owner === undefined
      ? 'another process that began at the same moment'
      : `process ${owner.pid} on ${owner.host}, since ${owner.since}`
  return new Stop('locked', `this server is being upgraded by ${who}`, {
    next: 'Wait until it ends, then run this again.',
    cause,
  })
}
