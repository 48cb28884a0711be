import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { compare, isOlder, normalise, sameVersion } from '../core/versions.ts'
import { send } from '../http/http.ts'
import { packageIndex } from './package-index.ts'

/** The ZenML versions that the configured package indexes have, or why that is not known. */
export type Releases = { readonly versions: readonly string[] } | { readonly unknown: string }

const TIMEOUT_SECONDS = 10

/**
 * Asks each configured index once for the page of ZenML; installs nothing. `indexEnv` names more
 * variables that hold addresses.
 */
export async function releasesOnIndex(
  machine: Machine,
  indexEnv: readonly string[],
): Promise<Releases> {
  try {
    const { primary, extra } = await packageIndex(machine, indexEnv)
    const found = (
      await Promise.all([primary, ...extra].map((index) => releasesOf(index, machine)))
    ).flat()
    return found.length === 0
      ? { unknown: 'the package index names no file of ZenML' }
      : { versions: found }
  } catch (error) {
    if (error instanceof Stop && error.code !== 'cancelled') return { unknown: error.message }
    throw error
  }
}

async function releasesOf(index: string, machine: Machine): Promise<string[]> {
  if (!/^https?:\/\//.test(index) || !URL.canParse(index))
    throw new Stop('index-unreachable', 'a configured package index has no address on the web')
  const url = new URL('zenml/', index.endsWith('/') ? index : `${index}/`)
  const { status, text } = await send(
    {
      method: 'GET',
      url,
      accept: 'application/vnd.pypi.simple.v1+json, text/html;q=0.5',
      timeoutSeconds: TIMEOUT_SECONDS,
    },
    machine,
  )
  // An index beside the public one commonly has only a team's own packages.
  if (status !== 200 && status !== 404)
    throw new Stop('index-unreachable', `the package index ${url.host} answered ${status}`)
  return status === 200 ? versionsOn(text) : []
}

/**
 * Versions in the names of ZenML's files, in either form that an index may answer in. Exported for
 * its test.
 */
export function versionsOn(page: string): string[] {
  const names = page.matchAll(/zenml-(\d[\w.!+]*?)(?:-[\w.-]+?\.whl|\.tar\.gz|\.zip)/g)
  return [...new Set([...names].flatMap(([, version]) => normalise(version ?? '') ?? []))]
}

export function hasRelease(versions: readonly string[], wanted: string): boolean {
  return versions.some((version) => sameVersion(version, wanted))
}

/** Gives the newest release, or undefined where there are only pre-releases. */
export function newestRelease(versions: readonly string[]): string | undefined {
  return versions.filter(isFinal).sort(compare).at(-1)
}

const isFinal = (version: string) => !/[ab]\d|rc|dev/.test(version)

/** Most releases that are named on each side of one that is not there. */
const BESIDE = 2

/**
 * The releases right before and right after a version, oldest first; pre-releases only where there
 * is nothing else.
 */
export function nearestReleases(versions: readonly string[], wanted: string): string[] {
  const final = versions.filter(isFinal)
  const sorted = (final.length > 0 ? final : [...versions]).sort(compare)
  return [
    ...sorted.filter((version) => isOlder(version, wanted)).slice(-BESIDE),
    ...sorted.filter((version) => isOlder(wanted, version)).slice(0, BESIDE),
  ]
}
