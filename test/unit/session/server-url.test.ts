import { describe, expect, it } from '@jest/globals'
import { serverUrl } from '../../../src/session/session.ts'

describe('the address of a server that the file does not name', () => {
  const inputs = {
    environment: 'staging',
    config: 'zenml-upgrade.yml',
    'server-url': undefined,
  } as const
  const from = (url: string) => () =>
    serverUrl(inputs, { server: undefined }, { env: { ZENML_STORE_URL: url } })

  it('is that of ZENML_STORE_URL', () => {
    expect(from('https://zenml.example.com')()).toBe('https://zenml.example.com')
  })

  it('is not the database that a server would be started with', () => {
    expect(from('mysql://zenml@db/zenml')).toThrow('no address of the staging server is given')
  })
})
