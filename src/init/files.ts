import workflow from '../../examples/workflow/zenml-upgrade.yml'
import { configText, SMOKE_REQUIREMENTS, sourcePath } from './config-text.ts'
import type { Facts } from './facts.ts'
import smokeTests from './test_zenml.py'

const WORKFLOW_PATH = '.github/workflows/zenml-upgrade.yml'

export interface NewFile {
  /** Relative to the root of the repository. */
  readonly path: string
  readonly text: string
}

/**
 * Every file that init makes, the configuration first. `repository` is the slug of zenml-upgrade.
 */
export function newFiles(facts: Facts, repository: string): [NewFile, ...NewFile[]] {
  const below = (path: string) =>
    sourcePath(facts) === '.' ? path : `${sourcePath(facts)}/${path}`
  return [
    { path: 'zenml-upgrade.yml', text: configText(facts, repository) },
    { path: WORKFLOW_PATH, text: workflow },
    { path: below('tests/smoke/test_zenml.py'), text: smokeTests },
    { path: below(SMOKE_REQUIREMENTS), text: 'pytest\n' },
  ]
}
