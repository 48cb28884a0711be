import { describe, expect, it } from '@jest/globals'
import { keyPlace } from '../../../src/session/key-place.ts'

const GITHUB = { GITHUB_ACTIONS: 'true' }

describe('where the API key of a server comes from', () => {
  it.each([
    [
      'called workflows of another repository get it from a secret of the repository',
      { ...GITHUB, ZENML_UPGRADE_WORKFLOWS: 'called' },
      'the secret ZENML_STAGING_API_KEY',
      /called from another repository.*Create ZENML_STAGING_API_KEY as a secret of the repository/,
    ],
    [
      "the user's copies of the workflows get it from a secret of the GitHub environment",
      { ...GITHUB, ZENML_UPGRADE_WORKFLOWS: 'v1.2.0' },
      'the secret ZENML_STAGING_API_KEY',
      /a copy in this repository.*Create ZENML_STAGING_API_KEY in that environment .*zenml-staging/,
    ],
    [
      "an action in the user's own job gets it as its input",
      GITHUB,
      'the input api-key',
      /a step of your own job.*Give the step "api-key:"/,
    ],
    [
      'the command line gets it from the environment',
      {},
      'ZENML_STORE_API_KEY',
      /^Set ZENML_STORE_API_KEY to a service-account key of the staging server\.$/,
    ],
    [
      'a run that Dependabot started gets none',
      { ...GITHUB, ZENML_UPGRADE_WORKFLOWS: 'called', GITHUB_ACTOR: 'dependabot[bot]' },
      'the secret ZENML_STAGING_API_KEY',
      /^Dependabot started this run.*Run workflow/,
    ],
  ])('%s', (_, env, keyName, whenKeyMissing) => {
    expect(keyPlace('staging', env)).toEqual({
      keyName,
      whenKeyMissing: expect.stringMatching(whenKeyMissing),
    })
  })
})
