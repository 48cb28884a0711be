import { readFile, stat } from 'node:fs/promises'
import { LARGEST_FILE_BYTES } from './yaml-text.ts'

/** `why` completes the sentence "<file> …". */
export type FileText =
  | { readonly text: string }
  | {
      readonly text: undefined
      readonly why: string
      readonly missing: boolean
      readonly cause?: unknown
    }

/**
 * Reads a small UTF-8 file. Never throws: that a file is not readable is a problem to report, with
 * others.
 */
export async function readTextFile(path: string): Promise<FileText> {
  const unreadable = (why: string, cause?: unknown): FileText => ({
    text: undefined,
    why,
    missing: false,
    cause,
  })
  try {
    const found = await stat(path)
    if (!found.isFile())
      return unreadable(found.isDirectory() ? 'is a directory, not a file' : 'is not a file')
    if (found.size > LARGEST_FILE_BYTES)
      return unreadable(`is larger than ${LARGEST_FILE_BYTES / 1024} KiB`)
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)) }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error'
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return unreadable('is not UTF-8 text', cause)
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return { text: undefined, why: 'does not exist', missing: true, cause }
    return unreadable(`cannot be read (${code})`, cause)
  }
}
