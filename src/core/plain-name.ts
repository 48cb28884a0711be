import { createHash } from 'node:crypto'

/** File systems allow 255 bytes; this leaves room for an ending, a directory's number, a UUID. */
const READABLE_LENGTH = 100
const DIGEST_LENGTH = 12

/**
 * Spells a name in lower-case ASCII letters, digits, `_`, `-` and `.`, in at most 113 bytes, so that
 * it can be part of a file's or a run's name. A name that is spelled so already is kept;
 * every other one ends with a digest of the original, so that no two names have the same spelling,
 * also where a file system ignores case.
 */
export function plainName(name: string): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]+/g, '_')
    .replace(/^[.-]+/, '_')
    .slice(0, READABLE_LENGTH)
  if (readable === name && name !== '' && !ENDS_LIKE_ONE_OF_OURS.test(name)) return name
  return `${readable}-${createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH)}`
}

const ENDS_LIKE_ONE_OF_OURS = new RegExp(`-[0-9a-f]{${DIGEST_LENGTH}}$`)
