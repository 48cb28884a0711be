import { snapshotKey } from '../../../src/core/snapshot-key.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configSchema, type Config } from '../../../src/config/schema.ts'
import { type DiscoveredSnapshot } from '../../../src/snapshots/discovered.ts'
import {
  buildSchema,
  hydratedSnapshotSchema,
  type Build,
  type HydratedSnapshot,
} from '../../../src/zenml/entities.ts'

/**
 * What real servers recorded for one pipeline: first with a full configuration, then as its code
 * alone says.
 */
function records(version: '0.94.1' | '0.98.0'): HydratedSnapshot[] {
  const text = readFileSync(
    join(import.meta.dirname, `../../fixtures/snapshots/zenml-${version}.json`),
    'utf8',
  )
  return (JSON.parse(text) as unknown[]).map((item) => hydratedSnapshotSchema.parse(item))
}

export function record(version: '0.94.1' | '0.98.0', name: string): HydratedSnapshot {
  const found = records(version).find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`no record ${name}`)
  return found
}

/** A copy in which a test may change anything. */
export function changed(
  original: HydratedSnapshot,
  change: (copy: Changeable) => void,
): HydratedSnapshot {
  // `structuredClone` gives objects of another realm, which strict comparisons tell apart.
  const copy = JSON.parse(JSON.stringify(original)) as HydratedSnapshot
  change(copy as unknown as Changeable)
  return hydratedSnapshotSchema.parse(copy)
}

/** The parts of a record that tests change, at any depth. */
export interface Changeable {
  body: Mapping
  metadata: {
    description: string | null
    client_version: string | null
    pipeline_spec: { source: unknown }
    pipeline_configuration: Mapping
    step_configurations: Record<string, { config: Mapping; step_config_overrides?: Mapping }>
  }
  resources: { tags: { id: string; name: string }[]; code_reference: unknown; stack: unknown }
}
type Mapping = Record<string, unknown>

export function build(version: string | null, python: string | null = '3.11'): Build {
  return buildSchema.parse({
    id: 'build-1',
    metadata: {
      zenml_version: version,
      python_version: python,
      is_local: false,
      contains_code: true,
      images: {},
    },
    resources: {},
  })
}

export function discovered(
  name: string,
  {
    project = 'default',
    pipeline = 'churn',
    version = '0.94.1',
  }: { project?: string; pipeline?: string; version?: string } = {},
): DiscoveredSnapshot {
  return {
    key: snapshotKey({ project, pipeline, name }),
    id: `id-${name}`,
    project,
    projectId: 'p1',
    pipeline,
    pipelineId: 'pl1',
    name,
    stack: { id: 's1', name: 'remote' },
    record: record('0.94.1', 'churn-cfg'),
    build: null,
    version,
    python: '3.11',
  }
}

export function file(more: Record<string, unknown> = {}): Config {
  const environment = {
    server: 'https://zenml.example.com',
    deploy: { command: { deploy: 'true' } },
  }
  return configSchema.parse({
    zenml: '0.98.0',
    environments: { staging: environment, production: environment },
    ...more,
  })
}
