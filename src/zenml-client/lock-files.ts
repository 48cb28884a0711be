import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Stop } from '../core/stop.ts'
import { poetryPins } from './poetry-lock.ts'
import { pylockPins } from './pylock.ts'
import { runUv, type UvCall } from './run-uv.ts'
import { judgeUv } from './uv-problems.ts'

type LockKind = 'uv' | 'poetry' | 'pylock'

/** Whether a requirements file is a lock file, by its name. */
export function isLockFile(path: string): boolean {
  return lockKind(path) !== undefined
}

function lockKind(path: string): LockKind | undefined {
  const name = basename(path)
  if (name === 'uv.lock') return 'uv'
  if (name === 'poetry.lock') return 'poetry'
  // The names that PEP 751 allows.
  return /^pylock(?:\.[^.]+)?\.toml$/.test(name) ? 'pylock' : undefined
}

const READERS: Readonly<Record<LockKind, (path: string, call: UvCall) => Promise<string[]>>> = {
  uv: exportUvLock,
  poetry: async (path) => {
    const project = join(dirname(path), 'pyproject.toml')
    return poetryPins(
      await readFile(path, 'utf8'),
      await readFile(project, 'utf8').catch(() => undefined),
    )
  },
  pylock: async (path) => pylockPins(await readFile(path, 'utf8')),
}

/**
 * Reads the packages of a lock file as requirement lines, such as `pandas==2.2.3 ; marker`: what the
 * project itself needs, without extras, development groups, and packages of the repository.
 * @throws Stop `preflight-failed`
 */
export async function readLockFile(path: string, call: UvCall): Promise<string> {
  const kind = lockKind(path)
  if (kind === undefined) return ''
  try {
    return (await READERS[kind](path, call)).map((line) => `${line}\n`).join('')
  } catch (cause) {
    if (cause instanceof Stop) throw cause
    throw new Stop(
      'preflight-failed',
      `The lock file ${path} cannot be read: ${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : ''}`,
      {
        next: 'Correct `install.requirements` of the source (paths are relative to its `path`), or lock again.',
        cause,
      },
    )
  }
}

/** uv reads its own lock file, which needs the `pyproject.toml` beside it. */
async function exportUvLock(path: string, call: UvCall): Promise<string[]> {
  const project = ['--project', dirname(path)]
  const selection = ['--frozen', '--no-dev', '--no-emit-workspace', '--no-hashes']
  const { exitCode, stdout, stderr } = await runUv(call, [
    'export',
    '--quiet',
    ...selection,
    ...project,
  ])
  if (exitCode !== 0)
    throw new Stop('preflight-failed', `uv cannot read ${path}: ${judgeUv(stderr).explanation}`, {
      next: `Keep uv.lock and its pyproject.toml in one directory, and lock again with \`uv lock\`.`,
    })
  return stdout.split('\n').filter((line) => /^[^\s#-]/.test(line))
}
