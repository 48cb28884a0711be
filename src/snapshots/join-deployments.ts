import type { Config } from '../config/schema.ts'
import type { Environment } from '../core/environments.ts'
import type { DeploymentReport } from '../result/snapshots.ts'

export type Policy = Config['deployments'][Environment]

/** Statuses of one deployment in the order of how much their shard knew of it. */
const BETTER_INFORMED_FIRST: readonly DeploymentReport['status'][] = [
  'redeployed',
  'failed',
  'current',
  'old',
  'stopped',
]

/**
 * Lists each deployment of all shards once. A shard that began after another one had replaced a
 * snapshot does not know that snapshot any more. What none of them knows and the file wants to be
 * deployed again has failed. Pure.
 */
export function joinDeployments(
  reports: readonly DeploymentReport[] | null | undefined,
  policy: Policy,
): DeploymentReport[] | null | undefined {
  if (reports === null || reports === undefined) return reports
  const byId = new Map<string, DeploymentReport>()
  for (const report of [...reports].sort((a, b) => rank(b) - rank(a)))
    byId.set(report.id ?? JSON.stringify([report.project, report.name]), report)
  return [...byId.values()]
    .map((report) =>
      policy === 'redeploy' && isLeft(report) ? { ...report, status: 'failed' as const } : report,
    )
    .sort((a, b) => (`${a.project}/${a.name}` < `${b.project}/${b.name}` ? -1 : 1))
}

function rank({ status, snapshot }: DeploymentReport): number {
  const known = snapshot === null ? 0.5 : 0
  return BETTER_INFORMED_FIRST.indexOf(status) + known
}

function isLeft({ status, 'left-alone': leftAlone }: DeploymentReport): boolean {
  return leftAlone !== true && (status === 'old' || status === 'stopped')
}
