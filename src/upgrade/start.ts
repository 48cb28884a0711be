import { lastOf, openAttempt, type Attempt } from '../state/attempt.ts'
import type { Loss } from '../result/upgrade.ts'
import type { Override } from '../result/promotion.ts'
import { changeToTryAgain } from '../report/wording-gate.ts'
import { blockedBy } from '../state/blocked.ts'
import type { UpgradeInputs } from '../state/content-digest.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { isOlder, sameVersion } from '../core/versions.ts'

/** Where a run begins. */
export type Start =
  | { readonly kind: 'noop' }
  /** Somebody else (GitOps) deployed the target before we had a backup of the old version. */
  | { readonly kind: 'deployed-before-backup'; readonly fromVersion: string }
  /** `retry`: who tries again what was rolled back with the same inputs; null for no one. */
  | { readonly kind: 'upgrade'; readonly retry: Override | null }
  | {
      readonly kind: 'continue'
      readonly attempt: Attempt
      readonly at: 'backup' | 'deploy' | 'verify' | 'roll-back'
    }
  | {
      readonly kind: 'held'
      readonly code: ReasonCode
      readonly message: string
      readonly next: string
      /** What is missing since an earlier attempt. */
      readonly lost?: readonly Loss[]
    }

export interface StartFacts {
  /**
   * What the server reports; undefined when it does not answer. Only an open attempt can begin
   * without it.
   */
  readonly serverVersion: string | undefined
  readonly target: string
  readonly attempts: readonly Attempt[]
  readonly inputs: UpgradeInputs
  readonly retry: Override | null
  readonly retryWith: string
  /** True where the server is deployed by somebody else. */
  readonly deployedByOthers: boolean
}

/** The first decision of a run, from what the server says and what the record says. */
export function decideStart({
  serverVersion,
  target,
  attempts,
  inputs,
  retry,
  retryWith,
  deployedByOthers,
}: StartFacts): Start {
  const open = openAttempt(attempts)
  if (open !== undefined)
    return { kind: 'continue', attempt: open, at: whereCutOff(open, serverVersion) }
  if (serverVersion === undefined)
    throw new Error('without an open attempt the server must have answered')

  const deployed = lastDeployed(attempts)
  if (sameVersion(serverVersion, target)) {
    return deployedByOthers && deployed !== undefined && !sameVersion(deployed, target)
      ? { kind: 'deployed-before-backup', fromVersion: deployed }
      : { kind: 'noop' }
  }
  if (isOlder(target, serverVersion)) {
    return deployed !== undefined && sameVersion(deployed, serverVersion)
      ? {
          kind: 'held',
          code: 'downgrade-requested',
          message: `the server runs ZenML ${serverVersion}, which this file deployed; it now asks for the older ${target}`,
          next: `A database that ${serverVersion} has migrated cannot be used by ${target}: restore the backup made before the upgrade, or set zenml back to ${serverVersion}.`,
        }
      : {
          kind: 'held',
          code: 'server-ahead',
          message: `the server runs ZenML ${serverVersion}, the file says ${target}`,
          next: `Set zenml to ${serverVersion} in the file.`,
        }
  }
  const blocked = blockedBy(attempts, { target, inputs })
  if (blocked === undefined || retry !== null)
    return { kind: 'upgrade', retry: blocked === undefined ? null : retry }
  return {
    kind: 'held',
    code: 'version-blocked',
    message: `ZenML ${target} was rolled back here in attempt ${blocked.id}, and nothing that the upgrade is made with has changed since`,
    next: `${changeToTryAgain(inputs)}; or try it again as it is, with a reason: ${retryWith}`,
  }
}

/** The version that the last concluded upgrade of ours left on the server. */
function lastDeployed(attempts: readonly Attempt[]): string | undefined {
  for (const attempt of attempts.toReversed()) {
    const code = lastOf(attempt, 'closed')?.['reason-code']
    if (code === 'upgraded' || code === 'deployed-before-backup' || code === 'counts-decreased')
      return attempt['target-version']
    if (code === 'rolled-back') return attempt['from-version']
  }
  return undefined
}

/** Names the step that an attempt came to. */
export function lastPhase(attempt: Attempt): string {
  return lastOf(attempt, 'phase')?.phase ?? 'preflight'
}

/** What is known of how an open attempt was left, for people. */
export function howItEnded(attempt: Attempt): string {
  const last = lastOf(attempt, 'phase')
  return last?.state === 'failed' ? `failed at its step "${last.phase}" and is open` : 'was cut off'
}

/**
 * Follows from the last line of the journal about a phase; what the server says now counts more
 * than what we had in mind.
 */
export function whereCutOff(
  attempt: Attempt,
  serverVersion: string | undefined,
): 'backup' | 'deploy' | 'verify' | 'roll-back' {
  const runs = (version: string) =>
    serverVersion !== undefined && sameVersion(serverVersion, version)
  const atTarget = runs(attempt['target-version'])
  const last = lastOf(attempt, 'phase')
  switch (last?.phase) {
    case undefined:
    case 'preflight':
    case 'backup':
      // Where somebody else deploys, the server may have moved while nobody watched.
      return atTarget ? 'verify' : 'backup'
    case 'deploy':
      return atTarget || last.state === 'done' ? 'verify' : 'deploy'
    case 'restore':
      if (last.state !== 'failed') return 'deploy'
      // A person may have repaired it since, and users may have worked on the version that runs.
      if (atTarget) return 'verify'
      return runs(attempt['from-version']) ? 'roll-back' : 'deploy'
    case 'verify':
      return 'verify'
    case 'rollback':
      // A person may have mended the new version after a refused rollback.
      return atTarget && last.state === 'failed' ? 'verify' : 'roll-back'
  }
}
