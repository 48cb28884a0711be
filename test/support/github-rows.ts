import type { Deployment, Repository } from '../../src/demo/fake-github/state.ts'
import type { RowKind } from '../../src/state/github/row-lists.ts'

/** What a deployment of our record says it is; undefined for those of others. */
export function kindOf({ payload }: Pick<Deployment, 'payload'>): string | undefined {
  const kind = (payload as { kind?: unknown } | null)?.kind
  return typeof kind === 'string' ? kind : undefined
}

/** The rows of one kind, oldest first. */
export function rowsOf({ deployments }: Repository, kind: RowKind): Deployment[] {
  return deployments.filter((deployment) => kindOf(deployment) === kind)
}

/** Every row of the record with its description, oldest first. */
export function describedRows({ deployments }: Repository): string[] {
  return deployments.map(
    (deployment) => `${kindOf(deployment) ?? 'other'}: ${deployment.description ?? ''}`,
  )
}
