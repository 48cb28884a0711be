import { docsUrl } from '../core/docs-url.ts'
import type { Deployment, Driver } from './driver.ts'

export interface GitopsSettings {
  readonly tool: 'argocd' | 'flux'
  readonly name: string
}

const TOOLS = {
  argocd: { title: 'Argo CD', what: 'application', pause: 'turn off automated sync' },
  flux: { title: 'Flux', what: 'resource', pause: 'suspend it' },
} as const

/**
 * Somebody else deploys, from Git. This driver changes nothing; it tells what is awaited, and how
 * it is reverted.
 */
export function gitopsDriver({ tool, name }: GitopsSettings): Driver {
  const { title, what, pause } = TOOLS[tool]
  return {
    name: 'gitops',
    tellsMigration: false,
    revertHint: ({ fromVersion }: Deployment) =>
      `Pause ${title} ${what} ${name} (${pause}), scale the server down, restore the backup, revert the commit that left ZenML ${fromVersion}, then let ${title} go on; never let ${fromVersion} start on the new schema.`,
    preflight: () =>
      Promise.resolve([
        {
          name: `${title} ${what} ${name}`,
          status: 'not-checked',
          message: `${title} deploys by itself; if it is faster than the backup, there is no backup of the old version`,
          next: `Make ${title} wait for the backup: ${docsUrl('drivers')} shows how.`,
        },
      ]),
    endLeftovers: () => Promise.resolve(),
    deploy: ({ toVersion }: Deployment) =>
      Promise.resolve({
        ok: true,
        message: `waiting for ${title} ${what} ${name} to roll out ZenML ${toVersion}`,
        stoppedAt: null,
        log: [],
      }),
  }
}
