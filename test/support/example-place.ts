import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Call {
  /** Program and arguments, with single spaces. */
  readonly command: string
  readonly zenmlVersion: string
}

export interface ScriptRun {
  readonly exitCode: number
  readonly output: string
  readonly calls: readonly Call[]
}

export interface Programs {
  /** Runs a command as the driver `command` does, and tells which programs it called. */
  run(command: string, options: RunOptions): Promise<ScriptRun>
  close(): Promise<void>
}

interface RunOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** What `kubectl get jobs` says, one answer after the other; nothing when they are used up. */
  readonly activeJobs?: readonly string[]
  /** The call that fails, by how it begins. */
  readonly failing?: string
}

/** Writes down how it was called, one line each, and does what the test says. */
const STUB = `#!/bin/bash
printf '%s\\t%s\\n' "$(basename "$0") $*" "\${ZENML_VERSION-}" >> "$STUB_CALLS"
if [[ -n $STUB_FAILING && "$(basename "$0") $*" == "$STUB_FAILING"* ]]; then echo 'cannot do that' >&2; exit 7; fi
if [[ $* == *'get jobs'* ]]; then head -n 1 "$STUB_ANSWERS"; sed -i 1d "$STUB_ANSWERS"; fi
`

/** Programs on PATH that only record how they are called, and a way to run scripts with them. */
export async function recordingPrograms(names: readonly string[]): Promise<Programs> {
  const home = await mkdtemp(join(tmpdir(), 'zenml-upgrade-programs-'))
  const bin = join(home, 'bin')
  await mkdir(bin)
  for (const name of names) {
    await writeFile(join(bin, name), STUB)
    await chmod(join(bin, name), 0o755)
  }
  return {
    async run(command, { cwd, env, activeJobs = [], failing = '' }) {
      const [calls, answers] = [join(home, 'calls'), join(home, 'answers')]
      await writeFile(calls, '')
      await writeFile(answers, activeJobs.map((line) => `${line}\n`).join(''))
      const { exitCode, output } = await bash(command, cwd, {
        PATH: `${bin}:${process.env['PATH'] ?? ''}`, STUB_CALLS: calls, STUB_ANSWERS: answers, STUB_FAILING: failing, POLL_SECONDS: '0.01', ...env
      })
      const lines = (await readFile(calls, 'utf8')).split('\n').filter((line) => line !== '')
      return { exitCode, output, calls: lines.map((line) => ({ command: line.split('\t')[0] ?? '', zenmlVersion: line.split('\t')[1] ?? '' })) }
    },
    close: () => rm(home, { recursive: true, force: true })
  }
}

function bash(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    execFile('bash', ['-euo', 'pipefail', '-c', command], { cwd, env, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr })
    })
  })
}
