import { rm, writeFile, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import * as z from 'zod'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { run, tail } from '../runtime/process.ts'
import describeClient from './describe_client.py'
import { isLockFile } from './lock-files.ts'
import { releasedVersions, writeLocked } from './locked-versions.ts'
import {
  zenmlLine,
  zenmlRequirements,
  type RequirementFile,
  type ZenmlRequirement,
} from './requirement-files.ts'
import { runUv, type UvCall } from './run-uv.ts'
import type { Uv } from './uv.ts'
import { judgeUv } from './uv-problems.ts'

export interface ClientSpec {
  readonly machine: Machine
  readonly uv: Uv
  readonly zenmlVersion: string
  /** `X.Y`. */
  readonly python: string
  /** Absolute paths of requirement files of the source. */
  readonly requirements: readonly string[]
  /** Names of ZenML integrations that the stacks use; an unknown name is refused. */
  readonly integrations: readonly string[]
  /** Extras of zenml, such as `local` (needed by `configure` jobs). */
  readonly extras: readonly string[]
  /**
   * Names of environment variables that hold an index URL: UV_INDEX_URL, PIP_EXTRA_INDEX_URL and
   * the like, or any name.
   */
  readonly indexEnv: readonly string[]
  readonly cacheDirectory: string
}

const description = z.object({
  zenmlVersion: z.string(),
  packages: z.int(),
  requirements: z.record(z.string(), z.array(z.string())),
  unknownIntegrations: z.array(z.string()),
  otherWishes: z.array(z.string()),
})
const record = z.object({
  overridden: z.array(z.string()),
  // An environment of before lock files has none.
  released: z.array(z.string()).prefault([]),
  packages: z.int(),
})
const RECORD = 'zenml-upgrade.json'
/** Part of an environment's name; raised when this file builds another one from the same inputs. */
export const LAYOUT = 1

/** Reads what was recorded when an environment was built. */
export async function readRecord(home: string): Promise<z.infer<typeof record>> {
  return record.parse(JSON.parse(await readFile(join(home, RECORD), 'utf8')))
}

/**
 * Builds an environment in `home` with the interpreter `base`, and records what was overridden.
 * @throws Stop `index-unreachable`, `version-not-found`, `preflight-failed`
 */
export async function buildEnvironment(
  spec: ClientSpec,
  call: UvCall,
  base: string,
  files: readonly RequirementFile[],
  home: string,
): Promise<void> {
  const pins = zenmlRequirements(files, spec.zenmlVersion)
  const zenml = zenmlLine(spec.zenmlVersion, pins, spec.extras)
  await makeVenv(call, base, home)
  await install({ spec, call, home, zenml }, [zenml], [])
  const alone = await describe(spec, home)
  assertIntegrations(spec, alone)
  const integrations = Object.values(alone.requirements).flat()
  const more = integrations.length > 0 || spec.requirements.length > 0
  const released = more
    ? await installAll({ spec, call, home, zenml }, [zenml, ...integrations], files)
    : []
  const { packages, otherWishes } = more ? await describe(spec, home) : alone
  const overridden = [...linesThatExclude(pins), ...otherWishes]
  await writeFile(join(home, RECORD), JSON.stringify({ overridden, released, packages }))
}

async function makeVenv(call: UvCall, base: string, home: string): Promise<void> {
  await rm(home, { recursive: true, force: true })
  // Relocatable, because it gets its real name when it is complete.
  const made = await runUv(call, [
    'venv',
    '--quiet',
    '--relocatable',
    '--no-project',
    '--python',
    base,
    home,
  ])
  if (made.exitCode !== 0)
    throw new Stop(
      'preflight-failed',
      `No virtual environment can be made with ${base}: ${judgeUv(made.stderr).explanation}`,
    )
}

/** @throws Stop `preflight-failed` for an integration that this ZenML does not have */
function assertIntegrations(
  { zenmlVersion }: ClientSpec,
  { unknownIntegrations }: z.infer<typeof description>,
): void {
  if (unknownIntegrations.length === 0) return
  throw new Stop(
    'preflight-failed',
    `ZenML ${zenmlVersion} has no integration called ${unknownIntegrations.join(', ')}.`,
    {
      next: 'A stack uses it: replace its component before the upgrade, or exclude the snapshots on that stack.',
    },
  )
}

function linesThatExclude(pins: readonly ZenmlRequirement[]): string[] {
  return pins
    .filter((pin) => !pin.allows)
    .map((pin) => `${relative(dirname(pin.path), pin.path)}: ${pin.line}`)
}

/** An environment that is being built. */
interface Building {
  readonly spec: ClientSpec
  readonly call: UvCall
  readonly home: string
  /** The requirement of ZenML, which replaces every other one, its extras too. */
  readonly zenml: string
}

/** Installs requirement lines and the user's files; returns the locked versions that gave way. */
async function installAll(
  building: Building,
  lines: readonly string[],
  files: readonly RequirementFile[],
): Promise<string[]> {
  const loose = building.spec.requirements.filter((path) => !isLockFile(path))
  const locks = files.filter(({ path }) => isLockFile(path))
  if (locks.length === 0) {
    await install(building, lines, loose)
    return []
  }
  const names = `${building.home}.locked.txt`
  const resolved = `${building.home}.resolved.txt`
  try {
    await writeLocked(locks, { names, preferred: resolved })
    const output = ['--no-header', '--no-annotate', '--output-file', resolved]
    await withUv(building, lines, (own) => ['pip', 'compile', ...output, own, names, ...loose])
    await install(building, lines, [resolved])
    return releasedVersions(locks, await readFile(resolved, 'utf8'))
  } finally {
    await rm(names, { force: true })
    await rm(resolved, { force: true })
  }
}

function install(
  building: Building,
  lines: readonly string[],
  files: readonly string[],
): Promise<void> {
  const theirs = files.flatMap((path) => ['-r', path])
  return withUv(building, lines, (own) => ['pip', 'install', '-r', own, ...theirs])
}

/** Runs uv for an environment; `command` gets the path of a file with the lines. */
async function withUv(
  { spec, call, home, zenml }: Building,
  lines: readonly string[],
  command: (own: string) => readonly string[],
): Promise<void> {
  const own = `${home}.requirements.txt`
  const override = `${home}.override.txt`
  const python = join(home, 'bin', 'python')
  try {
    await writeFile(own, `${lines.join('\n')}\n`)
    await writeFile(override, `${zenml}\n`)
    const options = ['--quiet', '--python', python, '--override', override]
    const result = await runUv(call, [...command(own), ...options])
    if (result.exitCode !== 0) throw installProblem(spec, result.stderr)
  } finally {
    await rm(own, { force: true })
    await rm(override, { force: true })
  }
}

function installProblem(spec: ClientSpec, stderr: string): Stop {
  const { kind, explanation } = judgeUv(stderr)
  const client = `ZenML ${spec.zenmlVersion} for Python ${spec.python}`
  switch (kind) {
    case 'unreachable':
      return new Stop(
        'index-unreachable',
        `${client} cannot be installed, the package index does not answer or refuses: ${explanation}`,
        {
          next: 'Check the index address, its credentials and the proxy; then run it again.',
        },
      )
    case 'no-version':
      return new Stop('version-not-found', `The package index has no ${client}: ${explanation}`, {
        next: 'Correct `zenml:` in the file, or bring the version into your index.',
      })
    case 'conflict':
      return new Stop(
        'preflight-failed',
        `The requirements of the source and ${client} exclude each other: ${explanation}`,
        {
          next: `Loosen the pins in ${spec.requirements.length === 0 ? "the stack's integrations" : spec.requirements.join(', ')}.`,
        },
      )
    case 'other':
      return new Stop(
        'preflight-failed',
        `${client} with the source's requirements cannot be installed: ${explanation}`,
        {
          next: 'Install the same files by hand with `uv pip install` to see more.',
        },
      )
  }
}

async function describe(spec: ClientSpec, home: string): Promise<z.infer<typeof description>> {
  const { machine } = spec
  const result = await run({
    argv: [join(home, 'bin', 'python'), '-I', '-c', describeClient],
    env: {
      ...machine.env,
      ZENML_CONFIG_PATH: join(home, 'config'),
      ZENML_ANALYTICS_OPT_IN: 'false',
      ZENML_ENABLE_RICH_TRACEBACK: 'false',
      ZENML_LOGGING_COLORS_DISABLED: 'true',
    },
    input: JSON.stringify({ integrations: spec.integrations }),
    timeoutSeconds: 300,
    signal: machine.signal,
  })
  machine.signal.throwIfAborted()
  if (result.exitCode !== 0) {
    throw new Stop(
      'preflight-failed',
      `The installed ZenML ${spec.zenmlVersion} cannot be imported: ${tail(result.stderr, 5).join('\n')}`,
      {
        next: 'Check that the requirements of the source fit this ZenML.',
      },
    )
  }
  return description.parse(JSON.parse(result.stdout))
}
