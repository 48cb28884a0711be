import { writeFile } from 'node:fs/promises'
import { packageName } from './package-name.ts'
import type { RequirementFile } from './requirement-files.ts'

const PIN = /^([\w.-]+)\s*(?:\[[^\]]*\])?\s*==\s*([^\s;]+)/

/**
 * Writes lock files as uv resolves them together with another ZenML than they lock: their packages
 * without versions into `names`, and their versions into `preferred`, which uv keeps wherever ZenML
 * does not need others.
 */
export async function writeLocked(
  locks: readonly RequirementFile[],
  { names, preferred }: { readonly names: string; readonly preferred: string },
): Promise<void> {
  const lines = linesOf(locks)
  await writeFile(names, lines.map((line) => `${withoutVersion(line)}\n`).join(''))
  await writeFile(preferred, lines.map((line) => `${line}\n`).join(''))
}

function withoutVersion(line: string): string {
  return line.replace(/==[^\s;]+/, '')
}

function linesOf(locks: readonly RequirementFile[]): string[] {
  return locks.flatMap(({ content }) => content.split('\n').filter((line) => line.trim() !== ''))
}

/** The locked versions that `resolved` does not have, as `name 1.43.0 (locked: 1.38.0)`. */
export function releasedVersions(locks: readonly RequirementFile[], resolved: string): string[] {
  const locked = versionsByName(linesOf(locks))
  return [...versionsByName(resolved.split('\n'))].flatMap(([name, [version = '']]) => {
    const before = locked.get(name)
    if (name === 'zenml' || before === undefined || before.includes(version)) return []
    return [`${name} ${version} (locked: ${before.join(' or ')})`]
  })
}

/** A lock file may have several versions of a package, each with its marker. */
function versionsByName(lines: readonly string[]): Map<string, string[]> {
  const versions = new Map<string, string[]>()
  for (const line of lines) {
    const [, name, version] = PIN.exec(line) ?? []
    if (name === undefined || version === undefined) continue
    const key = packageName(name)
    versions.set(key, [...(versions.get(key) ?? []), version])
  }
  return versions
}
