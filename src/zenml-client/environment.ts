import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { exists } from '../runtime/files.ts'
import { buildEnvironment, LAYOUT, readRecord, type ClientSpec } from './build-environment.ts'
import { buildOnce } from './build-once.ts'
import { certificateVariables } from '../runtime/certificates.ts'
import { packageIndex, type PackageIndex } from './package-index.ts'
import { findPython } from './python.ts'
import { readRequirementFiles, type RequirementFile } from './requirement-files.ts'
import type { UvCall } from './run-uv.ts'
import { uvChoices } from './uv-choices.ts'

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
  /** Versions of lock files that gave way, as this ZenML needs others. */
  readonly released: readonly string[]
  /** Number of installed packages. */
  readonly packages: number
  /** True when it was there from an earlier run. */
  readonly cached: boolean
  readonly seconds: number
}

/**
 * Builds the environment, or finds it in the cache.
 * @throws Stop `index-unreachable`, `version-not-found`, `preflight-failed`
 */
export async function prepareClient(spec: ClientSpec): Promise<ClientEnvironment> {
  const started = performance.now()
  const { machine, uv, cacheDirectory } = spec
  const index = await packageIndex(machine, spec.indexEnv)
  const call: UvCall = { machine, uv, cacheDirectory, index }
  const base = await findPython(call, spec.python)
  const files = await readRequirementFiles(spec.requirements, call)
  const choices = await uvChoices(machine.env)
  const home = join(cacheDirectory, 'clients', nameOf(spec, { index, base, files, choices }))
  const python = join(home, 'bin', 'python')
  // The interpreter it was made from can be gone, as in a cache that was carried to another
  // machine.
  if (!(await exists(python))) await rm(home, { recursive: true, force: true })
  const what = `install the client of ZenML ${spec.zenmlVersion} for Python ${spec.python}`
  const how = await machine.log.progress(what, () =>
    buildOnce(machine, home, (temporary) => buildEnvironment(spec, call, base, files, temporary)),
  )
  const { overridden, released, packages } = await readRecord(home)
  return {
    python,
    bin: join(home, 'bin'),
    env: await variablesOf(spec, home),
    zenmlVersion: spec.zenmlVersion,
    pythonVersion: spec.python,
    overridden,
    released,
    packages,
    cached: how === 'found',
    seconds: (performance.now() - started) / 1000,
  }
}

/** What decides, besides the specification, what an environment contains. */
interface Ingredients {
  readonly index: PackageIndex
  /** Path of the interpreter it is made from. */
  readonly base: string
  readonly files: readonly RequirementFile[]
  /** See `uvChoices`. */
  readonly choices: readonly string[]
}

/** Names an environment by all that decides what is in it. */
function nameOf(
  { zenmlVersion, python, integrations, extras }: ClientSpec,
  { index, base, files, choices }: Ingredients,
): string {
  const digest = createHash('sha256')
    .update(
      JSON.stringify([
        LAYOUT,
        zenmlVersion,
        base,
        files,
        integrations.toSorted(),
        extras.toSorted(),
        index.primary,
        index.extra,
        ...choices,
      ]),
    )
    .digest('hex')
  return `zenml-${zenmlVersion}-python-${python}-${digest.slice(0, 16)}`
}

async function variablesOf(
  { machine, uv, cacheDirectory }: ClientSpec,
  home: string,
): Promise<Record<string, string>> {
  return {
    ...(await certificateVariables(machine, cacheDirectory)),
    // ZenML asks uv for the list of packages that it records with a run.
    PATH: [join(home, 'bin'), machine.env['PATH'] ?? '', dirname(uv.path)]
      .filter((part) => part !== '')
      .join(delimiter),
    VIRTUAL_ENV: home,
    ZENML_ANALYTICS_OPT_IN: 'false',
    ZENML_ENABLE_RICH_TRACEBACK: 'false',
    ZENML_LOGGING_COLORS_DISABLED: 'true',
  }
}
