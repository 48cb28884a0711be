import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Call {
  readonly argv: readonly string[]
  /** The same with spaces. */
  readonly command: string
  readonly zenmlVersion: string
}

interface ScriptRun {
  readonly exitCode: number
  readonly output: string
  readonly calls: readonly Call[]
}

export interface Programs {
  /** Runs a command as the driver `command` does, and tells which programs it called. */
  run(command: string, options: RunOptions): Promise<ScriptRun>
  close(): Promise<void>
}

export interface RunOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** How a call begins, and what it prints; each is used once. */
  readonly answers?: readonly (readonly [call: string, answer: string])[]
  /** How the calls begin that fail. */
  readonly failing?: readonly string[]
}

/** Writes down how it was called, one line each, and does what the test says. */
const STUB = `#!/bin/bash
call="$(basename "$0") $*"
printf '%s\\t' "\${ZENML_VERSION-}" "$(basename "$0")" "$@" >> "$STUB_CALLS"
echo >> "$STUB_CALLS"
while IFS= read -r prefix; do
  if [[ $call == "$prefix"* ]]; then echo 'cannot do that' >&2; exit 7; fi
done < "$STUB_FAILING"
number=0
while IFS=$'\\t' read -r prefix answer; do
  number=$((number + 1))
  if [[ -n $prefix && $call == "$prefix"* ]]; then sed -i "\${number}s/.*//" "$STUB_ANSWERS"; printf '%s\\n' "$answer"; exit 0; fi
done < "$STUB_ANSWERS"
`

function callOf(line: string): Call {
  const [zenmlVersion = '', ...argv] = line.split('\t').slice(0, -1)
  return { argv, command: argv.join(' '), zenmlVersion }
}

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
    async run(command, { cwd, env, answers = [], failing = [] }) {
      const [calls, answersFile, failingFile] = [
        join(home, 'calls'),
        join(home, 'answers'),
        join(home, 'failing'),
      ]
      await writeFile(calls, '')
      await writeFile(answersFile, answers.map(([call, answer]) => `${call}\t${answer}\n`).join(''))
      await writeFile(failingFile, failing.map((call) => `${call}\n`).join(''))
      const { exitCode, output } = await bash(command, cwd, {
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        STUB_CALLS: calls,
        STUB_ANSWERS: answersFile,
        STUB_FAILING: failingFile,
        POLL_SECONDS: '0.01',
        ...env,
      })
      const lines = (await readFile(calls, 'utf8')).split('\n').filter((line) => line !== '')
      return { exitCode, output, calls: lines.map(callOf) }
    },
    close: () => rm(home, { recursive: true, force: true }),
  }
}

function bash(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      'bash',
      ['--norc', '-euo', 'pipefail', '-c', command],
      { cwd, env, timeout: 20_000 },
      (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr })
      },
    )
  })
}
