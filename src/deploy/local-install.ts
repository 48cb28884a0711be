import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildOnce } from '../zenml-client/build-once.ts'
import { packageIndex } from '../zenml-client/package-index.ts'
import { runUv } from '../zenml-client/run-uv.ts'
import { judgeUv } from '../zenml-client/uv-problems.ts'
import type { Uv } from '../zenml-client/uv.ts'
import { Stop } from '../core/stop.ts'
import { exists } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
import { supportedPythons } from '../core/versions.ts'
import type { LocalLayout } from './local-layout.ts'

/**
 * The Pythons that a version runs on, as uv asks for them; it takes one that is on this machine.
 */
function pythonRange(version: string): string {
  const minors = supportedPythons(version).map((python) => Number(python.split('.')[1]))
  return `>=3.${Math.min(...minors)},<3.${Math.max(...minors) + 1}`
}

export interface InstallSpec {
  readonly machine: Machine
  readonly uv: Uv
  readonly layout: LocalLayout
  readonly version: string
}

/** Path of the Python environment of a version, whether or not it is there. */
export function environmentOf(layout: LocalLayout, version: string): string {
  // It becomes a path and a requirement.
  if (!/^\d[\w.+!-]*$/.test(version))
    throw new Stop('invalid-input', `"${version}" is not a version of ZenML`)
  return join(layout.versions, version)
}

export async function isInstalled(layout: LocalLayout, version: string): Promise<boolean> {
  return exists(join(environmentOf(layout, version), 'bin', 'python'))
}

/**
 * Path of the interpreter of a server's version; made when it is not there, and complete when it
 * has its name. Throws Stop('upgrade-failed' | 'index-unreachable').
 */
export async function install({ machine, uv, layout, version }: InstallSpec): Promise<string> {
  const home = environmentOf(layout, version)
  // The interpreter it was made from can be gone, as on a machine that was replaced under the same
  // disk.
  if (!(await isInstalled(layout, version))) await rm(home, { recursive: true, force: true })
  await removeUnfinished(layout)
  const started = performance.now()
  const how = await machine.log.progress(`install ZenML ${version}`, () =>
    buildOnce(machine, home, (temporary) =>
      build({ machine, uv, layout, version }, home, temporary),
    ),
  )
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  machine.log.pass(
    how === 'found'
      ? `ZenML ${version} is installed in ${home}`
      : `installed ZenML ${version} in ${home} (${seconds} s)`,
  )
  return join(home, 'bin', 'python')
}

/** Installs into `temporary`, which gets the name `home` when it is complete. */
async function build(
  { machine, uv, layout, version }: InstallSpec,
  home: string,
  temporary: string,
): Promise<void> {
  const call = {
    machine,
    uv,
    cacheDirectory: layout.cache,
    index: await packageIndex(machine, []),
  }
  const step = async (...args: string[]) => {
    const { exitCode, stderr } = await runUv(call, args)
    if (exitCode === 0) return
    const { kind, explanation } = judgeUv(stderr)
    // An index that is gone for a while is no failed upgrade: the old server still runs, and the
    // next run goes on.
    throw new Stop(
      kind === 'unreachable' ? 'index-unreachable' : 'upgrade-failed',
      `ZenML ${version} could not be installed in ${home}: ${explanation}`,
    )
  }
  // Relocatable, because it gets its real name when it is complete.
  await step(
    'venv',
    '--quiet',
    '--relocatable',
    '--no-project',
    '--python',
    pythonRange(version),
    temporary,
  )
  await step(
    'pip',
    'install',
    '--quiet',
    '--python',
    join(temporary, 'bin', 'python'),
    `zenml[server]==${version}`,
  )
}

/** What runs that died left half-made. Only one run works on a server at a time. */
async function removeUnfinished(layout: LocalLayout): Promise<void> {
  const names = await readdir(layout.versions).catch(() => [])
  for (const name of names)
    if (name.endsWith('.part'))
      await rm(join(layout.versions, name), { recursive: true, force: true })
}
