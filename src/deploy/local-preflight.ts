import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Uv } from '../zenml-client/uv.ts'
import type { Check } from '../result/common.ts'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import type { Deployment } from './driver.ts'
import { isInstalled } from './local-install.ts'
import type { LocalLayout } from './local-layout.ts'
import { FOREIGN_NEXT, foreignMessage, portState, runningServer } from './local-server.ts'
import { userVariables } from './local-settings.ts'

/**
 * A server's Python environment takes about 200 MB; logs and a database that grows in a migration
 * take the rest.
 */
const NEEDED_BYTES = 500_000_000

export interface LocalFacts {
  readonly machine: Machine
  readonly uv: () => Promise<Uv>
  readonly layout: LocalLayout
  readonly port: number
  readonly url: () => string
}

/** What can be known before the first change. Every check is made, whatever the others say. */
export async function localPreflight(
  facts: LocalFacts,
  { fromVersion, toVersion }: Deployment,
): Promise<Check[]> {
  const { layout, port } = facts
  const checks = [
    check('server directory', () => directory(layout)),
    check('server settings', async () => {
      facts.url()
      const names = Object.keys(await userVariables(layout))
      return names.length === 0
        ? 'the defaults; no server.env'
        : `server.env sets ${names.join(', ')}`
    }),
    check('server process', async () => {
      const state = await portState(layout, port)
      if (state === 'foreign')
        throw new Stop('preflight-failed', foreignMessage(layout, port), { next: FOREIGN_NEXT })
      const running = await runningServer(layout)
      return running === undefined
        ? `none runs; port ${port} is free`
        : `ZenML ${running.version} runs as process ${running.pid} on port ${running.port}`
    }),
    check('server environment', async () => {
      const missing = []
      for (const version of new Set([fromVersion, toVersion]))
        if (!(await isInstalled(layout, version))) missing.push(version)
      if (missing.length === 0) return `ZenML ${fromVersion} and ${toVersion} are installed`
      const { path, version } = await facts.uv()
      return `ZenML ${missing.join(' and ')} will be installed with uv ${version} (${path})`
    }),
  ]
  return Promise.all(checks)
}

async function directory(layout: LocalLayout): Promise<string> {
  const probe = join(layout.directory, `.writable-${process.pid}`)
  try {
    await mkdir(layout.directory, { recursive: true })
    await writeFile(probe, '')
  } catch (error) {
    throw new Stop(
      'preflight-failed',
      `${layout.directory} cannot be written (${(error as Error).message})`,
      {
        next: 'Make the folder writable for the user who runs this, or name another in deploy.local.directory.',
        cause: error,
      },
    )
  } finally {
    await rm(probe, { force: true })
  }
  const { bavail, bsize } = await statfs(layout.directory)
  const free = bavail * bsize
  if (free < NEEDED_BYTES) {
    throw new Stop(
      'preflight-failed',
      `${layout.directory} has ${megabytes(free)} left; a version of the server needs ${megabytes(NEEDED_BYTES)}`,
      { next: `Free some space, for example old versions in ${layout.versions}.` },
    )
  }
  return `${layout.directory} is writable, ${megabytes(free)} free`
}

async function check(name: string, find: () => Promise<string>): Promise<Check> {
  try {
    return { name, status: 'passed', message: await find() }
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    const next = error.next === undefined ? {} : { next: error.next }
    return {
      name,
      status: 'failed',
      message: error.message,
      ...next,
      'reason-code': error.code === 'upgrade-failed' ? 'preflight-failed' : error.code,
    }
  }
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000)} MB`
}
