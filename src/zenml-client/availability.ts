import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Check } from '../result/common.ts'
import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { packageIndex } from './package-index.ts'
import { readRequirementFiles, zenmlRequirements } from './requirement-files.ts'
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
 * One check per Python version: can this ZenML be installed from the configured index? Throws
 * Stop('index-unreachable') when nobody can tell.
 */
export async function checkInstallable(question: AvailabilityQuestion): Promise<Check[]> {
  const { machine, uv, cacheDirectory, zenmlVersion, requirements = [] } = question
  const call: UvCall = {
    machine,
    uv,
    cacheDirectory,
    index: await packageIndex(machine, question.indexEnv ?? []),
  }
  const extras = zenmlRequirements(await readRequirementFiles(requirements), zenmlVersion).flatMap(
    (pin) => pin.extras,
  )
  const zenml = `zenml${extras.length === 0 ? '' : `[${[...new Set(extras)].join(',')}]`}==${zenmlVersion}`
  const checks: Check[] = []
  for (const python of [...new Set(question.pythonVersions)]) {
    const name = `client for Python ${python}`
    const problem = await resolve(call, python, zenml, requirements)
    if (problem === undefined) {
      checks.push({
        name,
        status: 'passed',
        message: `ZenML ${zenmlVersion} can be installed for Python ${python}.`,
      })
      continue
    }
    const { kind, explanation } = judgeUv(problem)
    if (kind === 'unreachable') {
      throw new Stop(
        'index-unreachable',
        `Nobody can tell if ZenML ${zenmlVersion} can be installed, the package index does not answer or refuses: ${explanation}`,
        {
          next: 'Check the index address, its credentials and the proxy; then run it again.',
        },
      )
    }
    if (kind === 'no-version') {
      const newest = await newestVersions(call, python)
      checks.push({
        name,
        status: 'failed',
        message: `The package index has no ZenML ${zenmlVersion}${newest.length === 0 ? ', nor any other version' : `; the newest it has for Python ${python} are ${newest.join(', ')}`}.`,
        next: 'Correct `zenml:` in the file, or bring the version into your index.',
        'reason-code': 'version-not-found',
      })
      continue
    }
    checks.push({
      name,
      status: 'failed',
      message: `ZenML ${zenmlVersion} cannot be installed for Python ${python}${requirements.length === 0 ? '' : " together with the source's requirements"}: ${explanation}`,
      next:
        requirements.length === 0
          ? 'Move the pipelines to a Python that this ZenML supports.'
          : `Loosen the pins in ${requirements.join(', ')}.`,
    })
  }
  return checks
}

/** What uv wrote when it cannot resolve; undefined when it can. Nothing is installed. */
async function resolve(
  call: UvCall,
  python: string,
  zenml: string,
  requirements: readonly string[],
): Promise<string | undefined> {
  const command = ['pip', 'compile', '--quiet', '--no-header', '--python-version', python]
  const directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-resolve-'))
  try {
    const override = join(directory, 'override.txt')
    await writeFile(override, `${zenml}\n`)
    const { exitCode, stderr } = await runUv(
      call,
      [...command, '--override', override, '-', ...requirements],
      `${zenml}\n`,
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
