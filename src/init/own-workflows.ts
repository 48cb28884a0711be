import { createHash } from 'node:crypto'
import gate from '../../.github/workflows/gate-production.yml'
import plan from '../../.github/workflows/plan-upgrade.yml'
import production from '../../.github/workflows/promote-production.yml'
import staging from '../../.github/workflows/upgrade-staging.yml'
import front from '../../.github/workflows/zenml-upgrade.yml'
import type { Release } from '../core/release.ts'

/** Our workflows by the name they have here, and the name and text of the user's copy. */
const COPIES = {
  'zenml-upgrade': { name: 'front', text: front },
  'plan-upgrade': { name: 'plan', text: plan },
  'upgrade-staging': { name: 'staging', text: staging },
  'gate-production': { name: 'gate', text: gate },
  'promote-production': { name: 'production', text: production },
} as const

const pathOf = (name: string): string => `.github/workflows/zenml-upgrade-${name}.yml`

/** What the user's own file uses. `$/` is the repository that the file is in. */
export const OWN_FRONT = `$/${pathOf(COPIES['zenml-upgrade'].name)}`

export interface CopyOrigin {
  /** Slug of zenml-upgrade. */
  readonly repository: string
  /** Version of zenml-upgrade whose text it is, without `v`. */
  readonly version: string
  /** Release at which its actions are used. */
  readonly release: Release
}

/** The copies of our workflows for a user's repository, each with its path. */
export function ownWorkflows(origin: CopyOrigin): { path: string; text: string }[] {
  return Object.values(COPIES).map(({ name, text }) => ({
    path: pathOf(name),
    text: ownCopy(text, origin),
  }))
}

/**
 * A workflow of ours as a file of another repository: our actions by full name and commit, our
 * workflows by the names of their copies, and the version for the commands to compare with theirs.
 */
function ownCopy(text: string, { repository, version, release }: CopyOrigin): string {
  const body = text
    .replace(/^(\s*uses: )\$\/\.github\/workflows\/([\w-]+)\.yml$/gm, (_, before: string, name) =>
      // A workflow without a copy keeps its name; a test sees it.
      name in COPIES ? `${before}$/${pathOf(COPIES[name as keyof typeof COPIES].name)}` : _,
    )
    .replace(
      /^(\s*(?:- )?uses: )\$\/((?:\.github\/)?actions\/[\w-]+)$/gm,
      `$1${repository}/$2@${release.commit} # v${release.version}`,
    )
    .replace(/^( +ZENML_UPGRADE_WORKFLOWS: )called #.*$/m, `$1v${version}`)
  return [
    `# Written by zenml-upgrade v${version}: node dist/main.cjs init --own-workflows true`,
    '# Run it again for the text of another version. It leaves a file alone that was edited.',
    `# Digest of what follows, without versions of actions: sha256:${digest(body)}`,
    '',
    body,
  ].join('\n')
}

/**
 * Whether a file is as init wrote it. Commits of actions do not count: Renovate and Dependabot
 * raise them.
 */
export function isUnedited(text: string): boolean {
  const [, claimed, body] =
    /^# Written by zenml-upgrade .*\n# .*\n# Digest .*: sha256:([0-9a-f]{64})\n\n([^]*)$/.exec(
      text.replaceAll('\r\n', '\n'),
    ) ?? []
  return body !== undefined && claimed === digest(body)
}

function digest(body: string): string {
  const withoutVersions = body.replace(/(\buses: [^@\s]+)@\S+(?: # ?v?[\w.-]+)?$/gm, '$1')
  return createHash('sha256').update(withoutVersions).digest('hex')
}
