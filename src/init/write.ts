import { appendFile, lstat, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { InitDetails } from '../result/init.ts'
import { Stop } from '../core/stop.ts'
import type { NewFile } from './files.ts'
import { missingIgnores } from './ignore-text.ts'

export type WrittenFile = InitDetails['files'][number]

const IGNORE_FILE = '.gitignore'

/**
 * Writes what is not there yet and adds what `.gitignore` lacks. With `show` nothing is written,
 * only shown.
 */
export async function writeFiles(
  folder: string,
  files: readonly NewFile[],
  show: ((path: string, text: string) => void) | undefined,
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = []
  for (const { path, text } of files) {
    if (await isThere(join(folder, path))) written.push({ path, action: 'kept' })
    else if (show !== undefined) {
      show(path, text)
      written.push({ path, action: 'planned' })
    } else {
      await create(folder, { path, text })
      written.push({ path, action: 'written' })
    }
  }
  return [...written, await ignoreRunFolders(folder, show)]
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

async function create(folder: string, { path, text }: NewFile): Promise<void> {
  const file = join(folder, path)
  try {
    await mkdir(dirname(file), { recursive: true })
    // Exclusive: what appeared since it was looked for is not overwritten either.
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

/** The only file that is added to; nothing that stands there is changed. */
async function ignoreRunFolders(
  folder: string,
  show: ((path: string, text: string) => void) | undefined,
): Promise<WrittenFile> {
  const file = join(folder, IGNORE_FILE)
  try {
    const missing = missingIgnores((await isThere(file)) ? await readFile(file, 'utf8') : '')
    if (missing === '') return { path: IGNORE_FILE, action: 'kept' }
    if (show !== undefined) {
      show(`${IGNORE_FILE} (appended)`, missing)
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
