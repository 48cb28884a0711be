import { plural } from '../core/text.ts'
import { shellLine } from '../core/shell-words.ts'

/** How the two branches stand to each other, as a comparison by GitHub or Git tells. */
export interface Branches {
  readonly head: string
  readonly base: string
  readonly treesEqual: boolean
  /** Commits that only the head has, and that only the base has. */
  readonly headOnly: number
  readonly baseOnly: number
  /**
   * Whether merging the base into the head would change files of the head; null when that is not
   * known.
   */
  readonly baseBringsContent: boolean | null
}

export interface BackMerge {
  readonly why: string
  /** Command lines that a person can copy. */
  readonly commands: readonly string[]
}

/** What to do about commits that only the base has; undefined when there are none. */
export function backMerge({
  head,
  base,
  treesEqual,
  baseOnly,
  baseBringsContent,
}: Branches): BackMerge | undefined {
  if (baseOnly === 0) return undefined
  const commits = `\`${base}\` has ${plural(baseOnly, 'commit')} that \`${head}\` has not`
  const why =
    treesEqual || baseBringsContent === false
      ? `${commits}, without other content: a squash or rebase leaves that. Merge \`${base}\` back, or the next pull request shows old commits again and may conflict.`
      : `${commits}, for example a hotfix. A merge would give \`${base}\` content that was never tested: merge \`${base}\` back first, so that \`${head}\` is tested with it.`
  return {
    why,
    commands: [
      shellLine(['git', 'fetch', 'origin']),
      shellLine(['git', 'switch', head]),
      shellLine(['git', 'merge', '--ff-only', `origin/${head}`]),
      shellLine(['git', 'merge', '--no-edit', `origin/${base}`]),
      shellLine(['git', 'push', 'origin', head]),
    ],
  }
}
