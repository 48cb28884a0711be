import { access, constants, stat } from 'node:fs/promises'
import { resolve } from 'node:path'

/** The file that a shell command begins with. */
export interface NamedScript {
  readonly path: string
  /** The shell starts it itself, so it has to be executable; else an interpreter reads it. */
  readonly started: boolean
  /** Bash looks on PATH for what is not in the folder. */
  readonly onPath: boolean
}

/** A word that means itself in every shell: no quotes, variables, patterns or assignments. */
const PLAIN = String.raw`[\w./][\w./+@:,-]*`
const FIRST_WORDS = new RegExp(String.raw`^\s*(${PLAIN})(?:[ \t]+(${PLAIN}))?(?=[\s;&|<>]|$)`)
const SHELLS = ['bash', 'sh']
const PYTHONS = ['python3', 'python']

/** What the first words of a command name; undefined where only the shell can tell. Pure. */
export function namedScript(command: string): NamedScript | undefined {
  // Whoever writes an alternative expects that the first choice may be missing.
  if (command.includes('||')) return undefined
  const [, first, second] = FIRST_WORDS.exec(command) ?? []
  if (first === undefined) return undefined
  if (second !== undefined && [...SHELLS, ...PYTHONS].includes(first))
    return { path: second, started: false, onPath: SHELLS.includes(first) && !second.includes('/') }
  return first.includes('/') ? { path: first, started: true, onPath: false } : undefined
}

export interface ScriptProblem {
  readonly message: string
  readonly next: string
}

/**
 * Why the file that a command begins with cannot be run from this folder; undefined where it can,
 * or nobody can tell before the shell does.
 */
export async function scriptProblem(
  command: string,
  folder: string,
  path: string | undefined,
): Promise<ScriptProblem | undefined> {
  const script = namedScript(command)
  if (script === undefined) return undefined
  const places = [folder, ...(script.onPath ? (path ?? '').split(':') : [])]
  const found = await Promise.all(
    places.map((place) => stat(resolve(place, script.path)).catch(() => undefined)),
  )
  const [index] = found.flatMap((entry, at) => (entry === undefined ? [] : [at]))
  if (index === undefined)
    return {
      message: `${script.path} does not exist; looked for it as ${resolve(folder, script.path)}`,
      next: 'Commit it, or correct its path in the file; paths start at the root of the repository.',
    }
  if (!script.started) return undefined
  if (found[index]?.isDirectory() === true)
    return { message: `${script.path} is a folder`, next: 'Name the script in it.' }
  return access(resolve(folder, script.path), constants.X_OK).then(
    () => undefined,
    () => ({
      message: `${script.path} is not executable`,
      next: `chmod +x ${script.path}, and commit that: git add --chmod=+x ${script.path}`,
    }),
  )
}
