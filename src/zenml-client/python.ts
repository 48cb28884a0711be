import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Stop } from '../core/stop.ts'
import { exists } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
import { compare } from '../core/versions.ts'
import { runUv, type UvCall } from './run-uv.ts'

/**
 * Path of an interpreter of this version (`3.11`). Throws Stop('preflight-failed') naming those
 * that were found.
 */
export async function findPython(call: UvCall, version: string): Promise<string> {
  const found = await uvFind(call, version)
  if (found !== undefined) return found
  const kept = (await interpreters(call.machine))
    .filter((one) => one.version.startsWith(`${version}.`))
    .at(-1)
  if (kept !== undefined) return kept.path
  const downloads = call.machine.env['UV_PYTHON_DOWNLOADS'] ?? 'never'
  if (
    downloads !== 'never' &&
    (await runUv(call, ['python', 'install', '--quiet', version])).exitCode === 0
  ) {
    const installed = await uvFind(call, version)
    if (installed !== undefined) return installed
  }
  const names = await namesOfAll(call)
  throw new Stop(
    'preflight-failed',
    `There is no Python ${version} on this machine; found: ${names.length === 0 ? 'none' : names.join(', ')}.`,
    {
      next: `Add actions/setup-python with python-version ${version} before this step, set \`python\` of the source, or let uv fetch it with UV_PYTHON_DOWNLOADS=automatic.`,
    },
  )
}

/** Not --quiet: that leaves out the answer too. */
async function uvFind(call: UvCall, version: string): Promise<string | undefined> {
  const { exitCode, stdout } = await runUv(call, ['python', 'find', '--no-project', version])
  const path = stdout.trim()
  return exitCode === 0 && path !== '' ? path : undefined
}

interface Interpreter {
  readonly version: string
  readonly path: string
}

/**
 * Interpreters that are on the machine and not on PATH: the tool cache of GitHub's runners, and
 * pyenv. Oldest first.
 */
async function interpreters({ env }: Machine): Promise<Interpreter[]> {
  const architecture = process.arch
  const roots: [string | undefined, string][] = [
    [
      env['RUNNER_TOOL_CACHE'] === undefined ? undefined : join(env['RUNNER_TOOL_CACHE'], 'Python'),
      join(architecture, 'bin', 'python'),
    ],
    [
      env['PYENV_ROOT'] === undefined ? undefined : join(env['PYENV_ROOT'], 'versions'),
      join('bin', 'python'),
    ],
    [
      env['HOME'] === undefined ? undefined : join(env['HOME'], '.pyenv', 'versions'),
      join('bin', 'python'),
    ],
  ]
  const all: Interpreter[] = []
  for (const [root, program] of roots) {
    if (root === undefined) continue
    for (const version of await readdir(root).catch(() => [])) {
      const path = join(root, version, program)
      if (/^\d+\.\d+\.\d+$/.test(version) && (await exists(path))) all.push({ version, path })
    }
  }
  return all.sort((a, b) => compare(a.version, b.version))
}

async function namesOfAll(call: UvCall): Promise<string[]> {
  const { stdout } = await runUv(call, ['python', 'list', '--only-installed'])
  const listed = [...stdout.matchAll(/^c?python-(\d+\.\d+\.\d+)/gm)].flatMap(
    ([, version]) => version ?? [],
  )
  const kept = (await interpreters(call.machine)).map((one) => one.version)
  return [...new Set([...listed, ...kept])].sort(compare)
}
