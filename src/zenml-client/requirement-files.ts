import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { satisfies } from '@renovatebot/pep440'
import { Stop } from '../core/stop.ts'
import { isLockFile, readLockFile } from './lock-files.ts'
import { projectDependencies } from './pyproject.ts'
import type { UvCall } from './run-uv.ts'

export interface RequirementFile {
  readonly path: string
  /** The text of the file; of a lock file, its packages as requirement lines. */
  readonly content: string
}

export interface ZenmlRequirement {
  /** As it stands in the file. */
  readonly line: string
  readonly path: string
  readonly extras: readonly string[]
  /** False when it excludes the version; true also for a plain `zenml`. */
  readonly allows: boolean
}

/**
 * Reads the files and all that they include by `-r` and `-c`; lock files as requirement lines where
 * uv is given.
 * @throws Stop `preflight-failed` for a file that cannot be read
 */
export async function readRequirementFiles(
  paths: readonly string[],
  call?: UvCall,
): Promise<RequirementFile[]> {
  const files = new Map<string, RequirementFile>()
  const queue = [...paths]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (files.has(path) || /^https?:/.test(path)) continue
    const isLock = call !== undefined && isLockFile(path)
    const content = isLock ? await readLockFile(path, call) : await textOf(path)
    files.set(path, { path, content })
    if (isLock || path.endsWith('.toml')) continue
    for (const [, included] of content.matchAll(
      /^\s*(?:-r|-c|--requirement|--constraint)[\s=]\s*([^\s#]+)/gm,
    )) {
      if (included !== undefined) queue.push(resolve(dirname(path), included))
    }
  }
  return [...files.values()]
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Stop('preflight-failed', `The requirements file ${path} cannot be read.`, {
      next: 'Correct `install.requirements` of the source; paths are relative to its `path`.',
      cause,
    })
  })
}

/** Every line that asks for ZenML itself, judged against the version that will be installed. */
export function zenmlRequirements(
  files: readonly RequirementFile[],
  version: string,
): ZenmlRequirement[] {
  return files.flatMap(({ path, content }) =>
    requirementLines(path, content).flatMap((text): ZenmlRequirement[] => {
      const match = /^\s*zenml\s*(?:\[([^\]]*)\])?\s*(.*)$/i.exec(
        text
          .replace(/(?:^|\s)#.*$/, '')
          .replace(/\s--hash.*$/, '')
          .replace(/\\$/, ''),
      )
      if (match === null) return []
      const [, extras, rest] = match
      const specifier = (rest?.split(';')[0] ?? '').trim().replace(/^\((.*)\)$/, '$1')
      // Another name that begins alike, such as `zenml-extension`.
      if (specifier !== '' && !/^[=<>!~@]/.test(specifier)) return []
      return [
        {
          line: text.trim().replace(/\s*\\$/, ''),
          path,
          extras: words(extras),
          allows: specifier === '' || (!specifier.startsWith('@') && allows(version, specifier)),
        },
      ]
    }),
  )
}

function requirementLines(path: string, content: string): string[] {
  return basename(path) === 'pyproject.toml' ? projectDependencies(content) : content.split('\n')
}

function allows(version: string, specifier: string): boolean {
  return satisfies(version, specifier.replace(/\s+/g, ''), { prereleases: true })
}

function words(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

/** Makes the requirement line of one ZenML, with the extras that others ask for and `more`. */
export function zenmlLine(
  version: string,
  asked: readonly ZenmlRequirement[],
  more: readonly string[] = [],
): string {
  const extras = [...new Set([...more, ...asked.flatMap((pin) => pin.extras)])].sort()
  return `zenml${extras.length === 0 ? '' : `[${extras.join(',')}]`}==${version}`
}
