import { describe, expect, it } from '@jest/globals'
import { withoutSecrets } from '../../../src/stacks/definition.ts'
import { integrationsOf } from '../../../src/stacks/integrations.ts'

describe('withoutSecrets', () => {
  it('keeps references and plain values, and no value that may be a secret', () => {
    expect(
      withoutSecrets({
        path: 's3://b',
        key: 'AKIA',
        secret: '{{aws.secret}}',
        api_token: 't',
        kubernetes_context: 'prod',
        keychain: 'k',
        password: 5,
        monkey: 'm',
      }),
    ).toEqual({
      path: 's3://b',
      key: 'placeholder',
      secret: '{{aws.secret}}',
      api_token: 'placeholder',
      kubernetes_context: 'prod',
      keychain: 'k',
      password: 5,
      monkey: 'm',
    })
  })
})

describe('integrationsOf', () => {
  it('names each once and none for built-in and custom flavors', () => {
    expect(
      integrationsOf(
        ['s3', 'kubernetes', 'built-in', 'custom', null, 's3'].map((integration) => ({
          integration,
        })),
      ),
    ).toEqual(['kubernetes', 's3'])
  })
})
