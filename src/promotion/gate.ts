import { lastOf, type Attempt } from '../record/attempt.ts'
import { attemptFor } from '../record/evidence.ts'
import { judgeAttempt, type Expectations } from '../record/verdict.ts'
import type { ReasonCode } from '../report/reasons.ts'
import { sameVersion } from '../versions.ts'

export interface GateFacts {
  readonly target: string
  /** Digest of what would go to production: see record/tested.ts. */
  readonly tested: string
  readonly expectations: Expectations
  readonly stagingAttempts: readonly Attempt[]
  readonly productionAttempts: readonly Attempt[]
  /** What the staging server reports now, or why that could not be asked. */
  readonly staging: { readonly version: string } | { readonly unknown: string }
  /** Digest of the file's bytes: a rolled back version is blocked until it changes. */
  readonly file: string
}

export interface ClosedFor {
  readonly code: ReasonCode & ('staging-not-green' | 'staging-moved' | 'version-blocked' | 'server-unreachable')
  readonly message: string
}

/** Every condition that keeps the gate closed; open when there is none. */
export function gateConditions(facts: GateFacts): ClosedFor[] {
  return [...recordConditions(facts), ...serverConditions(facts), ...blockedConditions(facts)]
}

function recordConditions({ stagingAttempts, tested, target, expectations }: GateFacts): ClosedFor[] {
  const newest = stagingAttempts.at(-1)
  if (newest === undefined) return [{ code: 'staging-not-green', message: 'staging has no record at all' }]
  if (newest.tested !== tested || !sameVersion(newest['target-version'], target)) {
    const earlier = attemptFor(stagingAttempts, { tested, targetVersion: target })
    return [{
      code: 'staging-not-green',
      message: earlier === undefined
        ? `staging was never tested with this content; its newest record ${newest.id} is about other content or another version (${newest['target-version']})`
        : `staging has moved on since it was tested with this content in ${earlier.id}; its newest record is ${newest.id}`
    }]
  }
  const verdict = judgeAttempt(newest, expectations)
  return verdict.green ? [] : verdict.missing.map((what) => ({ code: 'staging-not-green' as const, message: `staging is not green: ${what}` }))
}

function serverConditions({ staging, target }: GateFacts): ClosedFor[] {
  if ('unknown' in staging) return [{ code: 'server-unreachable', message: `the staging server could not be asked: ${staging.unknown}` }]
  return sameVersion(staging.version, target) ? [] : [{ code: 'staging-moved', message: `the staging server reports ZenML ${staging.version}, not the tested ${target}` }]
}

function blockedConditions({ productionAttempts, target, file }: GateFacts): ClosedFor[] {
  const blocked = productionAttempts.findLast((attempt) => lastOf(attempt, 'closed')?.['reason-code'] === 'rolled-back' && sameVersion(attempt['target-version'], target))
  return blocked !== undefined && blocked.file === file ? [{ code: 'version-blocked', message: `ZenML ${target} was rolled back in production in attempt ${blocked.id}, and the file has not changed since` }] : []
}
