import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Check } from '../result/common.ts'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { packageIndex } from './package-index.ts'
import { isLockFile } from './lock-files.ts'
import { writeLocked } from './locked-versions.ts'
import {
  readRequirementFiles,
  zenmlLine,
  zenmlRequirements,
  type RequirementFile,
} from './requirement-files.ts'
import { runUv, type UvCall } from './run-uv.ts'
import type { Uv } from './uv.ts'
import { judgeUv } from './uv-problems.ts'

export interface AvailabilityQuestion {
  readonly machine: Machine
  readonly uv: Uv
  readonly cacheDirectory: string
  readonly zenmlVersion: string
  /** `X.Y` of every Python among the builds. */
  readonly pythonVersions: readonly string[]
  /** Absolute paths of requirement files that must fit it. */
  readonly requirements?: readonly string[]
  readonly indexEnv?: readonly string[]
}

/** Newest versions named when the wanted one is not there. */
const NAMED = 3

/**
 * Checks for each Python version that this ZenML can be installed from the configured index.
 * @throws Stop `index-unreachable` when the index does not answer
 */
export async function checkInstallable(question: AvailabilityQuestion): Promise<Check[]> {
  const { machine, uv, cacheDirectory, zenmlVersion, requirements = [] } = question
  const call: UvCall = {
    machine,
    uv,
    cacheDirectory,
    index: await packageIndex(machine, question.indexEnv ?? []),
  }
  const files = await readRequirementFiles(requirements, call)
  const pins = zenmlRequirements(files, zenmlVersion)
  const wanted: Wanted = {
    version: zenmlVersion,
    line: zenmlLine(zenmlVersion, pins),
    requirements,
    locks: files.filter(({ path }) => isLockFile(path)),
  }
  const checks: Check[] = []
  for (const python of new Set(question.pythonVersions))
    checks.push(await checkFor(python, wanted, call))
  return checks
}

interface Wanted {
  readonly version: string
  /** The requirement line of ZenML, with the extras that the requirement files ask for. */
  readonly line: string
  readonly requirements: readonly string[]
  /** Those of the requirements that are lock files, as requirement lines. */
  readonly locks: readonly RequirementFile[]
}

async function checkFor(python: string, wanted: Wanted, call: UvCall): Promise<Check> {
  const stderr = await resolve(call, python, wanted)
  if (stderr !== undefined) return failedCheck(python, wanted, call, stderr)
  return {
    name: nameFor(python),
    status: 'passed',
    message: `ZenML ${wanted.version} can be installed for Python ${python}.`,
  }
}

/** Says why uv could not resolve. @throws Stop `index-unreachable` */
async function failedCheck(
  python: string,
  { version, requirements }: Wanted,
  call: UvCall,
  stderr: string,
): Promise<Check> {
  const { kind, explanation } = judgeUv(stderr)
  if (kind === 'unreachable') {
    throw new Stop(
      'index-unreachable',
      `Nobody can tell if ZenML ${version} can be installed, the package index does not answer or refuses: ${explanation}`,
      {
        next: 'Check the index address, its credentials and the proxy; then run it again.',
      },
    )
  }
  if (kind === 'no-version') {
    const newest = await newestVersions(call, python)
    return {
      name: nameFor(python),
      status: 'failed',
      message: `The package index has no ZenML ${version}${newest.length === 0 ? ', nor any other version' : `; the newest it has for Python ${python} are ${newest.join(', ')}`}.`,
      next: 'Correct `zenml:` in the file, or bring the version into your index.',
      'reason-code': 'version-not-found',
    }
  }
  const alone = requirements.length === 0
  return {
    name: nameFor(python),
    status: 'failed',
    message: `ZenML ${version} cannot be installed for Python ${python}${alone ? '' : " together with the source's requirements"}: ${explanation}`,
    next: alone
      ? 'Move the pipelines to a Python that this ZenML supports.'
      : `Loosen the pins in ${requirements.join(', ')}.`,
  }
}

function nameFor(python: string): string {
  return `client for Python ${python}`
}

/** What uv wrote when it cannot resolve; undefined when it can. Nothing is installed. */
async function resolve(
  call: UvCall,
  python: string,
  { line, requirements, locks }: Wanted,
): Promise<string | undefined> {
  const command = ['pip', 'compile', '--quiet', '--no-header', '--python-version', python]
  const directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-resolve-'))
  try {
    const override = join(directory, 'override.txt')
    await writeFile(override, `${line}\n`)
    const [names, preferred] = [join(directory, 'locked.txt'), join(directory, 'resolved.txt')]
    await writeLocked(locks, { names, preferred })
    const theirs = [
      ...requirements.filter((path) => !isLockFile(path)),
      ...(locks.length === 0 ? [] : [names]),
    ]
    const { exitCode, stderr } = await runUv(
      call,
      [...command, '--override', override, '--output-file', preferred, '-', ...theirs],
      `${line}\n`,
    )
    return exitCode === 0 ? undefined : stderr
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function newestVersions(call: UvCall, python: string): Promise<string[]> {
  const versions: string[] = []
  while (versions.length < NAMED) {
    const wish = versions.length === 0 ? 'zenml' : `zenml<${versions.at(-1) ?? ''}`
    const { exitCode, stdout } = await runUv(
      call,
      ['pip', 'compile', '--quiet', '--no-header', '--no-deps', '--python-version', python, '-'],
      `${wish}\n`,
    )
    const version = /^zenml==(\S+)/m.exec(stdout)?.[1]
    if (exitCode !== 0 || version === undefined) break
    versions.push(version)
  }
  return versions
}
