import conftest from './repository/conftest.py'
import pipelines from './repository/pipelines.py'
import testServer from './repository/tests/smoke/test_server.py'

/** The pipelines repository of the demo, by path. */
export function repositoryFiles(config: string): Readonly<Record<string, string>> {
  return {
    'pipelines.py': pipelines,
    'conftest.py': conftest,
    'tests/smoke/test_server.py': testServer,
    'requirements.txt': 'pytest>=8\n',
    'training.yaml': 'parameters:\n  rows: 120\n',
    'zenml-upgrade.yml': config,
  }
}

export interface DemoServers {
  readonly staging: { readonly directory: string; readonly port: number }
  readonly production: { readonly directory: string; readonly port: number }
  readonly backups: string
}

/**
 * The configuration file of the demo: two servers of this machine, SQLite, one snapshot declared
 * and the others discovered.
 */
export function configFile(version: string, { staging, production, backups }: DemoServers): string {
  const environment = ({ directory, port }: { directory: string; port: number }) => [
    `    server: http://127.0.0.1:${port}`,
    `    deploy: { local: { directory: ${JSON.stringify(directory)}, port: ${port} } }`,
    `    backup: { sqlite: { path: ${JSON.stringify(`${directory}/zenml.db`)}, to: ${JSON.stringify(backups)} } }`,
  ]
  return [
    `zenml: ${version}`,
    'environments:',
    '  staging:',
    ...environment(staging),
    '  production:',
    ...environment(production),
    'sources:',
    '  - name: customers',
    '    install: { requirements: [requirements.txt] }',
    'smoke:',
    '  - { command: pytest -q tests/smoke, timeout: 10m }',
    'snapshots:',
    '  - name: training',
    '    config: { staging: training.yaml, production: training.yaml }',
    '    smoke: { parameters: { rows: 30 } }',
    '',
  ].join('\n')
}
