import { describe, expect, it } from '@jest/globals'
import { workflowVersionWarning } from '../../../src/cli/workflow-version.ts'

describe('workflows in the user’s repository', () => {
  it.each([
    {},
    { ZENML_UPGRADE_WORKFLOWS: '' },
    { ZENML_UPGRADE_WORKFLOWS: 'called' },
    { ZENML_UPGRADE_WORKFLOWS: 'v1.3.0' },
  ])('say nothing where they are ours, or of the version of the actions: %j', (env) => {
    expect(workflowVersionWarning(env, '1.3.0')).toBeUndefined()
  })

  it('say how to bring them up to date where Renovate raised the actions alone', () => {
    expect(workflowVersionWarning({ ZENML_UPGRADE_WORKFLOWS: 'v1.2.0' }, '1.3.0')).toMatch(
      /are of zenml-upgrade v1\.2\.0, and their actions of v1\.3\.0\. Run init --own-workflows true/,
    )
  })
})
