import { promotionStatusName } from '../github/status.ts'
import type { Setup } from './facts.ts'

/** The app of GitHub Actions, whose token writes the status; no other may say that it is green. */
const GITHUB_ACTIONS_APP = 15_368

/**
 * A ruleset for the branch of production, on top of what protects it already: pull requests only,
 * and only with a green staging.
 */
export function ruleset({ base, config }: Pick<Setup, 'base' | 'config'>) {
  return {
    name: 'zenml-upgrade',
    target: 'branch',
    enforcement: 'active',
    conditions: { ref_name: { include: [`refs/heads/${base}`], exclude: [] } },
    rules: [
      {
        type: 'pull_request',
        parameters: {
          required_approving_review_count: 0,
          dismiss_stale_reviews_on_push: false,
          require_code_owner_review: false,
          require_last_push_approval: false,
          required_review_thread_resolution: false,
        },
      },
      {
        type: 'required_status_checks',
        parameters: {
          strict_required_status_checks_policy: false,
          required_status_checks: [
            { context: promotionStatusName(config), integration_id: GITHUB_ACTIONS_APP },
          ],
        },
      },
    ],
  } as const
}
