import called from '../../examples/workflow/zenml-upgrade.yml'
import composites from '../../examples/workflow/zenml-upgrade-composites.yml'
import type { Release } from '../core/release.ts'
import type { Setup } from './facts.ts'
import { OWN_FRONT } from './own-workflows.ts'
import { scalar } from './yaml-quote.ts'

/** What inputs and triggers have when no input of init says otherwise; the examples have it. */
const DEFAULTS = { head: 'staging', base: 'main', config: 'zenml-upgrade.yml' } as const

/**
 * The text of the user's own workflow file: the example of the form, with the release, the
 * branches, and the configuration file of this repository. `repository` is the slug of
 * zenml-upgrade.
 */
export function userWorkflow(setup: Setup, repository: string): string {
  if (setup.form === 'composites')
    return inSteps(withBranches(atRelease(composites, repository, setup.release), setup), setup)
  const text = withBranches(called, setup)
  const inputs = Object.entries(DEFAULTS)
    .filter(([name, value]) => setup[name as keyof typeof DEFAULTS] !== value)
    .map(([name]) => `${name}: ${scalar(setup[name as keyof typeof DEFAULTS])}`)
  const given = inputs.length === 0 ? '' : `\n    with: { ${inputs.join(', ')} }`
  return setup.form === 'called'
    ? atRelease(text, repository, setup.release).replace(/^ {4}uses: .*$/m, `$&${given}`)
    : text.replace(/^( {4}uses: ).*$/m, `$1${OWN_FRONT}${given}`)
}

/** Each `uses` of ours at this release. */
function atRelease(text: string, repository: string, { version, commit }: Release): string {
  return text.replace(/^(\s*(?:- )?uses: )(\S+)@.*$/gm, (line, before: string, action: string) =>
    action === repository || action.startsWith(`${repository}/`)
      ? `${before}${action}@${commit} # v${version}`
      : line,
  )
}

/** Triggers, and what the form says of the branches. */
function withBranches(text: string, { head, base }: Setup): string {
  return text
    .replaceAll('branches: [staging, main]', `branches: [${scalar(head)}, ${scalar(base)}]`)
    .replaceAll("staging, or main for production'", `${head}, or ${base} for production'`)
}

/** Jobs of the user's own name the branches in their conditions, and the file in each step. */
function inSteps(text: string, { head, base, config }: Setup): string {
  const variables = [
    ...(head === DEFAULTS.head ? [] : [`ZENML_UPGRADE_HEAD: ${scalar(head)}`]),
    ...(base === DEFAULTS.base ? [] : [`ZENML_UPGRADE_BASE: ${scalar(base)}`]),
  ]
  const env = variables.length === 0 ? '' : `env: { ${variables.join(', ')} }\n`
  const file = config === DEFAULTS.config ? '' : `config: ${scalar(config)}, `
  return (
    text
      .replaceAll("'refs/heads/staging'", `'refs/heads/${head}'`)
      .replaceAll("'refs/heads/main'", `'refs/heads/${base}'`)
      .replaceAll("github.base_ref == 'main'", `github.base_ref == '${base}'`)
      .replaceAll('gh-readonly-queue/main/', `gh-readonly-queue/${base}/`)
      // Inputs of our steps begin with one of these two.
      .replace(/^( +with: \{ )(?=run:|environment:)/gm, `$1${file}`)
      .replace('permissions: {}\n', `permissions: {}\n${env}`)
  )
}
