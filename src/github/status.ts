import { isDefaultConfig, normalConfigPath } from '../inputs/config-path.ts'
import { withoutKeys } from '../runtime/secrets.ts'
import type { Github } from './client.ts'
import { orWarning, type GithubWarning } from './errors.ts'

/**
 * Gives the name under which a branch rule can require the status: one for each configuration file.
 */
export function promotionStatusName(config: string): string {
  const name = 'zenml-upgrade/promotion'
  return isDefaultConfig(config) ? name : `${name}: ${normalConfigPath(config)}`
}

export interface CommitStatus {
  /** Path of the configuration file. */
  readonly config: string
  readonly sha: string
  readonly state: 'success' | 'pending' | 'failure' | 'error'
  /** At most 140 characters are kept. */
  readonly description: string
  readonly targetUrl?: string | undefined
  /**
   * Asks first, and writes only what is new: GitHub takes 1,000 statuses of one name for a commit,
   * and a schedule writes often.
   */
  readonly onlyIfNew?: boolean
  /** Leaves any that stands there. */
  readonly onlyIfNone?: boolean
}

/**
 * Says at a commit whether it may go to production, for branch rules and merge queues. A refusal is
 * a warning.
 */
export async function setPromotionStatus(
  github: Github,
  {
    config,
    sha,
    state,
    description,
    targetUrl,
    onlyIfNew = false,
    onlyIfNone = false,
  }: CommitStatus,
): Promise<GithubWarning | undefined> {
  const name = promotionStatusName(config)
  const text = shortened(withoutKeys(description, 'the commit status'))
  const done = await orWarning(
    `the status ${name} of commit ${sha.slice(0, 8)} was not written`,
    async () => {
      if (onlyIfNew || onlyIfNone) {
        const { data } = await github.octokit.rest.repos.getCombinedStatusForRef({
          ...github.repo,
          ref: sha,
          per_page: 100,
        })
        const now = data.statuses.find(({ context }) => context === name)
        if (now !== undefined && (onlyIfNone || (now.state === state && now.description === text)))
          return
      }
      await github.octokit.rest.repos.createCommitStatus({
        ...github.repo,
        sha,
        state,
        context: name,
        description: text,
        ...(targetUrl === undefined ? {} : { target_url: targetUrl }),
      })
    },
  )
  return 'warning' in done ? done.warning : undefined
}

function shortened(text: string): string {
  return text.length <= 140 ? text : `${text.slice(0, 139)}…`
}
