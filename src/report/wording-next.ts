import type { Environment } from '../core/environments.ts'
import { NOTHING } from '../core/reasons.ts'
import { listed } from '../core/text.ts'
import type { Page } from './pages.ts'
import { withoutWayBack, type Standing, type Standings } from './verdict.ts'
import { APPROVE_BUTTON, type Branches } from './wording.ts'

// What a person does next where nothing stopped an environment.

interface OpenStep {
  readonly sentence: string
  readonly page: Page | null
}

interface Reader {
  /** The workflows of the promotion pull request wait for a person. */
  readonly waitsForApproval: boolean
  readonly onGithub: boolean
}

/** What to do next where nothing stopped an environment, and where. */
export function openStep(standings: Standings, branches: Branches, reader: Reader): OpenStep {
  const step = stepForward(standings, branches, reader)
  const exposed = withoutWayBack(standings)
  if (exposed.length === 0) return step
  const backup = `Make a backup of ${listed(exposed)} by hand before anything else is changed`
  const { sentence: then, page } = step
  return then === NOTHING
    ? { sentence: `${backup}.`, page }
    : { sentence: `${backup}; then ${uncapitalised(then)}`, page }
}

const uncapitalised = (text: string) => `${text.charAt(0).toLowerCase()}${text.slice(1)}`

function stepForward(
  { staging, production }: Standings,
  branches: Branches,
  reader: Reader,
): OpenStep {
  if (production.kind === 'at-target' && (staging.kind === 'green' || staging.kind === 'not-run'))
    return NO_STEP
  // A fix that went straight to production: the branch of staging has yet to get it.
  if (production.kind === 'green' && staging.kind === 'not-run')
    return {
      sentence: `Merge ${branches.base} back into ${branches.head}; that upgrades staging.`,
      page: null,
    }
  if (staging.kind !== 'green') return unfinishedStep('staging', staging, branches, reader)
  if (production.kind === 'green') return NO_STEP
  return production.kind === 'waiting'
    ? unfinishedStep('production', production, branches, reader)
    : { sentence: mergeStep(branches, reader), page: 'promotion' }
}

const NO_STEP: OpenStep = { sentence: NOTHING, page: null }

function mergeStep({ head, base }: Branches, { waitsForApproval }: Reader): string {
  return waitsForApproval
    ? `Click "${APPROVE_BUTTON}" on the promotion pull request, and merge ${head} into ${base} when its checks are green; that upgrades production.`
    : `Merge ${head} into ${base}; that upgrades production.`
}

function unfinishedStep(
  environment: Environment,
  standing: Standing,
  { head, base }: Branches,
  { onGithub }: Reader,
): OpenStep {
  const branch = environment === 'staging' ? head : base
  if (standing.kind === 'waiting')
    return {
      sentence: onGithub
        ? `Run the workflow for ${environment}; still to come: ${listed(standing.missing)}.`
        : `Run ${listed(standing.missing)} in ${environment}.`,
      page: 'form',
    }
  return standing.kind === 'planned'
    ? {
        sentence: `Upgrade ${environment}: every check that could be made has passed.`,
        page: 'form',
      }
    : {
        sentence: onGithub
          ? `Push to ${branch}, or run the workflow for ${environment}.`
          : `Push to ${branch}, or run upgrade-workspace for ${environment}.`,
        page: 'form',
      }
}
