import { configText, SMOKE_REQUIREMENTS, sourcePath } from './config-text.ts'
import type { Facts } from './facts.ts'
import { ownWorkflows } from './own-workflows.ts'
import smokeTests from './test_zenml.py'
import { userWorkflow } from './user-workflow.ts'

export const WORKFLOW_PATH = '.github/workflows/zenml-upgrade.yml'

export interface NewFile {
  /** Relative to the root of the repository. */
  readonly path: string
  readonly text: string
  /** Written again by a later init, while it is as init wrote it. */
  readonly generated?: true
}

/** zenml-upgrade itself: its slug, and its version without `v`. */
export interface Tool {
  readonly repository: string
  readonly version: string
}

/** Every file that init makes, the configuration first. */
export function newFiles(facts: Facts, tool: Tool): [NewFile, ...NewFile[]] {
  const { setup } = facts
  const below = (path: string) =>
    sourcePath(facts) === '.' ? path : `${sourcePath(facts)}/${path}`
  return [
    { path: setup.config, text: configText(facts, tool.repository) },
    { path: WORKFLOW_PATH, text: userWorkflow(setup, tool.repository) },
    ...(setup.form === 'own-copy'
      ? ownWorkflows({ ...tool, release: setup.release }).map((file) => ({
          ...file,
          generated: true as const,
        }))
      : []),
    { path: below('tests/smoke/test_zenml.py'), text: smokeTests },
    { path: below(SMOKE_REQUIREMENTS), text: 'pytest\n' },
  ]
}
