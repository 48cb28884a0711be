import { describe, expect, it } from '@jest/globals'
import {
  registerSecretVariables,
  VARIABLE_RULES,
  variablesFor,
  type Audience,
} from '../../../src/runtime/secret-variables.ts'
import { redact } from '../../../src/runtime/secrets.ts'

const AUDIENCES: readonly Audience[] = ['pipelines', 'tests', 'commands']

/** Which of the audiences get a variable. */
function whoGets(name: string): readonly Audience[] {
  return AUDIENCES.filter((audience) => name in variablesFor(audience, { [name]: 'value' }))
}

describe('the variables of a job', () => {
  it.each([
    ['INPUT_API-KEY', []],
    ['INPUT_GITHUB-TOKEN', []],
    ['ZENML_STORE_API_KEY', []],
    ['ZENML_STORE_API_TOKEN', []],
    ['ZENML_STAGING_API_KEY', []],
    ['ZENML_PRODUCTION_API_KEY', []],
    ['ZENML_PRO_API_KEY', []],
    ['ZENML_UPGRADE_APP_KEY', []],
    ['ZENML_UPGRADE_SOURCES_TOKEN', []],
    ['ZENML_STAGING_ENV', []],
    ['ZENML_PRODUCTION_ENV', []],
    ['ZENML_STAGING_SOURCES_ENV', []],
    ['ZENML_PRODUCTION_SOURCES_ENV', []],
    ['GITHUB_TOKEN', []],
    ['ACTIONS_RUNTIME_TOKEN', []],
    ['ZENML_STORE_URL', ['commands']],
    ['ZENML_STORE_PASSWORD', ['commands']],
    ['ZENML_STORE_SSL_CA', ['commands']],
    ['ZENML_DATABASE_URL', ['commands']],
    ['GH_TOKEN', ['commands']],
    ['ACTIONS_ID_TOKEN_REQUEST_TOKEN', ['commands']],
    ['GITHUB_ENV', ['commands']],
    ['ZENML_ACTIVE_STACK_ID', ['tests', 'commands']],
    ['HTTPS_PROXY', AUDIENCES],
    ['UV_INDEX_URL', AUDIENCES],
    ['KUBECONFIG', AUDIENCES],
    ['zenml_store_api_key', []],
  ])('%s is seen by %j', (name, audiences) => {
    expect(whoGets(name)).toEqual(audiences)
  })

  it('are masked by their rule', () => {
    registerSecretVariables({
      ZENML_STAGING_API_KEY: 'first-key',
      GH_TOKEN: 'second-key',
      ZENML_DATABASE_URL: 'mysql://zenml:third-key@db/zenml',
      ZENML_STORE_URL: 'https://zenml.example.com',
    })
    expect(redact('first-key second-key third-key https://zenml.example.com db')).toBe(
      '*** *** *** https://zenml.example.com db',
    )
  })
})

describe('the rules', () => {
  it('give a reason in every cell', () => {
    for (const { names, pipelines, tests, commands } of VARIABLE_RULES)
      for (const { why } of [pipelines, tests, commands])
        expect([names, why]).toEqual([names, expect.stringMatching(/^\S.{8,}$/)])
  })

  it('hand no value that is masked whole to code of pipelines or tests', () => {
    const handed = VARIABLE_RULES.filter(
      ({ mask, pipelines, tests }) => mask === 'whole' && (pipelines.gets || tests.gets),
    )
    expect(handed).toEqual([])
  })

  it('put a name before the beginning that it has in common with others', () => {
    const names = VARIABLE_RULES.flatMap((rule) => rule.names)
    const hidden = names.filter((name, index) =>
      names
        .slice(0, index)
        .some((earlier) => earlier.endsWith('*') && name.startsWith(earlier.slice(0, -1))),
    )
    expect(hidden).toEqual([])
  })
})
