import { Stop } from '../core/stop.ts'
import { hydratedRunSchema } from '../zenml/run-entities.ts'
import type { ZenmlServer } from '../zenml/types.ts'

/** Packages that are named. */
const MOST_NAMED = 10

/**
 * Reads the packages of the environment that ran the steps, one `name==version` a line; empty where
 * it recorded none, and where the server does not tell.
 */
export async function packagesOf(server: ZenmlServer, runId: string): Promise<string> {
  try {
    const run = await server.get(`/runs/${runId}`, hydratedRunSchema, {
      include_python_packages: true,
    })
    const packages = run.metadata.orchestrator_environment?.['python_packages']
    return typeof packages === 'string' ? packages : ''
  } catch (error) {
    // The comparison only explains a failure. Only a stop of the command itself ends the work.
    if (error instanceof Stop && error.code !== 'cancelled') return ''
    throw error
  }
}

/**
 * Names the packages whose major or minor version differs, those first that `text` mentions; ZenML
 * itself is left out. Undefined where there is none. Pure.
 */
export function differentPackages(before: string, after: string, text: string): string | undefined {
  const known = versions(before)
  const differing = [...versions(after)].flatMap(([name, version]) => {
    const old = known.get(name)
    return old === undefined || name === 'zenml' || minor(old) === minor(version)
      ? []
      : [{ name, change: `${name} ${old} → ${version}` }]
  })
  if (differing.length === 0) return undefined
  const mentioned = differing.filter(({ name }) => mentions(text, name))
  const ordered = [...new Set([...mentioned, ...differing])].map(({ change }) => change)
  const more = ordered.length - MOST_NAMED
  return [...ordered.slice(0, MOST_NAMED), ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

function versions(packages: string): Map<string, string> {
  return new Map(
    packages
      .split('\n')
      .map((line) => line.trim().split('=='))
      .flatMap(([name = '', version]) => (version === undefined ? [] : [[name, version] as const])),
  )
}

function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** As the module of a package is spelt: with underscores. */
function mentions(text: string, name: string): boolean {
  return text.toLowerCase().includes(name.toLowerCase().replaceAll('-', '_'))
}
