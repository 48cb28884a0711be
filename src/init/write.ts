import { appendFile, lstat, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { InitDetails } from '../result/init.ts'
import { Stop } from '../core/stop.ts'
import { diffTo } from '../git/diff.ts'
import type { NewFile } from './files.ts'
import { missingIgnores } from './ignore-text.ts'
import { isUnedited } from './own-workflows.ts'

export type WrittenFile = InitDetails['files'][number]

/** What a person is shown of the work. */
interface Show {
  /** A file that a dry run would write, with its text. */
  readonly planned: (path: string, text: string) => void
  /** How a file that is there differs from what init writes, as lines of a unified diff. */
  readonly difference: (path: string, lines: readonly string[]) => void
}

interface Place {
  readonly folder: string
  readonly dryRun: boolean
  readonly show: Show
}

export interface Written {
  readonly files: readonly WrittenFile[]
  /** Generated files that a person edited, and that init would write differently. */
  readonly edited: readonly string[]
}

const IGNORE_FILE = '.gitignore'

/**
 * Writes what is not there yet, writes generated files again that no person edited, and adds what
 * `.gitignore` lacks. A dry run only shows it.
 */
export async function writeFiles(files: readonly NewFile[], place: Place): Promise<Written> {
  const written: WrittenFile[] = []
  const edited: string[] = []
  for (const file of files) {
    const there = await isThere(join(place.folder, file.path))
    const action = !there
      ? await create(file, place)
      : file.generated === true
        ? await update(file, place)
        : 'kept'
    written.push({ path: file.path, action: action === 'edited' ? 'kept' : action })
    if (action === 'edited') edited.push(file.path)
  }
  return { files: [...written, await ignoreRunFolders(place)], edited }
}

/**
 * The file as it stands in the repository: what was there already, else what init makes. A folder
 * or a link that leads nowhere has no text.
 */
export async function asItStands(folder: string, made: NewFile): Promise<NewFile | undefined> {
  if (!(await isThere(join(folder, made.path)))) return made
  const text = await readFile(join(folder, made.path), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : { path: made.path, text }
}

/** Also a link that leads nowhere. */
function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  )
}

async function create(
  { path, text }: NewFile,
  { folder, dryRun, show }: Place,
): Promise<'planned' | 'written'> {
  if (dryRun) {
    show.planned(path, text)
    return 'planned'
  }
  const file = join(folder, path)
  try {
    await mkdir(dirname(file), { recursive: true })
    // Exclusive: what appeared since it was looked for is not overwritten either.
    await writeFile(file, text, { flag: 'wx' })
    return 'written'
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

async function update(
  { path, text }: NewFile,
  { folder, dryRun, show }: Place,
): Promise<'kept' | 'edited' | 'planned' | 'rewritten'> {
  const file = join(folder, path)
  try {
    const before = await readFile(file, 'utf8')
    // A checkout on Windows may have other line ends; they are no difference.
    if (before.replaceAll('\r\n', '\n') === text) return 'kept'
    show.difference(path, await diffTo(file, text))
    if (!isUnedited(before)) return 'edited'
    if (dryRun) return 'planned'
    await writeFile(file, text)
    return 'rewritten'
  } catch (error) {
    if (error instanceof Stop) throw error
    throw cannotWrite(path, error)
  }
}

/** The only file that is added to; nothing that stands there is changed. */
async function ignoreRunFolders({ folder, dryRun, show }: Place): Promise<WrittenFile> {
  const file = join(folder, IGNORE_FILE)
  try {
    const missing = missingIgnores((await isThere(file)) ? await readFile(file, 'utf8') : '')
    if (missing === '') return { path: IGNORE_FILE, action: 'kept' }
    if (dryRun) {
      show.planned(`${IGNORE_FILE} (appended)`, missing)
      return { path: IGNORE_FILE, action: 'planned' }
    }
    await appendFile(file, missing)
    return { path: IGNORE_FILE, action: 'appended' }
  } catch (error) {
    throw cannotWrite(IGNORE_FILE, error)
  }
}

function cannotWrite(path: string, error: unknown): Stop {
  return new Stop('invalid-input', `${path} cannot be written: ${(error as Error).message}`, {
    next: 'Make room for it and run init again: it writes what is still missing.',
    cause: error,
  })
}
