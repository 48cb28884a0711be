import { describe, expect, it } from '@jest/globals'
import { packageIndex, parsePipConfig } from '../../../src/zenml-client/package-index.ts'
import { redactForeign } from '../../../src/runtime/secrets.ts'
import { testMachine } from '../../support/machine.ts'

describe('packageIndex', () => {
  it('takes the public index where nothing is configured', async () => {
    expect(await packageIndex(testMachine({ PATH: '' }), [])).toEqual({
      primary: 'https://pypi.org/simple/',
      extra: [],
      env: {},
    })
  })

  it('leaves uv its own variables', async () => {
    const index = await packageIndex(
      testMachine({
        UV_INDEX_URL: 'https://a.example/simple',
        PIP_INDEX_URL: 'https://b.example/simple',
      }),
      [],
    )
    expect(index).toEqual({ primary: 'https://a.example/simple', extra: [], env: {} })
  })

  it('hands pip’s variables to uv, which does not read them', async () => {
    const index = await packageIndex(
      testMachine({
        PIP_INDEX_URL: 'https://a.example/simple',
        PIP_EXTRA_INDEX_URL: 'https://b.example/x https://c.example/y',
      }),
      [],
    )
    expect(index.env).toEqual({
      UV_DEFAULT_INDEX: 'https://a.example/simple',
      UV_INDEX: 'https://b.example/x https://c.example/y',
    })
  })

  it('adds the variables that the file names, and hides what is secret in them', async () => {
    const env = {
      ACME_INDEX: 'acme=https://robot:s3cret-word@acme.example/simple',
      TOKEN_INDEX: 'https://lonely-token@acme.example/simple',
      PIP_INDEX_URL: 'https://a.example/simple',
    }
    const index = await packageIndex(testMachine(env), [
      'ACME_INDEX',
      'TOKEN_INDEX',
      'PIP_INDEX_URL',
    ])
    expect(index.extra).toEqual([
      'https://robot:s3cret-word@acme.example/simple',
      'https://lonely-token@acme.example/simple',
    ])
    expect(index.env['UV_INDEX']).toBe(`${env.ACME_INDEX} ${env.TOKEN_INDEX}`)
    expect(redactForeign(index.extra.join(' '))).toBe(
      'https://robot:***@acme.example/simple https://***@acme.example/simple',
    )
  })

  it('names a variable that is not set', async () => {
    await expect(packageIndex(testMachine({ PATH: '' }), ['ACME_INDEX'])).rejects.toThrow(
      'ACME_INDEX',
    )
  })
})

describe('parsePipConfig', () => {
  it('reads both addresses, also several in one value', () => {
    const listing =
      "global.index-url='https://a.example/simple'\nglobal.extra-index-url='\\nhttps://b.example/x\\nhttps://c.example/y'\nglobal.cert='/etc/ca.pem'\n:env:.index-url='https://no.example'\n"
    expect(parsePipConfig(listing)).toEqual({
      primary: ['https://a.example/simple'],
      extra: ['https://b.example/x', 'https://c.example/y'],
    })
  })
})
