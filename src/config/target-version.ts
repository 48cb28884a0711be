import { dirname, isAbsolute, join } from 'node:path'
import * as z from 'zod'
import { normalise } from '../core/versions.ts'
import { isMapping, valueAt } from './data.ts'
import { problemText, quoted } from './problem.ts'
import type { FileText } from './read-file.ts'
import { parseYaml } from './yaml-text.ts'

/** PEP 440 names a build by a local version such as 1.0+acme.2; no package index has one. */
const isLocal = (text: string): boolean => text.includes('+')

export const zenmlVersion = z.string().transform((text, context) => {
  const version = normalise(text)
  if (version !== undefined && !isLocal(text)) return version
  const message =
    version === undefined
      ? `must be a version such as 0.98.0, not ${quoted(text)}`
      : `must be a release such as 0.98.0, not the local version ${quoted(text)}, which no package index has`
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

export interface VersionPlace {
  readonly from: string
  readonly path: string
}

/**
 * `which` says which key of the place is to blame; `message` completes the sentence "zenml.<which>
 * …".
 */
export type VersionFound =
  | { readonly version: string }
  | { readonly version: undefined; readonly which: 'from' | 'path'; readonly message: string }

/**
 * Reads the version that stands at a path of another YAML (or JSON) file, named relative to the
 * configuration file. `shownAs` is the name of the latter in messages.
 */
export async function readVersion(
  place: VersionPlace,
  configFile: string,
  shownAs: string,
  readFile: (path: string) => Promise<FileText>,
): Promise<VersionFound> {
  const wrong = (which: 'from' | 'path', message: string): VersionFound => ({
    version: undefined,
    which,
    message,
  })
  if (isAbsolute(place.from)) return wrong('from', 'must be relative to this file')
  const file = join(dirname(shownAs), place.from)
  const read = await readFile(join(dirname(configFile), place.from))
  if (read.text === undefined) return wrong('from', `names ${file}, which ${read.why}`)
  const parsed = parseYaml(read.text)
  if (parsed.document === undefined)
    return wrong(
      'from',
      `names ${file}, which cannot be read: ${parsed.problems.map(problemText).join('; ')}`,
    )

  const path = place.path.split('.')
  const value = valueAt(parsed.data, path)
  if (value === undefined)
    return wrong('path', `leads nowhere in ${file}: ${whereItEnds(parsed.data, path)}`)
  const line = `${file}:${parsed.document.line(path)}`
  if (typeof value !== 'string' && typeof value !== 'number')
    return wrong('path', `leads to something that is not a version, at ${line}`)
  // A version such as 1.10 is a number for YAML; as it is written it is still right.
  const text = typeof value === 'string' ? value : (parsed.document.source(path) ?? String(value))
  const version = normalise(text)
  if (version === undefined || isLocal(text))
    return wrong(
      'path',
      `leads to ${quoted(text)} at ${line}, which is not a release such as 0.98.0`,
    )
  return { version }
}

function whereItEnds(data: unknown, path: readonly string[]): string {
  let depth = path.length - 1
  while (depth > 0 && valueAt(data, path.slice(0, depth)) === undefined) depth -= 1
  const reached = depth === 0 ? 'the file' : quoted(path.slice(0, depth).join('.'))
  const value = valueAt(data, path.slice(0, depth))
  if (Array.isArray(value))
    return `${reached} is a list with ${value.length === 1 ? '1 entry' : `${value.length} entries`}, counted from 0`
  if (!isMapping(value)) return `${reached} holds no keys`
  const keys = Object.keys(value)
  return `${reached} has ${keys.length === 0 ? 'no keys' : `the keys ${keys.slice(0, 20).map(quoted).join(', ')}${keys.length > 20 ? ' and more' : ''}`}`
}
