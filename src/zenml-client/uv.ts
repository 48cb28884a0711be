import { exists } from '../runtime/files.ts'
import { parseJson } from '../core/json.ts'
import { readdir } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import * as z from 'zod'
import { Stop } from '../core/stop.ts'
import { certificateVariables } from '../runtime/certificates.ts'
import type { Machine } from '../runtime/runtime.ts'
import { run, tail, type ProcessResult } from '../runtime/process.ts'
import { redactForeign } from '../runtime/secrets.ts'
import { isOlder } from '../core/versions.ts'
import { explainUnknownIssuer } from './unknown-issuer.ts'
import fetchWheel from './fetch_wheel.py'
import { packageIndex } from './package-index.ts'
import { UV_MINIMUM, UV_VERSION, uvWheel } from './uv-wheels.ts'

/** A uv that can be run. */
export interface Uv {
  readonly path: string
  readonly version: string
}

const answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({
    ok: z.literal(false),
    kind: z.enum(['unreachable', 'not-found', 'digest', 'other']),
    message: z.string(),
  }),
])

/**
 * uv from PATH when it is new enough, else a pinned wheel from the configured package index. Throws
 * Stop('index-unreachable' | 'preflight-failed').
 */
export async function findUv(machine: Machine, cacheDirectory: string): Promise<Uv> {
  for (const folder of (machine.env['PATH'] ?? '').split(delimiter).filter((part) => part !== '')) {
    const path = join(folder, 'uv')
    const version = (await exists(path)) ? await versionOf(machine, path) : undefined
    if (version !== undefined && !isOlder(version, UV_MINIMUM)) return { path, version }
  }
  const target = join(cacheDirectory, `uv-${UV_VERSION}`)
  const path = join(target, 'uv')
  if (!(await exists(path))) await fetchUv(machine, cacheDirectory, target)
  const version = await versionOf(machine, path)
  if (version === undefined) {
    throw new Stop(
      'preflight-failed',
      `uv was fetched to ${path} and cannot be run on this machine.`,
      { next: `Install uv ${UV_MINIMUM} or newer on PATH.` },
    )
  }
  return { path, version }
}

const BY_HAND = `Install uv ${UV_MINIMUM} or newer on PATH.`

async function fetchUv(machine: Machine, cacheDirectory: string, target: string): Promise<void> {
  const wheel = uvWheel(process.platform, process.arch, await isMusl())
  if (wheel === undefined)
    throw new Stop(
      'preflight-failed',
      `There is no uv on PATH, and none is known for ${process.platform} ${process.arch}.`,
      { next: BY_HAND },
    )
  const index = await packageIndex(machine, [])
  const request = JSON.stringify({
    indexes: [index.primary, ...index.extra],
    package: 'uv',
    ...wheel,
    target,
  })
  const env = { ...machine.env, ...(await certificateVariables(machine, cacheDirectory)) }
  const result = await machine.log.progress(`fetch uv ${UV_VERSION}`, () =>
    run({
      argv: ['python3', '-I', '-c', fetchWheel],
      env,
      input: request,
      timeoutSeconds: 300,
      signal: machine.signal,
    }),
  )
  machine.signal.throwIfAborted()
  assertFetched(result, await explainUnknownIssuer(result.stdout, index.primary, machine))
}

/** @throws Stop `preflight-failed`, `index-unreachable` */
function assertFetched(
  { startError, stdout, stderr }: ProcessResult,
  explained: string | undefined,
): void {
  if (startError !== undefined)
    throw new Stop('preflight-failed', 'There is neither uv nor python3 on PATH.', {
      next: 'Add actions/setup-python before this step, or install uv.',
      cause: startError,
    })
  const parsed = answer.safeParse(parseJson(stdout))
  if (!parsed.success)
    throw new Stop('preflight-failed', `uv could not be fetched: ${tail(stderr, 3).join(' ')}`, {
      next: BY_HAND,
      cause: parsed.error,
    })
  if (!parsed.data.ok)
    throw notFetched(
      parsed.data.kind,
      [explained ?? '', redactForeign(parsed.data.message)].join(' ').trim(),
    )
}

type FetchProblem = Extract<z.output<typeof answer>, { ok: false }>['kind']

function notFetched(kind: FetchProblem, message: string): Stop {
  switch (kind) {
    case 'unreachable':
      return new Stop(
        'index-unreachable',
        `uv cannot be fetched, the package index does not answer: ${message}`,
        {
          next: 'Check UV_DEFAULT_INDEX or PIP_INDEX_URL, its credentials, and the proxy; then run it again.',
        },
      )
    case 'digest':
      return new Stop(
        'preflight-failed',
        `THE DOWNLOADED UV IS NOT THE ONE THAT WAS PUBLISHED and was thrown away: ${message}`,
        { next: 'Find out who changed it before anything else is installed from this index.' },
      )
    case 'not-found':
      return new Stop(
        'preflight-failed',
        `The package index does not have uv ${UV_VERSION}: ${message}`,
        { next: BY_HAND },
      )
    case 'other':
      return new Stop('preflight-failed', `uv could not be installed: ${message}`, {
        next: BY_HAND,
      })
  }
}

/** Version of a program that calls itself uv; undefined when it cannot be run. */
async function versionOf(machine: Machine, path: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run({
    argv: [path, '--version'],
    env: machine.env,
    cwd: dirname(path),
    timeoutSeconds: 30,
    signal: machine.signal,
  })
  machine.signal.throwIfAborted()
  return exitCode === 0 ? /^uv (\d+\.\d+\.\d+)/.exec(stdout)?.[1] : undefined
}

/** Alpine and its like: the loader is called ld-musl-ARCHITECTURE.so.1. */
async function isMusl(): Promise<boolean> {
  return (await readdir('/lib').catch(() => [])).some((name) => name.startsWith('ld-musl-'))
}
