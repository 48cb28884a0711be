import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { nearestReleases, releasesOnIndex, versionsOn } from '../../../src/zenml-client/releases.ts'
import { closeHttp } from '../../../src/http/http.ts'
import { httpServer, type HttpTestServer, type Reply } from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'

const HTML = `<!DOCTYPE html><html><body><h1>Links for zenml</h1>
<a href="../../packages/zenml-0.94.1-py3-none-any.whl#sha256=abc" data-requires-python="&gt;=3.10">zenml-0.94.1-py3-none-any.whl</a>
<a href="https://files.example/zenml-0.94.1.tar.gz">zenml-0.94.1.tar.gz</a><a href="https://files.example/zenml-0.95.0rc1.tar.gz">zenml-0.95.0rc1.tar.gz</a>
<a href="https://files.example/zenml-integration-9.9.9.tar.gz">zenml-integration-9.9.9.tar.gz</a></body></html>`
const JSON_PAGE = {
  meta: { 'api-version': '1.1' },
  name: 'zenml',
  files: [
    { filename: 'zenml-0.98.0-py3-none-any.whl', url: 'x' },
    { filename: 'zenml-0.98.0.tar.gz', url: 'y' },
  ],
}

let index: HttpTestServer
let pages: Record<string, Reply>
beforeEach(async () => {
  pages = { '/simple/zenml/': { text: HTML } }
  index = await httpServer(({ path }) => pages[path] ?? { status: 404, text: 'none' })
})
afterEach(async () => {
  await closeHttp()
  await index.close()
})
const ask = (env: Readonly<Record<string, string>> = {}, indexEnv: readonly string[] = []) =>
  releasesOnIndex(
    testMachine({ UV_DEFAULT_INDEX: `${index.url}/simple`, NO_PROXY: '127.0.0.1', ...env }),
    indexEnv,
  )

describe('the releases on the index', () => {
  it('are read from either form of its page, with one request', async () => {
    expect(await ask()).toEqual({ versions: ['0.94.1', '0.95.0rc1'] })
    expect(index.seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/simple/zenml/', undefined],
    ])
    pages = { '/simple/zenml/': { json: JSON_PAGE } }
    expect(await ask()).toEqual({ versions: ['0.98.0'] })
  })

  it('are those of every index, of which one may have no ZenML', async () => {
    pages = {
      '/simple/zenml/': { json: JSON_PAGE },
      '/own/zenml/': { text: '<a href="zenml-0.98.0.post1.tar.gz">' },
    }
    expect(await ask({ UV_INDEX: `${index.url}/own ${index.url}/nothing/` })).toEqual({
      versions: ['0.98.0', '0.98.0.post1'],
    })
    expect(await ask({ ACME_INDEX: `${index.url}/own` }, ['ACME_INDEX'])).toEqual({
      versions: ['0.98.0', '0.98.0.post1'],
    })
  })

  it('are asked for with the password of the address, which no message has', async () => {
    await ask({ UV_DEFAULT_INDEX: `${index.url.replace('://', '://reader:pa%3Ass@')}/simple/` })
    expect(index.seen[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('reader:pa:ss').toString('base64')}`,
    )
    pages = { '/simple/zenml/': { status: 403, text: 'no' } }
    expect(
      JSON.stringify(
        await ask({
          UV_DEFAULT_INDEX: `${index.url.replace('://', '://reader:pa%3Ass@')}/simple/`,
        }),
      ),
    ).not.toMatch(/reader|pa%3Ass|pa:ss/)
  })

  it.each<[string, Reply, Record<string, string>, RegExp]>([
    ['refuses', { status: 403, text: 'no' }, {}, /answered 403/],
    [
      'redirects',
      { status: 302, text: '', headers: { location: '/elsewhere' } },
      {},
      /answered 302/,
    ],
    ['has no ZenML', { status: 404, text: 'no' }, {}, /names no file of ZenML/],
    ['answers with a page of a login', { text: '<form>' }, {}, /names no file of ZenML/],
    ['cannot be reached', {}, { UV_DEFAULT_INDEX: 'http://127.0.0.1:9/simple' }, /127\.0\.0\.1:9/],
    ['is a folder', {}, { UV_DEFAULT_INDEX: '/srv/wheels' }, /no address on the web/],
  ])('are not known where the index %s', async (_what, reply, env, why) => {
    pages = { '/simple/zenml/': reply }
    expect(await ask(env)).toEqual({ unknown: expect.stringMatching(why) as unknown })
  })

  it('are not known where a variable is not set', async () => {
    expect(await ask({}, ['ACME_INDEX'])).toEqual({
      unknown: expect.stringContaining('ACME_INDEX') as unknown,
    })
  })
})

describe('the names of files', () => {
  it('tell the version, once', () => {
    expect(
      versionsOn(
        'zenml-1.0.dev3-py3-none-any.whl zenml-1.0.tar.gz zenml-1.0-1-py3-none-any.whl zenml_x-2.0.zip zenml-3.0.exe',
      ),
    ).toEqual(['1.0.0.dev3', '1.0.0'])
  })
})

describe('the nearest releases', () => {
  it.each([
    [['0.9', '0.10', '0.11', '0.12', '0.13'], '0.11.1', ['0.10', '0.11', '0.12', '0.13']],
    [['1.0', '1.1rc1', '1.2'], '1.1', ['1.0', '1.2']],
    [['1.0rc1', '1.0.dev2'], '1.0', ['1.0.dev2', '1.0rc1']],
    [[], '1.0', []],
  ])('of %j to %s are %j', (versions, wanted, nearest) => {
    expect(nearestReleases(versions, wanted)).toEqual(nearest)
  })
})
