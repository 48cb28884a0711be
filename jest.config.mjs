// A machine may tell Python not to keep what it has compiled; every start of a server or of a
// client would then compile ZenML anew.
delete process.env['PYTHONDONTWRITEBYTECODE']

// One project per layer of tests; the scripts of package.json say which run when.
const layer = (name, testMatch) => ({
  displayName: name,
  testEnvironment: 'node',
  // What the bundler sets from package.json.
  globals: { __VERSION__: '0.0.0-test', __REPOSITORY__: 'zenml-upgrade/zenml-upgrade' },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
    '\\.(py|yml)$': '<rootDir>/test/support/text-transform.mjs',
  },
  moduleFileExtensions: ['ts', 'mjs', 'js', 'cjs', 'json', 'node'],
  testMatch,
  setupFilesAfterEnv: ['<rootDir>/test/support/collect-reason-codes.mjs'],
})
export default {
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  projects: [
    layer('unit', ['<rootDir>/test/unit/**/*.test.ts']),
    layer('contract', ['<rootDir>/test/contract/**/*.test.ts']),
    layer('acceptance', ['<rootDir>/test/acceptance/**/*.test.ts']),
    layer('real', ['<rootDir>/test/real/**/*.test.ts']),
    layer('whole', ['<rootDir>/test/whole/**/*.test.ts']),
    layer('containers', ['<rootDir>/test/containers/**/*.test.ts']),
    layer('workflow', ['<rootDir>/test/workflow/**/*.test.ts']),
    layer('browser', ['<rootDir>/test/browser/**/*.test.ts']),
    layer('long', ['<rootDir>/test/long/**/*.test.ts']),
    layer('bench', ['<rootDir>/bench/*.ts']),
  ],
}
