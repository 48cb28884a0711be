import type { Github } from './client.ts'
import { GithubError } from './errors.ts'

export interface BranchTip {
  readonly sha: string
  /** Git's id of the whole content: two commits with the same one hold the same files. */
  readonly tree: string
}

/** Where a branch points now; undefined when there is no such branch. @throws GithubError */
export async function branchTip(github: Github, branch: string): Promise<BranchTip | undefined> {
  try {
    const { data } = await github.octokit.rest.repos.getBranch({ ...github.repo, branch })
    return { sha: data.commit.sha, tree: data.commit.commit.tree.sha }
  } catch (error) {
    if (error instanceof GithubError && error.problem === 'not-found') return undefined
    throw error
  }
}

export interface BranchComparison {
  readonly head: BranchTip
  readonly base: BranchTip
  /** The same files on both. */
  readonly sameContent: boolean
  /** Commits of the head that the base does not have. */
  readonly ahead: number
  /**
   * Commits of the base that the head does not have; the merge commits of promotions are among
   * them.
   */
  readonly behind: number
  /**
   * The base holds content that the head's history does not: a hotfix, or a promotion that was
   * squashed or rebased. Until the base is merged back into the head, every promotion shows the
   * same changes again and may conflict.
   */
  readonly baseHasOwn: boolean
}

/**
 * Compares the two long-lived branches; undefined when one of them does not exist. One request
 * where the tip of the head is known, else two. @throws GithubError
 */
export async function compareBranches(
  github: Github,
  {
    head,
    base,
    known,
  }: { readonly head: string; readonly base: string; readonly known?: BranchTip | undefined },
): Promise<BranchComparison | undefined> {
  const tip = known ?? (await branchTip(github, head))
  if (tip === undefined) return undefined
  try {
    // The commit and not the branch, so that both requests speak of the same. The second page
    // leaves out the changed files, which can be megabytes.
    const { data } = await github.octokit.rest.repos.compareCommitsWithBasehead({
      ...github.repo,
      basehead: `${encodeURIComponent(base)}...${tip.sha}`,
      per_page: 1,
      page: 2,
    })
    const tree = data.base_commit.commit.tree.sha
    return {
      head: tip,
      base: { sha: data.base_commit.sha, tree },
      sameContent: tree === tip.tree,
      ahead: data.ahead_by,
      behind: data.behind_by,
      baseHasOwn: data.behind_by > 0 && tree !== data.merge_base_commit.commit.tree.sha,
    }
  } catch (error) {
    // 404 also when the two have no common history.
    if (error instanceof GithubError && error.problem === 'not-found') return undefined
    throw error
  }
}
