import { ENVIRONMENTS } from '../core/environments.ts'
import { promotionStatusName } from '../github/status.ts'
import { DEFAULT_CONFIG } from '../inputs/inputs.ts'
import { backupKind, CHANGE } from './deploy-text.ts'
import type { Facts } from './facts.ts'
import type { NewFile } from './files.ts'

/** The branch that deploys to each environment. */
const BRANCHES = { staging: 'staging', production: 'main' } as const

/** What `init` writes is the default file. */
const PROMOTION_STATUS = promotionStatusName(DEFAULT_CONFIG)

/**
 * A ruleset on top of what protects the branch already: pull requests only, and only with a green
 * staging.
 */
export const RULESET = {
  name: 'zenml-upgrade',
  target: 'branch',
  enforcement: 'active',
  conditions: { ref_name: { include: [`refs/heads/${BRANCHES.production}`], exclude: [] } },
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
        required_status_checks: [{ context: PROMOTION_STATUS }],
      },
    },
  ],
} as const

/**
 * What a person does on GitHub and in the files before the first push, in order; each with where to
 * click or what to type. `config` is the configuration as it stands in the repository, whoever
 * wrote it.
 */
export function toDo(facts: Facts, config: NewFile | undefined): string[] {
  return [
    ...(config === undefined ? [] : markedLines(config)),
    ...ENVIRONMENTS.flatMap((environment) => environmentTasks(facts, environment)),
    'Let the staging branch and main use the environment zenml-staging, and only main zenml-production: Settings → Environments → Deployment branches',
    "Let the promotion pull request be opened: Settings → Actions → General → Allow GitHub Actions to create and approve pull requests, or gh api -X PUT 'repos/{owner}/{repo}/actions/permissions/workflow' -F can_approve_pull_request_reviews=true",
    `Protect main with the required status ${PROMOTION_STATUS}: Settings → Rules → Rulesets, or gh api -X POST 'repos/{owner}/{repo}/rulesets' --input - <<< '${JSON.stringify(RULESET)}'`,
    'Where your deploy commands or your code need more than these: ZENML_UPGRADE_ENV holds dotenv lines, and .github/actions/zenml-upgrade-setup/action.yml runs first in the jobs that upgrade and rebuild',
    'Backups on a path need a runner of yours that keeps it; GitHub\'s own are refused. In the workflow, under plan, staging and production: with: { runs-on: \'["self-hosted", "zenml"]\' }',
    'Commit the files, with the scripts that they name',
    ...ENVIRONMENTS.map((environment) => BRANCHES[environment])
      .filter((branch) => !facts.branches.includes(branch))
      .map(
        (branch) =>
          `There is no branch ${branch}. Make it${branch === 'main' ? ', and the default branch' : ''}: git push origin HEAD:refs/heads/${branch}`,
      ),
  ]
}

function environmentTasks(facts: Facts, environment: 'staging' | 'production'): string[] {
  const name = `zenml-${environment}`
  const server = facts[environment]
  const secrets = [
    ['ZENML_STORE_API_KEY', 'a service account of this server'],
    ...(backupKind(server) === 'mysql'
      ? [['ZENML_DATABASE_URL', 'mysql://user:…@host/database of this server, for its backup']]
      : []),
  ]
  return [
    `Make the environment ${name}: Settings → Environments → New environment, or gh api -X PUT 'repos/{owner}/{repo}/environments/${name}'`,
    ...secrets.map(
      ([secret, what]) =>
        `Set its secret ${secret ?? ''} (${what ?? ''}): gh secret set ${secret ?? ''} --env ${name}`,
    ),
  ]
}

/**
 * Lines of the file that only its owner can complete, each as a place that editors and terminals
 * open.
 */
function markedLines({ path, text }: NewFile): string[] {
  const places = text
    .split('\n')
    .flatMap((line, index) => (line.includes(`${CHANGE}:`) ? [`${path}:${index + 1}`] : []))
  return places.length === 0 ? [] : [`Complete what is marked "${CHANGE}": ${places.join(', ')}`]
}
