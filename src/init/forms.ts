import type { Environment } from '../core/environments.ts'
import { listed } from '../core/text.ts'
import type { InitDetails } from '../result/init.ts'

/** How the flow gets into a repository: docs/workflows.md compares the three forms. */
export type Form = InitDetails['form']

interface FormNeeds {
  /** What it needs from GitHub. */
  readonly plan: string
  readonly runners: string
  readonly keys: string
  /** Who can read the keys of production, and what else it costs. */
  readonly cost: string
}

const PLAN_WITH_ENVIRONMENTS =
  'for a private repository, GitHub Pro, Team, or Enterprise (environments with secrets)'

export const FORM_NEEDS: Readonly<Record<Form, FormNeeds>> = {
  called: {
    plan: 'any GitHub plan',
    runners: 'GitHub-hosted runners',
    keys: 'secrets of the repository',
    cost: 'The keys are secrets of the repository: anyone who may push a branch can read them.',
  },
  'own-copy': {
    plan: PLAN_WITH_ENVIRONMENTS,
    runners: 'any runners, your own from version 2.336.0 on',
    keys: 'secrets of GitHub environments, which only jobs on their branches can read',
    cost: 'The workflows are files of your repository: run init again when the actions in them have a new version.',
  },
  composites: {
    plan: PLAN_WITH_ENVIRONMENTS,
    runners: 'any runners, your own from version 2.327.1 on',
    keys: 'secrets of GitHub environments, which only jobs on their branches can read',
    cost: 'Each flow is one job, which sees every secret of its environment, and stacks are not compared.',
  },
}

/** What init sees of the place where the workflows will run. */
export interface FormEvidence {
  /** Host of the remote `origin`; null: there is none, or it is a path. */
  readonly host: string | null
  /** Whether the repository has copies of our workflows already. */
  readonly hasCopies: boolean
  /** A runner that the repository's workflow names and that is not one of GitHub's own; or null. */
  readonly ownRunner: string | null
  /** Environments whose server has a private address or name, with its host. */
  readonly privateServers: readonly { readonly environment: Environment; readonly host: string }[]
}

export interface SuggestedForm {
  readonly form: Form
  /** Goes on after "because". */
  readonly why: string
}

/** Also by its second SSH host, or by an alias in the user's SSH configuration, which has no dot. */
function isGithubDotCom(host: string): boolean {
  return host === 'github.com' || host === 'ssh.github.com' || !host.includes('.')
}

/** The form that fits. `ownWorkflows`, where it is given, wins over what was seen. */
export function formFor(
  evidence: FormEvidence,
  ownWorkflows: 'true' | 'false' | undefined,
): SuggestedForm {
  if (ownWorkflows === 'true') return { form: 'own-copy', why: 'own-workflows is true' }
  const { host, hasCopies, ownRunner, privateServers } = evidence
  if (host !== null && !isGithubDotCom(host))
    return {
      form: 'composites',
      why: `the repository is on ${host}, from where workflows of github.com cannot be called`,
    }
  if (ownWorkflows === 'false') return { form: 'called', why: 'own-workflows is false' }
  if (hasCopies)
    return { form: 'own-copy', why: 'the repository has copies of our workflows already' }
  if (ownRunner !== null)
    return {
      form: 'own-copy',
      why: `the workflow of the repository runs on ${ownRunner}, and a workflow of another owner cannot use that runner`,
    }
  return privateServers.length > 0
    ? {
        form: 'own-copy',
        why: `${listed(privateServers.map((server) => `${server.host} (${server.environment})`))} ${privateServers.length === 1 ? 'is' : 'are'} in a private network, which only runners of your own reach, and a workflow of another owner cannot use those`,
      }
    : { form: 'called', why: 'no server was found to be in a private network' }
}

/** Host of a remote's address, without a port; null for a path. */
export function remoteHost(address: string): string | null {
  if (URL.canParse(address)) {
    const { hostname } = new URL(address)
    return hostname === '' ? null : hostname.toLowerCase()
  }
  // The short form of ssh: user@host:path
  return /^(?:[^@/]+@)?([\w.-]+):(?!\/\/)/.exec(address)?.[1]?.toLowerCase() ?? null
}
