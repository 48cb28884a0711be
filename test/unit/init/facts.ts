import type { Facts, ServerFacts, Setup, SnapshotFact } from '../../../src/init/facts.ts'

export function server(
  environment: 'staging' | 'production',
  more: Partial<ServerFacts> = {},
): ServerFacts {
  return {
    environment,
    url: `https://${environment}.zenml.example.com`,
    id: environment,
    version: '0.98.0',
    workspace: null,
    database: 'mysql',
    stacks: ['default'],
    snapshots: [],
    schedules: [],
    notLooked: null,
    ...more,
  }
}

export function facts(more: Partial<Facts> = {}): Facts {
  return {
    driver: 'command',
    setup: setup(),
    staging: server('staging'),
    production: server('production'),
    files: ['requirements.txt', 'pipelines.py'],
    projectFiles: [],
    chosenCode: new Map(),
    branches: ['staging', 'main'],
    ...more,
  }
}

export function setup(more: Partial<Setup> = {}): Setup {
  return {
    form: 'called',
    release: { version: '1.2.0', commit: 'c'.repeat(40) },
    head: 'staging',
    base: 'main',
    config: 'zenml-upgrade.yml',
    ...more,
  }
}

export function snapshot(
  name: string,
  module: string | null,
  more: Partial<SnapshotFact> = {},
): SnapshotFact {
  return {
    project: 'default',
    pipeline: 'churn',
    name,
    module,
    subdirectory: null,
    why: module === null ? 'its pipeline was defined in a notebook' : null,
    ...more,
  }
}
