import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join, relative } from 'node:path'
import * as z from 'zod'
import { exists } from '../runtime/files.ts'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { run, tail } from '../runtime/process.ts'
import { buildOnce } from './build-once.ts'
import { certificateVariables } from '../runtime/certificates.ts'
import describeClient from './describe_client.py'
import { packageIndex } from './package-index.ts'
import { findPython } from './python.ts'
import {
  readRequirementFiles,
  zenmlRequirements,
  type RequirementFile,
} from './requirement-files.ts'
import { runUv, type UvCall } from './run-uv.ts'
import type { Uv } from './uv.ts'
import { judgeUv } from './uv-problems.ts'

/** A virtual environment with exactly one ZenML client in it. */
export interface ClientEnvironment {
  /** Path of its interpreter. */
  readonly python: string
  /** Directory of its programs. */
  readonly bin: string
  /**
   * What a program inside it needs beyond the machine's own environment: PATH with `bin` first and
   * uv last, certificates, a quiet ZenML.
   */
  readonly env: Readonly<Record<string, string>>
  readonly zenmlVersion: string
  /** `X.Y` of its interpreter. */
  readonly pythonVersion: string
  /**
   * Who asks for another ZenML and did not get it: lines of the requirement files, and installed
   * packages.
   */
  readonly overridden: readonly string[]
  /** Number of installed packages. */
  readonly packages: number
  /** True when it was there from an earlier run. */
  readonly cached: boolean
  readonly seconds: number
}

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
const record = z.object({ overridden: z.array(z.string()), packages: z.int() })
const RECORD = 'zenml-upgrade.json'
/** Part of an environment's name; raised when this file builds another one from the same inputs. */
const LAYOUT = 1

/**
 * Builds the environment, or finds it in the cache. Throws Stop('index-unreachable' |
 * 'version-not-found' | 'preflight-failed').
 */
export async function prepareClient(spec: ClientSpec): Promise<ClientEnvironment> {
  const started = performance.now()
  const { machine, uv, zenmlVersion, cacheDirectory } = spec
  const index = await packageIndex(machine, spec.indexEnv)
  const call: UvCall = { machine, uv, cacheDirectory, index }
  const base = await findPython(call, spec.python)
  const files = await readRequirementFiles(spec.requirements)
  const digest = createHash('sha256')
    .update(
      JSON.stringify([
        LAYOUT,
        zenmlVersion,
        base,
        files,
        spec.integrations.toSorted(),
        spec.extras.toSorted(),
        index.primary,
        index.extra,
      ]),
    )
    .digest('hex')
  const home = join(
    cacheDirectory,
    'clients',
    `zenml-${zenmlVersion}-python-${spec.python}-${digest.slice(0, 16)}`,
  )
  const python = join(home, 'bin', 'python')
  // The interpreter it was made from can be gone, as in a cache that was carried to another
  // machine.
  if (!(await exists(python))) await rm(home, { recursive: true, force: true })
  const how = await buildOnce(machine, home, (temporary) =>
    build(spec, call, base, files, temporary),
  )
  const kept = record.parse(JSON.parse(await readFile(join(home, RECORD), 'utf8')))
  return {
    python,
    bin: join(home, 'bin'),
    env: {
      ...(await certificateVariables(machine, cacheDirectory)),
      // ZenML asks uv for the list of packages that it records with a run.
      PATH: [join(home, 'bin'), machine.env['PATH'] ?? '', dirname(uv.path)]
        .filter((part) => part !== '')
        .join(delimiter),
      VIRTUAL_ENV: home,
      ZENML_ANALYTICS_OPT_IN: 'false',
      ZENML_ENABLE_RICH_TRACEBACK: 'false',
      ZENML_LOGGING_COLORS_DISABLED: 'true',
    },
    zenmlVersion,
    pythonVersion: spec.python,
    overridden: kept.overridden,
    packages: kept.packages,
    cached: how === 'found',
    seconds: (performance.now() - started) / 1000,
  }
}

async function build(
  spec: ClientSpec,
  call: UvCall,
  base: string,
  files: readonly RequirementFile[],
  home: string,
): Promise<void> {
  const pins = zenmlRequirements(files, spec.zenmlVersion)
  const extras = [...new Set([...spec.extras, ...pins.flatMap((pin) => pin.extras)])].sort()
  const zenml = `zenml${extras.length === 0 ? '' : `[${extras.join(',')}]`}==${spec.zenmlVersion}`
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
  await install(spec, call, home, [zenml], zenml)
  const first = await describe(spec, home)
  if (first.unknownIntegrations.length > 0) {
    throw new Stop(
      'preflight-failed',
      `ZenML ${spec.zenmlVersion} has no integration called ${first.unknownIntegrations.join(', ')}.`,
      {
        next: 'A stack uses it: replace its component before the upgrade, or exclude the snapshots on that stack.',
      },
    )
  }
  const integrations = Object.values(first.requirements).flat()
  if (integrations.length > 0 || spec.requirements.length > 0)
    await install(spec, call, home, [zenml, ...integrations], zenml)
  const { packages, otherWishes } =
    integrations.length > 0 || spec.requirements.length > 0 ? await describe(spec, home) : first
  const overridden = [
    ...pins
      .filter((pin) => !pin.allows)
      .map((pin) => `${relative(dirname(pin.path), pin.path)}: ${pin.line}`),
    ...otherWishes,
  ]
  await writeFile(join(home, RECORD), JSON.stringify({ overridden, packages }))
}

/**
 * Installs requirement lines, and with them the user's files where there is more than ZenML alone.
 */
async function install(
  spec: ClientSpec,
  call: UvCall,
  home: string,
  lines: readonly string[],
  zenml: string,
): Promise<void> {
  const own = `${home}.requirements.txt`
  const override = `${home}.override.txt`
  try {
    await writeFile(own, `${lines.join('\n')}\n`)
    // An override replaces every wish for ZenML, its extras too.
    await writeFile(override, `${zenml}\n`)
    const theirs = spec.requirements.flatMap((path) => ['-r', path])
    const result = await runUv(call, [
      'pip',
      'install',
      '--quiet',
      '--python',
      join(home, 'bin', 'python'),
      '--override',
      override,
      '-r',
      own,
      ...(lines.length === 1 && theirs.length === 0 ? [] : theirs),
    ])
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
