import type { Environment } from '../core/environments.ts'
import { workflowTexts } from './workflow-texts.ts'

/** Who calls the command; it decides where its API key comes from. */
type Form = 'called' | 'own-copy' | 'composites' | 'command-line'

/** Where a command gets the API key of its server. */
export interface KeyPlace {
  /** Such as `the secret ZENML_STAGING_API_KEY`. */
  readonly keyName: string
  /** Why there is none, most likely, and what to do about it. */
  readonly whenKeyMissing: string
}

const SETTINGS = 'Settings → Secrets and variables → Actions'

/** Finds out from the variables of the job where the key of an environment comes from. */
export function keyPlace(
  environment: Environment,
  env: Readonly<Record<string, string | undefined>>,
): KeyPlace {
  const form = formOf(env)
  const secret = `ZENML_${environment.toUpperCase()}_API_KEY`
  const keyName =
    form === 'called' || form === 'own-copy'
      ? `the secret ${secret}`
      : form === 'composites'
        ? 'the input api-key'
        : 'ZENML_STORE_API_KEY'
  if (form !== 'command-line' && env['GITHUB_ACTOR'] === 'dependabot[bot]')
    return {
      keyName,
      whenKeyMissing: `Dependabot started this run, and GitHub gives its runs no secrets of Actions. Start a run yourself: Actions → the workflow → Run workflow, on this branch.`,
    }
  return { keyName, whenKeyMissing: MISSING[form]({ secret, environment }) }
}

function formOf(env: Readonly<Record<string, string | undefined>>): Form {
  if (env['GITHUB_ACTIONS'] !== 'true') return 'command-line'
  const texts = workflowTexts(env)
  if (texts === undefined) return 'composites'
  return texts.copiedFrom === null ? 'called' : 'own-copy'
}

type Sentence = (of: { readonly secret: string; readonly environment: Environment }) => string

const MISSING: Readonly<Record<Form, Sentence>> = {
  called: ({ secret }) =>
    `The workflow is called from another repository, so secrets of a GitHub environment do not reach it. Create ${secret} as a secret of the repository (${SETTINGS}), and hand it over under "secrets:" in your workflow file. Then re-run the failed jobs.`,
  'own-copy': ({ secret, environment }) =>
    `The workflow is a copy in this repository, so the job gets the secrets of its GitHub environment. Create ${secret} in that environment (Settings → Environments; zenml-${environment} unless your workflow file names another), and hand it over under "secrets:" in your workflow file. Then re-run the failed jobs.`,
  composites: ({ environment }) =>
    `The action is a step of your own job, which handed over no key. Give the step "api-key:" from a secret, and look whether the job names the GitHub environment of ${environment} that has it. Then run the workflow again.`,
  'command-line': ({ environment }) =>
    `Set ZENML_STORE_API_KEY to a service-account key of the ${environment} server.`,
}
