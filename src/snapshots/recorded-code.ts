import { posix } from 'node:path'
import type { Config } from '../config/schema.ts'
import { isFullCommit } from '../git/remote-git.ts'
import type { MissingCode, RecordedCode } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { matches } from './patterns.ts'

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

/**
 * Tells whether a repository may have the code of a snapshot with `code: recorded`: one of its
 * sources is named by a pattern for it, or no pattern names any source. Pure.
 */
export function mayHoldRecorded(
  repository: string,
  { sources, snapshots }: Pick<Config, 'sources' | 'snapshots'>,
): boolean {
  const possible = sources.filter((source) => source.snapshots?.length !== 0)
  return snapshots
    .filter(({ code }) => code === 'recorded')
    .some(({ name, pipeline = '', project = '' }) => {
      const named = possible.filter((source) =>
        source.snapshots?.some((pattern) => matches(pattern, { name, pipeline, project })),
      )
      return (named.length > 0 ? named : possible).some((one) => one.repository === repository)
    })
}

/** Whether a path leads out of the directory that it is relative to. Pure. */
function isOutside(path: string): boolean {
  return posix.normalize(`./${path}`).split('/')[0] === '..'
}
