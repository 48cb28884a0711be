import { hasRelease, nearestReleases, type Releases } from '../zenml-client/releases.ts'
import type { Environment } from '../core/environments.ts'
import type { Config } from '../config/schema.ts'
import { REASONS } from '../core/reasons.ts'
import { changeToTryAgain, rolledBackTo } from '../state/blocked.ts'
import type { UpgradeInputs } from '../state/content-digest.ts'
import { gateReasonWords } from '../report/wording-gate.ts'
import type { Check } from '../result/common.ts'
import { listed } from '../core/text.ts'
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

/**
 * What would stop the upgrade, or should be known before; failing ones have the code that the
 * upgrade would end with.
 */
export function planChecks(facts: CheckFacts): Check[] {
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

const NEXT: Readonly<Record<'server-ahead' | 'downgrade-requested', string>> = {
  'server-ahead': 'Set zenml in the file to the version of the server.',
  'downgrade-requested':
    'Correct the version in the file; to go back, restore the backup made before the upgrade by hand and start the old version.',
}

function version(facts: CheckFacts): Check {
  const { environment, server, target, baseVersion } = facts
  const name = 'version'
  const stops = (code: keyof typeof NEXT, message: string): Check => ({
    name,
    status: 'failed',
    message,
    next: NEXT[code],
    'reason-code': code,
  })
  if ('unknown' in server) {
    return baseVersion !== null && isOlder(target, baseVersion)
      ? stops('downgrade-requested', `the file goes back from ZenML ${baseVersion} to ${target}`)
      : {
          name,
          status: 'not-checked',
          message: `the ${environment} server could not be asked from here: ${server.unknown}`,
        }
  }
  const [ahead] = aheadConditions(facts)
  if (ahead !== undefined)
    return stops(
      ahead.code === 'downgrade-requested' ? ahead.code : 'server-ahead',
      gateReasonWords(ahead.fact),
    )
  if (sameVersion(server.version, target))
    return { name, status: 'passed', message: `${environment} already runs ZenML ${target}` }
  const drift = baseVersion !== null && !sameVersion(baseVersion, server.version)
  return drift
    ? {
        name,
        status: 'warning',
        message: `${environment} runs ZenML ${server.version}, although the file on its branch says ${baseVersion}; it would get ${target}`,
      }
    : {
        name,
        status: 'passed',
        message: `${environment} runs ZenML ${server.version} and would get ${target}`,
      }
}

/** Whether there is such a version at all. */
function release({ releases, target }: CheckFacts): Check {
  const name = 'release'
  if ('unknown' in releases)
    return {
      name,
      status: 'not-checked',
      message: `whether there is a ZenML ${target} is not known: ${releases.unknown}`,
    }
  if (hasRelease(releases.versions, target))
    return { name, status: 'passed', message: `the package index has ZenML ${target}` }
  const nearest = nearestReleases(releases.versions, target)
  return {
    name,
    status: 'failed',
    message: `the package index has no ZenML ${target}${nearest.length === 0 ? '' : `; the nearest ${nearest.length === 1 ? 'is' : 'are'} ${listed(nearest)}`}`,
    next: 'Correct `zenml:` in the file, or bring the version into your index.',
    'reason-code': 'version-not-found',
  }
}

function blocked(facts: CheckFacts): Check[] {
  const { environment, attempts, target, inputs } = facts
  const name = 'blocked version'
  const attempt = rolledBackTo(attempts, target)
  if (attempt === undefined) return []
  if (inputs === null)
    return [
      {
        name,
        status: 'not-checked',
        message: `ZenML ${target} was rolled back in ${environment} in attempt ${attempt.id}; whether anything that the upgrade is made with has changed since is not known`,
      },
    ]
  return blockedConditions({ ...facts, inputs }).map(({ code, fact }) => ({
    name,
    status: 'failed',
    message: gateReasonWords(fact),
    next: `${changeToTryAgain(inputs)}.`,
    'reason-code': code,
  }))
}

function losses(facts: CheckFacts): Check[] {
  return lossConditions(facts).map(({ code, fact }) => ({
    name: 'earlier losses',
    status: 'failed',
    message: gateReasonWords(fact),
    next: REASONS[code].next,
    'reason-code': code,
  }))
}

function address({ environment, base, head }: CheckFacts): Check[] {
  const [before, after] = [
    base?.environments[environment].server,
    head.environments[environment].server,
  ]
  if (base === null)
    return [
      {
        name: 'address',
        status: 'not-checked',
        message: 'the base branch has no file yet, so no server was asked',
      },
    ]
  return before === after
    ? []
    : [
        {
          name: 'address',
          status: 'warning',
          message:
            'the address of the server changes; a pull request never contacts an address that only it names',
        },
      ]
}

const keyOf = (choice: object | undefined): string | undefined => Object.keys(choice ?? {})[0]

export const driverOf = (config: Config, environment: Environment): string =>
  keyOf(config.environments[environment].deploy) ?? 'none'
export const backupOf = (config: Config, environment: Environment): string | null =>
  keyOf(config.environments[environment].backup) ?? null

function driver({ environment, base, head }: CheckFacts): Check {
  const [before, after] = [
    base === null ? null : driverOf(base, environment),
    driverOf(head, environment),
  ]
  if (before !== null && before !== after)
    return {
      name: 'driver',
      status: 'warning',
      message: `${environment} was deployed by ${before} and would be deployed by ${after}`,
    }
  const { deploy } = head.environments[environment]
  const noWayBack =
    deploy.pro !== undefined ||
    deploy.gitops !== undefined ||
    (deploy.command !== undefined &&
      (deploy.command.rollback === undefined || deploy.command.stop === undefined))
  return noWayBack
    ? {
        name: 'driver',
        status: 'warning',
        message: `${after} cannot bring the old version back by itself once the database has been migrated`,
      }
    : { name: 'driver', status: 'passed', message: `${environment} is deployed by ${after}` }
}

function backup({ environment, head }: CheckFacts): Check {
  const kind = backupOf(head, environment)
  if (kind === null)
    return {
      name: 'backup',
      status: 'failed',
      message: `environments.${environment}.backup is not set in the file`,
      next: 'Name a backup in the file, or run with backup: skip if losing the database is acceptable.',
    }
  return kind === 'managed'
    ? {
        name: 'backup',
        status: 'warning',
        message:
          'made by ZenML Pro; it is not verified here, and a restore is not possible from here',
      }
    : {
        name: 'backup',
        status: 'passed',
        message: `the database is backed up by ${kind} before the first change`,
      }
}

function smoke({ environment, head }: CheckFacts): Check[] {
  return environment === 'staging' && head.smoke.length === 0
    ? [
        {
          name: 'smoke suite',
          status: 'warning',
          message: 'the file names no smoke suite, so an upgrade is tested by its snapshots alone',
          next: 'Name a command under smoke: in the file.',
        },
      ]
    : []
}

function snapshots({ misfits }: CheckFacts): Check[] {
  return misfits.map(({ message, next }) => ({
    name: 'snapshots',
    status: 'failed',
    message,
    next,
    'reason-code': 'snapshots-failed',
  }))
}
