import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** What a file takes at most, in characters: less than the free disk of a hosted runner. */
const LARGEST = 1_000_000_000
const BUFFER = 64_000

export interface LineFile {
  readonly add: (line: string) => void
  /** Writes what was added since the last time. */
  readonly flush: () => void
  /** Why the file is not complete, or undefined. */
  readonly close: () => Error | undefined
}

/**
 * Opens a file for lines. Never throws: a full disk must not end the command whose output it takes.
 * Writes at once, so that a flood waits for the disk and not in memory.
 */
export function openLineFile(path: string): LineFile {
  let file: number | undefined
  let problem: Error | undefined
  let buffer = ''
  let size = 0
  const attempt = (work: () => void) => {
    if (problem !== undefined) return
    try {
      work()
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error))
    }
  }
  attempt(() => {
    mkdirSync(dirname(path), { recursive: true })
    file = openSync(path, 'a', 0o600)
  })
  const flush = () => {
    attempt(() => {
      if (file !== undefined && buffer !== '') writeSync(file, buffer)
    })
    buffer = ''
  }
  return {
    flush,
    add: (line) => {
      size += line.length + 1
      if (size > LARGEST) problem ??= new Error(`it is longer than ${LARGEST / 1e9} GB`)
      buffer += `${line}\n`
      if (buffer.length > BUFFER) flush()
    },
    close: () => {
      flush()
      if (file !== undefined) closeSync(file)
      file = undefined
      return problem
    },
  }
}
