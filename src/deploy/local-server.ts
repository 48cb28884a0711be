import { mkdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { Stop } from '../core/stop.ts'
import { fileTime, writeFileAtomic } from '../runtime/files.ts'
import { instant, type Instant } from '../runtime/instant.ts'
import type { Machine } from '../runtime/runtime.ts'
import { isAlive } from '../runtime/process-identity.ts'
import { tail } from '../runtime/process.ts'
import { signalGroup } from '../runtime/process-group.ts'
import type { ServerInfo } from '../zenml/info.ts'
import { connect } from '../zenml/server.ts'
import { because, CAUSE_LINES } from './cause-of-failure.ts'
import holdProgram from './gate.py'
import { hold, howItEnded, type HeldProcess } from './gated-process.ts'
import type { LocalLayout } from './local-layout.ts'

/** For a server to end after SIGTERM, in seconds: it finishes the requests it has. */
const STOP_SECONDS = 30
const LOG_LINES = 25

const serverRecord = z.strictObject({
  pid: z.int(),
  /** Tells the process from a later one with the same number. */
  started: z.string(),
  host: z.string(),
  version: z.string(),
  port: z.int(),
  since: z.iso.datetime(),
  log: z.string(),
})
/** `server.json`: the last server that this driver started here. */
export type ServerRecord = z.infer<typeof serverRecord>

/** The server of this driver that runs now, whoever of our runs started it. */
export async function runningServer(layout: LocalLayout): Promise<ServerRecord | undefined> {
  const server = await lastServer(layout)
  return server !== undefined && server.host === hostname() && (await isAlive(server))
    ? server
    : undefined
}

async function lastServer(layout: LocalLayout): Promise<ServerRecord | undefined> {
  const text = await readFile(layout.serverFile, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Stop('upgrade-failed', `${layout.serverFile} cannot be read`, { cause: error })
  })
  if (text === undefined) return undefined
  try {
    return serverRecord.parse(JSON.parse(text))
  } catch (error) {
    throw new Stop(
      'upgrade-failed',
      `${layout.serverFile} is damaged, so the server that it names cannot be found`,
      {
        next: 'Stop the server by hand and remove the file.',
        cause: error,
      },
    )
  }
}

export interface StartSpec {
  readonly machine: Machine
  readonly layout: LocalLayout
  readonly version: string
  readonly python: string
  readonly port: number
  readonly env: Readonly<Record<string, string>>
}

/** Starts a server that outlives us and returns at once. */
export async function startServer({
  machine,
  layout,
  version,
  python,
  port,
  env,
}: StartSpec): Promise<HeldProcess> {
  await mkdir(layout.neutral, { recursive: true })
  const since = machine.now()
  const log = join(layout.logs, `server-${version}-${fileTime(since)}.log`)
  const uvicorn = [
    '-m',
    'uvicorn',
    'zenml.zen_server.zen_server_api:app',
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
  ]
  const server = await hold({
    argv: [python, '-c', holdProgram, ...uvicorn],
    env,
    cwd: layout.neutral,
    log,
  })
  const record: ServerRecord = {
    ...server.identity,
    host: hostname(),
    version,
    port,
    since: since.toISOString(),
    log,
  }
  await writeFileAtomic(layout.serverFile, `${JSON.stringify(record, undefined, 2)}\n`)
  server.go()
  machine.log.info(`started ZenML ${version} as process ${record.pid}; log: ${log}`)
  return server
}

/**
 * Why the last server of this driver has ended without our stop, or undefined. `own`: the process,
 * when this run started it.
 */
export async function earlyEnd(
  layout: LocalLayout,
  own: HeldProcess | undefined,
): Promise<string | undefined> {
  const server = await lastServer(layout)
  if (server?.host !== hostname() || (await isAlive(server))) return undefined
  const how =
    own?.identity.pid === server.pid
      ? await howItEnded(own)
      : 'exit code unknown, another run had started it'
  const text = await readFile(server.log, 'utf8').catch(() => 'no log')
  return `the server of ZenML ${server.version} ended by itself (${how})${because(tail(text, CAUSE_LINES))}; the end of its log, ${server.log}:\n${tail(text, LOG_LINES).join('\n')}`
}

/** Asks the server on this machine; its public address may lead through a gateway and a proxy. */
export async function askDirectly(port: number, machine: Machine): Promise<ServerInfo | undefined> {
  const direct = connect({ url: `http://127.0.0.1:${port}`, machine: { ...machine, env: {} } })
  try {
    return await direct.info({ timeoutSeconds: 10 })
  } catch (error) {
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    return undefined
  }
}

/**
 * Ends our server if it runs. Its own process group, so also the runs that it started. Returns when
 * it was told to; null when none ran.
 */
export async function stopServer(layout: LocalLayout, machine: Machine): Promise<Instant | null> {
  const server = await runningServer(layout)
  if (server === undefined) return null
  const at = instant(machine)
  signalGroup(server.pid, 'SIGTERM')
  if (!(await endsWithin(server, machine, STOP_SECONDS))) {
    machine.log.warn(`ZenML ${server.version} did not end in ${STOP_SECONDS} s and is killed`)
    signalGroup(server.pid, 'SIGKILL')
    if (!(await endsWithin(server, machine, STOP_SECONDS))) {
      throw new Stop(
        'upgrade-failed',
        `process ${server.pid} (ZenML ${server.version}) cannot be killed`,
        { next: 'Stop it by hand, then run this again.' },
      )
    }
  }
  await rm(layout.serverFile, { force: true })
  machine.log.info(`stopped ZenML ${server.version}, process ${server.pid}`)
  return at
}

function endsWithin(server: ServerRecord, machine: Machine, seconds: number): Promise<boolean> {
  return machine.log.progress(`stop ZenML ${server.version}, process ${server.pid}`, async () => {
    for (let waited = 0; waited < seconds; waited += 0.2) {
      if (!(await isAlive(server))) return true
      await machine.sleep(0.2)
    }
    return false
  })
}

/** What stands on the port now: nothing, our server, or a process that we did not start. */
export async function portState(
  layout: LocalLayout,
  port: number,
): Promise<'free' | 'ours' | 'foreign'> {
  if ((await runningServer(layout))?.port === port) return 'ours'
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => {
      resolve('foreign')
    })
    probe.listen(port, '127.0.0.1', () =>
      probe.close(() => {
        resolve('free')
      }),
    )
  })
}

/** Throws when the port is not ours to use. */
export async function requireFreePort(layout: LocalLayout, port: number): Promise<void> {
  if ((await portState(layout, port)) === 'free') return
  throw new Stop('upgrade-failed', foreignMessage(layout, port), { next: FOREIGN_NEXT })
}

export function foreignMessage(layout: LocalLayout, port: number): string {
  return `port ${port} is held by a process that this driver did not start (${layout.serverFile} names none that runs)`
}

export const FOREIGN_NEXT =
  'Stop that process once by hand; or, if something else manages this server, use the command driver.'
