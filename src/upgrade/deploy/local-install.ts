import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Uv } from '../../client/uv.ts'
import { Stop } from '../../report/stop.ts'
import type { Machine } from '../../runner/machine.ts'
import { run, tail } from '../../runner/process.ts'
import { commandVariables } from './command-environment.ts'
import type { LocalLayout } from './local-layout.ts'

/** Pythons that every supported ZenML server runs on; uv takes the first that is on this machine. */
const PYTHON = '>=3.10,<3.13'
const INSTALL_SECONDS = 900

export interface InstallSpec {
  readonly machine: Machine
  readonly uv: Uv
  readonly layout: LocalLayout
  readonly version: string
}

/** Path of the Python environment of a version, whether or not it is there. */
export function environmentOf(layout: LocalLayout, version: string): string {
  // It becomes a path and a requirement.
  if (!/^\d[\w.+!-]*$/.test(version)) throw new Stop('invalid-input', `"${version}" is not a version of ZenML`)
  return join(layout.versions, version)
}

export async function isInstalled(layout: LocalLayout, version: string): Promise<boolean> {
  return access(join(environmentOf(layout, version), 'bin', 'python')).then(() => true, () => false)
}

/**
 * Path of the interpreter of a server's version; made when it is not there. It is built under a temporary name and renamed, so
 * one with its real name is complete. Throws Stop('upgrade-failed').
 */
export async function install({ machine, uv, layout, version }: InstallSpec): Promise<string> {
  const home = environmentOf(layout, version)
  const python = join(home, 'bin', 'python')
  if (await isInstalled(layout, version)) {
    machine.log.pass(`ZenML ${version} is installed in ${home}`)
    return python
  }
  await removeUnfinished(layout)
  const part = join(layout.versions, `.${version}.${process.pid}.part`)
  await mkdir(layout.versions, { recursive: true })
  const step = async (...args: string[]) => {
    const result = await run({ argv: [uv.path, ...args], env: commandVariables(machine.env), timeoutSeconds: INSTALL_SECONDS, signal: machine.signal })
    machine.signal.throwIfAborted()
    if (result.exitCode === 0) return
    const why = result.timedOut ? `uv did not end in ${INSTALL_SECONDS} s` : tail(result.stderr, 8).join('\n')
    throw new Stop('upgrade-failed', `ZenML ${version} could not be installed in ${home}: ${why}`, { cause: result.startError })
  }
  const started = performance.now()
  // Relocatable: its scripts must not carry the temporary name.
  await step('venv', '--relocatable', '--python', PYTHON, part)
  await step('pip', 'install', '--python', join(part, 'bin', 'python'), `zenml[server]==${version}`)
  await rename(part, home)
  machine.log.pass(`installed ZenML ${version} in ${home} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  return python
}

/** What runs that died left half-made. Only one run works on a server at a time. */
async function removeUnfinished(layout: LocalLayout): Promise<void> {
  const names = await readdir(layout.versions).catch(() => [])
  for (const name of names) if (name.startsWith('.') && name.endsWith('.part')) await rm(join(layout.versions, name), { recursive: true, force: true })
}
