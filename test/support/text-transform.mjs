// Jest's side of esbuild's text loader: a Python or YAML file is imported as its text.
export default {
  process: (text) => ({ code: `export default ${JSON.stringify(text)}` }),
  getCacheKey: (text) => text,
}
