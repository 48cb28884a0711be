import { ENVIRONMENTS, type Environment } from '../core/environments.ts'
import { promotionStatusName } from '../github/status.ts'
import { codeOf, DECIDE } from './config-text.ts'
import { backupKind, CHANGE } from './deploy-text.ts'
import type { Facts, Setup } from './facts.ts'
import { WORKFLOW_PATH, type NewFile } from './files.ts'
import { FORM_NEEDS } from './forms.ts'
import { OWN_FRONT } from './own-workflows.ts'
import { ruleset } from './ruleset.ts'
import { names } from './yaml-quote.ts'

/** The configuration and the workflow as they stand in the repository, whoever wrote them. */
interface Standing {
  readonly config?: NewFile | undefined
  readonly workflow?: NewFile | undefined
}

/**
 * What a person does on GitHub and in the files before the first push, in order; each with where to
 * click or what to type.
 */
export function toDo(facts: Facts, { config, workflow }: Standing): string[] {
  const { setup } = facts
  return [
    ...(config === undefined ? [] : [...markedLines(config), ...codeTasks(facts, config)]),
    ...(workflow === undefined ? [] : frontLines(setup, workflow)),
    needsLine(setup),
    ...ENVIRONMENTS.flatMap((environment) => secretTasks(facts, environment)),
    ...environmentTasks(setup),
    "Let the promotion pull request be opened: Settings → Actions → General → Allow GitHub Actions to create and approve pull requests, or gh api -X PUT 'repos/{owner}/{repo}/actions/permissions/workflow' -F can_approve_pull_request_reviews=true. The workflows of a pull request that GITHUB_TOKEN opened wait until a person chooses Approve workflows to run; a GitHub App (app-client-id and ZENML_UPGRADE_APP_KEY) needs neither",
    `Protect ${setup.base} with the required status ${promotionStatusName(setup.config)}, accepted from GitHub Actions only: Settings → Rules → Rulesets, or gh api -X POST 'repos/{owner}/{repo}/rulesets' --input - <<< '${JSON.stringify(ruleset(setup))}'`,
    ...machineTasks(setup),
    'Commit the files, with the scripts that they name',
    ...[setup.head, setup.base]
      .filter((branch) => !facts.branches.includes(branch))
      .map(
        (branch) =>
          `There is no branch ${branch}. Make it${branch === setup.base ? ', and the default branch' : ''}: git push origin HEAD:refs/heads/${branch}`,
      ),
  ]
}

/** The choices that the file leaves open; whoever made them took the line out of the file. */
function codeTasks(facts: Facts, { path, text }: NewFile): string[] {
  if (!text.includes(DECIDE)) return []
  return codeOf(facts).ambiguous.map(
    ({ pipeline, module, paths, snapshots }) =>
      `Choose the source of ${names([pipeline])} in ${path}, for ${names(snapshots.map(({ name }) => name))}: the module ${names([module])} is in ${names(paths)}. Until then it is not rebuilt, and the command fails for it`,
  )
}

function needsLine({ form }: Setup): string {
  const { plan, runners, keys } = FORM_NEEDS[form]
  return `Check what this form of the workflow needs: ${plan}; ${runners}. The keys are ${keys}`
}

/** A file that calls our workflows, beside the copies of them. */
function frontLines({ form }: Setup, { text }: NewFile): string[] {
  return form !== 'own-copy' || text.includes(`uses: ${OWN_FRONT}`)
    ? []
    : [`Use the copies: in ${WORKFLOW_PATH}, let the job use ${OWN_FRONT}`]
}

function secretTasks({ setup: { form }, ...facts }: Facts, environment: Environment): string[] {
  const where =
    form === 'called'
      ? { text: 'of the repository', flag: '' }
      : { text: `of the environment zenml-${environment}`, flag: ` --env zenml-${environment}` }
  const secrets = [
    ['API_KEY', `a service account of the ${environment} server`],
    ...(backupKind(facts[environment]) === 'mysql'
      ? [
          [
            'DATABASE_URL',
            `mysql://user:…@host/database of the ${environment} server, for its backup`,
          ],
        ]
      : []),
  ].map(([name = '', what = '']) => [`ZENML_${environment.toUpperCase()}_${name}`, what] as const)
  return [
    ...(form === 'called'
      ? []
      : [
          `Make the environment zenml-${environment}: Settings → Environments → New environment, or gh api -X PUT 'repos/{owner}/{repo}/environments/zenml-${environment}'`,
        ]),
    ...secrets.map(
      ([secret, what]) =>
        `Set the secret ${secret} ${where.text} (${what}): gh secret set ${secret}${where.flag}`,
    ),
  ]
}

/** Who may use the environments, and who approves. */
function environmentTasks({ form, head, base }: Setup): string[] {
  const branches = `Let the branches ${head} and ${base} use the environment zenml-staging, and only ${base} zenml-production: Settings → Environments → Deployment branches`
  if (form === 'composites')
    return [
      branches,
      'To have a person approve production before the gate: give zenml-production required reviewers, under Settings → Environments',
    ]
  return [
    ...(form === 'called' ? [] : [branches]),
    `To have a person approve production: make the environment zenml-production-approval, for the branch ${base} only, and give it required reviewers, under Settings → Environments. Give zenml-production none: GitHub would ask for each of its jobs, and a run that waits for them keeps the next ones waiting`,
  ]
}

function machineTasks({ form }: Setup): string[] {
  const more =
    'Where your deploy commands or your code need more than these: ZENML_STAGING_ENV and ZENML_PRODUCTION_ENV hold dotenv lines for deploying and backing up, ZENML_STAGING_SOURCES_ENV and ZENML_PRODUCTION_SOURCES_ENV those for pipeline code'
  const backups = "Backups on a path need a runner of yours that keeps it; GitHub's own are refused"
  switch (form) {
    case 'called':
      return [
        `${more}; .github/actions/zenml-upgrade-setup/action.yml runs first in the jobs that upgrade and rebuild`,
        `${backups}, and this form cannot use yours: run init --own-workflows true for that`,
      ]
    case 'own-copy':
      return [
        `${more}; .github/actions/zenml-upgrade-setup/action.yml runs first in the jobs that upgrade and rebuild`,
        `${backups}. In ${WORKFLOW_PATH}, under uses: with: { runs-on: '["self-hosted", "zenml"]' }`,
      ]
    case 'composites':
      return [`${backups}. In ${WORKFLOW_PATH}: runs-on, in each job`]
  }
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
