import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type * as z from 'zod'
import * as entities from '../../../src/zenml/entities.ts'
import { isPro, serverInfoSchema } from '../../../src/zenml/info.ts'
import {
  hydratedRunSchema,
  runSchema,
  stepDetailSchema,
  stepSchema,
} from '../../../src/zenml/run-entities.ts'

// Answers of real servers, keys taken out.
const FIXTURES = join(import.meta.dirname, '../../fixtures/zenml')

describe.each(['0.94.1', '0.98.0'])('answers of ZenML %s', (version) => {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(join(FIXTURES, version, `${name}.json`), 'utf8'))
  const one = <S extends z.ZodType>(name: string, schema: S): z.output<S> =>
    schema.parse(read(name))
  const first = <S extends z.ZodType>(name: string, schema: S): z.output<S> =>
    schema.parse((read(name) as { items: unknown[] }).items[0])

  it('tell about the server', () => {
    const info = one('info', serverInfoSchema)
    expect(info).toMatchObject({ version, deployment_type: 'other', database_type: 'sqlite' })
    expect(isPro(info)).toBe(false)
    expect(one('current-user', entities.currentUserSchema)).toMatchObject({
      name: 'ci',
      body: { is_service_account: true, is_admin: false },
    })
  })

  it('tell about projects, pipelines, stacks and what is in them', () => {
    expect(first('projects', entities.projectSchema).name).toBe('default')
    expect(first('pipelines', entities.pipelineSchema).name).toBe('tiny')
    expect(Object.keys(first('stacks', entities.stackSchema).metadata.components).sort()).toEqual([
      'artifact_store',
      'container_registry',
      'image_builder',
      'orchestrator',
    ])
    const store = first('components', entities.componentSchema)
    expect([store.body.flavor_name, Object.keys(store.metadata.configuration).sort()]).toEqual([
      's3',
      ['key', 'path', 'secret'],
    ])
    expect(first('flavors', entities.flavorSchema).body.is_custom).toBe(false)
  })

  it('tell about snapshots and their builds', () => {
    expect(first('snapshots', entities.snapshotSchema)).toMatchObject({
      name: 'smoke',
      body: { runnable: true },
      resources: { pipeline: { name: 'tiny' }, stack: { name: 'remote' } },
    })
    const snapshot = one('snapshot', entities.hydratedSnapshotSchema)
    expect(snapshot.metadata).toMatchObject({
      description: 'a described one',
      client_version: version,
      server_version: version,
    })
    expect(snapshot.resources.tags.map(({ name }) => name)).toEqual(['nightly'])
    expect(Object.keys(snapshot.metadata.step_configurations)).toEqual(['make', 'total'])
    expect(one('build', entities.buildSchema).metadata).toMatchObject({
      zenml_version: version,
      python_version: '3.11',
      is_local: false,
    })
    expect(one('snapshot-local', entities.hydratedSnapshotSchema)).toMatchObject({
      body: { runnable: false },
      resources: { build: null },
    })
  })

  it('tell about schedules and triggers', () => {
    expect(first('schedules', entities.scheduleSchema)).toMatchObject({
      name: 'nightly',
      body: { cron_expression: '0 3 * * *', is_archived: false },
    })
    expect(one('schedule', entities.hydratedScheduleSchema).metadata.pipeline_id).toEqual(
      expect.any(String),
    )
    const trigger = first('triggers', entities.triggerSchema)
    expect([trigger.body.name, trigger.resources.snapshots.map(({ name }) => name)]).toEqual([
      'every-night',
      ['smoke'],
    ])
  })

  it('tell about runs and steps', () => {
    expect(first('runs', runSchema).body.status).toBe('completed')
    expect(one('run-completed', hydratedRunSchema).metadata.orchestrator_environment).toMatchObject(
      { zenml_version: version },
    )
    expect(first('run-failed-steps', stepSchema).body.status).toBe('failed')
    expect(one('step-failed', stepDetailSchema).metadata.exception_info).toMatchObject({
      source: 'builtins.ValueError',
      message: 'no rows left: 4\nsecond line',
    })
  })

  it('never pass on the secrets of a service connector, which the server gives in clear text', () => {
    expect(JSON.stringify(read('service_connectors'))).toContain('CANARY-SECRET')
    const connector = first('service_connectors', entities.serviceConnectorSchema)
    expect(connector).toMatchObject({
      name: 'k8s-prod',
      body: { connector_type: 'kubernetes', auth_method: 'token' },
    })
    expect(JSON.stringify(connector)).not.toContain('CANARY-SECRET')
  })
})

it.each([
  ['2026-11-23T18:05:20.254865', '2026-11-23T18:05:20.254Z'],
  ['2026-11-23T18:05:20', '2026-11-23T18:05:20.000Z'],
  ['2026-11-23T18:05:20Z', '2026-11-23T18:05:20.000Z'],
  ['2026-11-23T18:05:20+02:00', '2026-11-23T16:05:20.000Z'],
])('the time %s of a server is %s', (written, iso) => {
  expect(entities.serverTime(written).toISOString()).toBe(iso)
})
