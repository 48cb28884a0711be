import { hasRelease, nearestReleases, type Releases } from '../zenml-client/releases.ts'
import type { Environment } from '../core/environments.ts'
import type { Config } from '../config/schema.ts'
import { rolledBackTo } from '../state/blocked.ts'
import type { UpgradeInputs } from '../state/content-digest.ts'
import type { PlanCheckFact } from '../report/plan-fact.ts'
import { isOlder, sameVersion } from '../core/versions.ts'
import {
  aheadConditions,
  blockedConditions,
  lossConditions,
  type Reported,
  type Target,
} from './conditions.ts'

export interface CheckFacts extends Target {
  readonly base: Config | null
  readonly head: Config
  readonly baseVersion: string | null
  /** What the server at the address of the base branch reports: the head could name any address. */
  readonly server: Reported
  /** What the package index has. */
  readonly releases: Releases
  /** What the upgrade would be made with; null where no attempt makes it matter, or it cannot be known. */
  readonly inputs: UpgradeInputs | null
  /** What of the file does not fit the recorded snapshots. */
  readonly misfits: readonly { readonly message: string; readonly next: string }[]
}

/** Finds what would stop the upgrade, or should be known before. */
export function planChecks(facts: CheckFacts): PlanCheckFact[] {
  return [
    version(facts),
    release(facts),
    ...blocked(facts),
    ...losses(facts),
    ...address(facts),
    driver(facts),
    backup(facts),
    ...smoke(facts),
    ...snapshots(facts),
  ]
}

function version(facts: CheckFacts): PlanCheckFact {
  const { environment, server, target, baseVersion } = facts
  if ('unknown' in server)
    return baseVersion !== null && isOlder(target, baseVersion)
      ? { kind: 'goes-back', from: baseVersion, target }
      : { kind: 'server-unknown', environment, why: server.unknown }
  const [ahead] = aheadConditions(facts)
  if (ahead !== undefined)
    return {
      kind: ahead.code === 'downgrade-requested' ? 'downgrade' : 'ahead',
      condition: ahead.fact,
    }
  if (sameVersion(server.version, target)) return { kind: 'at-target', environment, target }
  const about = { environment, version: server.version, target }
  return baseVersion !== null && !sameVersion(baseVersion, server.version)
    ? { kind: 'drift', ...about, file: baseVersion }
    : { kind: 'upgrade', ...about }
}

/** Finds whether there is such a version at all. */
function release({ releases, target }: CheckFacts): PlanCheckFact {
  if ('unknown' in releases) return { kind: 'release-unknown', target, why: releases.unknown }
  return hasRelease(releases.versions, target)
    ? { kind: 'release-found', target }
    : { kind: 'release-missing', target, nearest: nearestReleases(releases.versions, target) }
}

function blocked(facts: CheckFacts): PlanCheckFact[] {
  const { environment, attempts, target, inputs } = facts
  const attempt = rolledBackTo(attempts, target)
  if (attempt === undefined) return []
  if (inputs === null)
    return [{ kind: 'blocked-unknown', environment, target, attempt: attempt.id }]
  return blockedConditions({ ...facts, inputs }).map(({ fact }) => ({
    kind: 'blocked',
    condition: fact,
    files: inputs.files,
  }))
}

function losses(facts: CheckFacts): PlanCheckFact[] {
  return lossConditions(facts).map(({ fact }) => ({ kind: 'loss', condition: fact }))
}

function address({ environment, base, head }: CheckFacts): PlanCheckFact[] {
  if (base === null) return [{ kind: 'no-base-file' }]
  return base.environments[environment].server === head.environments[environment].server
    ? []
    : [{ kind: 'address-changes' }]
}

const keyOf = (choice: object | undefined): string | undefined => Object.keys(choice ?? {})[0]

export const driverOf = (config: Config, environment: Environment): string =>
  keyOf(config.environments[environment].deploy) ?? 'none'
export const backupOf = (config: Config, environment: Environment): string | null =>
  keyOf(config.environments[environment].backup) ?? null

function driver({ environment, base, head }: CheckFacts): PlanCheckFact {
  const before = base === null ? null : driverOf(base, environment)
  const after = driverOf(head, environment)
  if (before !== null && before !== after)
    return { kind: 'driver-changes', environment, before, after }
  const { deploy } = head.environments[environment]
  const isOneWay =
    deploy.pro !== undefined ||
    deploy.gitops !== undefined ||
    (deploy.command !== undefined &&
      (deploy.command.rollback === undefined || deploy.command.stop === undefined))
  return isOneWay
    ? { kind: 'driver-one-way', driver: after }
    : { kind: 'driver', environment, driver: after }
}

function backup({ environment, head }: CheckFacts): PlanCheckFact {
  const by = backupOf(head, environment)
  if (by === null) return { kind: 'no-backup', environment }
  return by === 'managed' ? { kind: 'managed-backup' } : { kind: 'backup', by }
}

function smoke({ environment, head }: CheckFacts): PlanCheckFact[] {
  return environment === 'staging' && head.smoke.length === 0 ? [{ kind: 'no-smoke-suite' }] : []
}

function snapshots({ misfits }: CheckFacts): PlanCheckFact[] {
  return misfits.map(({ message, next }) => ({ kind: 'snapshot', message, next }))
}
