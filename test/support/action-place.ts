import { execFileSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runComposite, type CompositeCall, type CompositeEnd } from './composite.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** Programs of every runner; Node and Python are what the test says. */
const PROGRAMS = [
  'bash',
  'cp',
  'find',
  'git',
  'ls',
  'mkdir',
  'od',
  'sha256sum',
  'sort',
  'touch',
  'tr',
]

interface ActionCall extends Pick<CompositeCall, 'use' | 'onCommand'> {
  /** Name of the composite; `promote`, step gate, where none is given. */
  readonly action?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

/** How the bundle was started. */
interface Started {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What the first python3 of its PATH calls itself; null: there is none. */
  readonly python: string | null
}

/** A runner of its own: its PATH, its tool cache, its workspace. */
export interface ActionPlace {
  readonly bin: string
  readonly temp: string
  readonly workspace: string
  /** Runs a composite of this repository, or of `root`. */
  run(call?: ActionCall, root?: string): Promise<CompositeEnd>
  /**
   * The same actions over a bundle that remembers how it was started, and goes on with `script`.
   */
  probe(script?: string): Promise<string>
  started(): Promise<Started>
  /**
   * Where a version of a tool lies in the tool cache; without `complete` it is still being
   * unpacked.
   */
  cached(tool: 'node' | 'Python', version: string, options?: { complete: boolean }): Promise<string>
  remove(): Promise<void>
}

export async function actionPlace(): Promise<ActionPlace> {
  const place = await mkdtemp(join(tmpdir(), 'action-place-'))
  const [bin, temp, tools, workspace] = [
    join(place, 'bin'),
    join(place, 'temp'),
    join(place, 'tools'),
    join(place, 'workspace'),
  ]
  for (const folder of [bin, temp, tools, workspace]) await mkdir(folder)
  for (const name of PROGRAMS)
    await symlink(
      execFileSync('bash', ['-c', `type -P ${name}`], { encoding: 'utf8' }).trim(),
      join(bin, name),
    )
  const memory = join(place, 'started.json')
  return {
    bin,
    temp,
    workspace,
    run: (
      {
        action = 'promote',
        inputs = { environment: 'production', step: 'gate' },
        env = {},
        ...call
      } = {},
      root = ROOT,
    ) =>
      runComposite({
        action: join(root, 'actions', action),
        inputs,
        cwd: workspace,
        env: {
          PATH: bin,
          HOME: place,
          RUNNER_TEMP: temp,
          RUNNER_TOOL_CACHE: tools,
          RUNNER_ARCH: 'X64',
          RUNNER_OS: 'Linux',
          GITHUB_ACTIONS: 'true',
          GITHUB_RUN_ATTEMPT: '3',
          GITHUB_SERVER_URL: 'https://github.com',
          ...env,
        },
        ...call,
      }),
    async probe(script = '') {
      const root = join(place, 'root')
      await cp(join(ROOT, 'actions'), join(root, 'actions'), { recursive: true })
      await mkdir(join(root, 'dist'), { recursive: true })
      await writeFile(
        join(root, 'dist/main.cjs'),
        `
        const fs = require('node:fs')
        const { stdout } = require('node:child_process').spawnSync('python3', ['which'], { encoding: 'utf8' })
        fs.writeFileSync(${JSON.stringify(memory)}, JSON.stringify({ argv: process.argv.slice(2), env: process.env, python: stdout && stdout.trim() }))
        ${script}`,
      )
      return root
    },
    started: async () => JSON.parse(await readFile(memory, 'utf8')) as Started,
    async cached(tool, version, { complete } = { complete: true }) {
      const folder = join(tools, tool, version)
      await mkdir(folder, { recursive: true })
      if (complete) await writeFile(join(folder, 'x64.complete'), '')
      return join(folder, 'x64/bin', tool === 'node' ? 'node' : 'python3')
    },
    remove: () => rm(place, { recursive: true, force: true }),
  }
}

/**
 * Makes a program that is the Node of this test and calls itself `version`, also in the variable
 * STARTED_BY.
 */
export async function makeNode(path: string, version: string): Promise<void> {
  await makeProgram(
    path,
    `
    const { spawnSync } = require('node:child_process')
    const claim = 'Object.defineProperty(process.versions, "node", { value: "${version}" })'
    process.exit(spawnSync(process.execPath, ['--import', 'data:text/javascript,' + encodeURIComponent(claim), ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, STARTED_BY: '${version}' } }).status)`,
  )
}

/** Makes a program that is the Python of this machine and says that it is `version`. */
export async function makePython(path: string, version: string): Promise<void> {
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  }).trim()
  const claim = `import sys; sys.version_info = (${version.replaceAll('.', ', ')}); exec(sys.argv[1])`
  await makeProgram(
    path,
    `
    if (process.argv[2] === 'which') console.log('${version}')
    else process.exit(require('node:child_process').spawnSync('${python}', ['-I', '-c', '${claim}', process.argv.at(-1)], { stdio: 'inherit' }).status)`,
  )
}

async function makeProgram(path: string, script: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `#!${process.execPath}\n${script}\n`)
  await chmod(path, 0o755)
}
