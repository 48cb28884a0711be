import { posix } from 'node:path'

/** The requirements file that init proposes for a source. */
export interface ProposedRequirements {
  /** Relative to the source root. */
  readonly file: string
  /** Why this one, where it is not the plain `requirements.txt` of the source root. */
  readonly why: string | null
}

const LOCK_FILES = ['uv.lock', 'poetry.lock', 'pylock.toml']
/** Files for other ends than running the code. */
const SIDE = /dev|test|doc|lint|ci\b/

/**
 * Chooses the requirements of a source: those of the nearest folder that has some, from the source
 * root up to the root of the repository; in one folder a lock file first. `projectFiles` are the
 * `pyproject.toml` files that name dependencies.
 */
export function proposeRequirements(
  path: string,
  {
    files,
    projectFiles,
  }: { readonly files: readonly string[]; readonly projectFiles: readonly string[] },
): ProposedRequirements | null {
  for (const folder of foldersUp(path)) {
    const name = bestOf(
      files.filter((file) => posix.dirname(file) === folder).map((file) => posix.basename(file)),
      projectFiles.includes(posix.join(folder, 'pyproject.toml')),
    )
    if (name !== undefined)
      return {
        file: posix.relative(path, posix.join(folder, name)),
        why: reason(name, folder === posix.normalize(path)),
      }
  }
  return null
}

function foldersUp(path: string): string[] {
  const folder = posix.normalize(path)
  return folder === '.' ? ['.'] : [folder, ...foldersUp(posix.dirname(folder))]
}

function bestOf(names: readonly string[], hasProject: boolean): string | undefined {
  const known = [...LOCK_FILES, 'requirements.txt'].find((name) => names.includes(name))
  if (known !== undefined) return known
  if (hasProject) return 'pyproject.toml'
  return names
    .filter((name) => /^requirements[\w.-]*\.txt$/.test(name) && !SIDE.test(name))
    .sort()[0]
}

function reason(name: string, isInRoot: boolean): string | null {
  const place = isInRoot ? '' : ', the nearest above it'
  if (LOCK_FILES.includes(name)) return `${name} has exact versions${place}`
  if (name === 'pyproject.toml') return `the dependencies of the project${place}`
  return isInRoot && name === 'requirements.txt' ? null : `the nearest requirements`
}
