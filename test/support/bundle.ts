import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Result } from '../../src/result/result.ts'
import { endWithTests } from './ends-with-tests.ts'
import { testCache } from './environments.ts'

/** The committed bundle: what users run. */
export const BUNDLE = join(import.meta.dirname, '..', '..', 'dist', 'main.cjs')

export interface BundleRun {
  readonly exitCode: number | null
  /** Standard output and error together. */
  readonly log: string
  /** The result JSON, or undefined when the run was killed before it wrote one. */
  readonly result: Result | undefined
  /** What it wrote into GITHUB_OUTPUT. */
  readonly outputs: Readonly<Record<string, string>>
}

export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<BundleRun>
}

/**
 * Starts a command of the bundle as a process whose temporary folder and HOME are its own and are
 * removed at its end, as on a machine that is gone afterwards. `env` joins what every process
 * needs.
 */
export async function startBundle(
  args: readonly string[],
  {
    cwd,
    env = {},
    reports,
  }: { cwd: string; env?: Readonly<Record<string, string>>; reports?: string },
): Promise<Running> {
  const scratch = await mkdtemp(join(tmpdir(), 'zenml-upgrade-run-'))
  const [outputFile, report] = [join(scratch, 'outputs'), reports ?? join(scratch, 'report')]
  await writeFile(outputFile, '')
  const child = spawn(process.execPath, [BUNDLE, ...args, '--report-directory', report], {
    cwd,
    env: {
      ...ofTheMachine(),
      HOME: join(scratch, 'home'),
      TMPDIR: scratch,
      NO_COLOR: '1',
      GITHUB_OUTPUT: outputFile,
      // Downloads only: what is built is the run's own. Without this every run would fetch hundreds
      // of wheels again.
      XDG_CACHE_HOME: join(testCache(), 'bundle'),
      UV_CACHE_DIR: process.env['UV_CACHE_DIR'] ?? join(homedir(), '.cache', 'uv'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  endWithTests(child)
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
  const ended = (async (): Promise<BundleRun> => {
    const [exitCode] = (await once(child, 'close')) as [number | null]
    const outputs = parseOutputs(await readFile(outputFile, 'utf8'))
    const path = outputs['result']
    const result =
      path === undefined || path === ''
        ? undefined
        : (JSON.parse(await readFile(path, 'utf8')) as Result)
    await rm(scratch, { recursive: true, force: true })
    return { exitCode, log, result, outputs }
  })()
  return { process: child, ended }
}

export async function runBundle(
  args: readonly string[],
  options: Parameters<typeof startBundle>[1],
): Promise<BundleRun> {
  return (await startBundle(args, options)).ended
}

/**
 * What the machine needs to work at all, such as its proxy, its certificates and its package index;
 * nothing that is an input.
 */
function ofTheMachine(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(ZENML_|INPUT_|GITHUB_|ACTIONS_|RUNNER_|CI$)/.test(name),
    ),
  )
}

/** GitHub's own format: `name<<delimiter`, lines, `delimiter`. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index += 1) {
    const match = /^([\w-]+)<<(.+)$/.exec(lines[index] ?? '')
    if (match === null) continue
    const end = lines.indexOf(match[2] ?? '', index + 1)
    outputs[match[1] ?? ''] = lines.slice(index + 1, end).join('\n')
    index = end
  }
  return outputs
}
