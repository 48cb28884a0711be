import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { run, type ProcessResult } from '../runtime/process.ts'
import { certificateVariables } from '../runtime/certificates.ts'
import type { PackageIndex } from './package-index.ts'
import { explainUnknownIssuer } from './unknown-issuer.ts'
import type { Uv } from './uv.ts'

export interface UvCall {
  readonly machine: Machine
  readonly uv: Uv
  readonly cacheDirectory: string
  readonly index?: PackageIndex
}

const MINUTES_30 = 1800

/**
 * Runs uv in a neutral directory, so that no project file of the source steers it; the user's own
 * uv.toml still does.
 */
export async function runUv(
  { machine, uv, cacheDirectory, index }: UvCall,
  args: readonly string[],
  input = '',
): Promise<ProcessResult> {
  await mkdir(cacheDirectory, { recursive: true })
  const homeless = ['HOME', 'XDG_CACHE_HOME', 'UV_CACHE_DIR'].every(
    (name) => (machine.env[name] ?? '') === '',
  )
  const result = await run({
    argv: [uv.path, ...args],
    env: {
      // A surprise download of an interpreter is not what a team expects of an upgrade; who wants
      // it sets the variable.
      UV_PYTHON_DOWNLOADS: 'never',
      ...machine.env,
      // Of an activated environment; each would point uv at another Python than the one it is
      // given.
      VIRTUAL_ENV: undefined,
      PYTHONPATH: undefined,
      PYTHONHOME: undefined,
      ...(homeless ? { UV_CACHE_DIR: join(cacheDirectory, 'uv-cache') } : {}),
      ...(await certificateVariables(machine, cacheDirectory)),
      ...index?.env,
      NO_COLOR: '1',
      UV_NO_PROGRESS: '1',
    },
    cwd: cacheDirectory,
    input,
    timeoutSeconds: MINUTES_30,
    signal: machine.signal,
  })
  machine.signal.throwIfAborted()
  if (result.timedOut)
    throw new Stop(
      'index-unreachable',
      `uv ${args.slice(0, 2).join(' ')} did not end within 30 minutes.`,
      { next: 'Check the package index and the proxy.' },
    )
  return index === undefined || result.exitCode === 0
    ? result
    : { ...result, stderr: await withIssuer(result.stderr, index, machine) }
}

/** What uv wrote, after who issued a certificate that is not trusted, which uv does not say. */
async function withIssuer(stderr: string, index: PackageIndex, machine: Machine): Promise<string> {
  const explained = await explainUnknownIssuer(stderr, index.primary, machine)
  return explained === undefined ? stderr : `${explained}\n${stderr}`
}
