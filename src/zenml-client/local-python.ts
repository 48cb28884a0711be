import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { run } from '../runtime/process.ts'
import { supportedPythons } from '../core/versions.ts'

/**
 * `X.Y` of the python3 on PATH, where nothing else says which Python is meant. Throws
 * Stop('preflight-failed') when ZenML does not run on it.
 */
export async function localPython(machine: Machine, zenmlVersion: string): Promise<string> {
  const result = await run({
    argv: ['python3', '-I', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
    env: machine.env,
    timeoutSeconds: 60,
    signal: machine.signal,
  })
  machine.signal.throwIfAborted()
  const found = result.stdout.trim()
  const supported = supportedPythons(zenmlVersion)
  if (result.exitCode === 0 && supported.includes(found)) return found
  const what =
    result.exitCode === 0 ? `python3 on PATH is Python ${found}` : 'there is no python3 on PATH'
  throw new Stop(
    'preflight-failed',
    `${what}, and ZenML ${zenmlVersion} runs on ${supported.join(', ')}`,
    {
      next: 'Name the version as `python` of the source in the file, or put another python3 first on PATH (actions/setup-python).',
      cause: result.startError,
    },
  )
}
