import { posix } from 'node:path'
import { isFullCommit } from '../git/remote-git.ts'
import type { MissingCode, RecordedCode } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'

/**
 * The code that a snapshot with `code: recorded` is rebuilt from; undefined for the code of the
 * branch. Pure.
 */
export function recordedCode({
  snapshot,
  declaration,
}: Pick<SelectedSnapshot, 'snapshot' | 'declaration'>): RecordedCode | MissingCode | undefined {
  if (declaration?.code !== 'recorded') return undefined
  const reference = snapshot.record.resources.code_reference?.body
  if (reference == null)
    return {
      message: 'It has no code reference, so the commit that it was made from is not known.',
      next: 'Set `code: branch` for it. A snapshot gets a code reference when it is made from a clean checkout of a pushed commit, with the repository registered as a code repository.',
    }
  const { commit, subdirectory } = reference
  if (!isFullCommit(commit))
    return {
      message: `Its code reference names ${JSON.stringify(commit)}, which is no full id of a commit.`,
      next: 'Set `code: branch` for it.',
    }
  if (isOutside(subdirectory))
    return {
      message: `Its code reference names the directory ${JSON.stringify(subdirectory)}, which is outside its repository.`,
      next: 'Set `code: branch` for it.',
    }
  return { commit, subdirectory }
}

/** Whether a path leads out of the directory that it is relative to. Pure. */
function isOutside(path: string): boolean {
  return posix.normalize(`./${path}`).split('/')[0] === '..'
}
