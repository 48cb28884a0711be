// What the bundle leaves out of its dependencies. esbuild cannot see it by itself: undici is
// CommonJS, whose index loads all it has, and a dynamic import keeps every export.
// test/contract/bundle-parts.test.ts holds what is told here.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/**
 * Only dispatchers and their `request`, which is all that src/http/http.ts and
 * @actions/http-client use: no fetch of its own (node has one), WebSocket, EventSource, caches,
 * cookies, mocks. `index.js` of undici puts the methods on in the same way.
 */
export const undiciParts = {
  name: 'undici-parts',
  setup(build) {
    const root = dirname(require.resolve('undici/package.json'))
    build.onResolve({ filter: /^undici$/ }, () => ({ path: 'parts', namespace: 'undici' }))
    build.onLoad({ filter: /^parts$/, namespace: 'undici' }, () => ({
      resolveDir: root,
      contents: `
        const Dispatcher = require('./lib/dispatcher/dispatcher')
        Object.assign(Dispatcher.prototype, require('./lib/api'))
        exports.Agent = require('./lib/dispatcher/agent')
        exports.ProxyAgent = require('./lib/dispatcher/proxy-agent')
      `,
    }))
    // The parser of HTTP/1.1 comes twice, as base64: with SIMD instructions and without. One is
    // enough for our few requests.
    build.onResolve({ filter: /\/llhttp_simd-wasm\.js$/ }, () => ({
      path: join(root, 'lib/llhttp/llhttp-wasm.js'),
    }))
    // Asked for only when the body of a request is FormData, a Blob or a Response; ours are text.
    build.onResolve({ filter: /\/web\/fetch\/body\.js$/ }, () => ({
      path: 'body',
      namespace: 'undici',
    }))
    build.onLoad({ filter: /^body$/, namespace: 'undici' }, () => ({
      contents: `exports.extractBody = () => { throw new TypeError('the bundle sends text only') }`,
    }))
  },
}

/**
 * Importing these packages does nothing by itself, which their package.json does not say: what
 * nobody calls may go.
 */
export const withoutSideEffects = {
  name: 'without-side-effects',
  setup(build) {
    build.onResolve({ filter: /^@actions\// }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === 'resolved') return undefined
      const resolved = await build.resolve(path, { ...rest, pluginData: 'resolved' })
      return { ...resolved, sideEffects: false }
    })
  },
}
