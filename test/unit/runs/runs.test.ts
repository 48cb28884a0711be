import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeRun } from '../../../src/runs/explain.ts'
import { unsupported } from '../../../src/runs/start.ts'
import { endOf } from '../../../src/runs/status.ts'
import { hydratedRunSchema, stepDetailSchema, stepSchema } from '../../../src/zenml/run-entities.ts'

describe('endOf', () => {
  it.each([
    ['completed', 'succeeded'],
    ['cached', 'succeeded'],
    ['skipped', 'succeeded'],
    ['failed', 'failed'],
    ['retried', 'failed'],
    ['stopped', 'stopped'],
    ['cancelled', 'stopped'],
    ['initializing', undefined],
    ['paused', undefined],
    ['COMPLETED', undefined],
    ['a-word-of-next-year', undefined],
    ['constructor', undefined],
  ])('%s is %s', (status, end) => {
    expect(endOf(status)).toBe(end)
  })
})

describe('unsupported', () => {
  const error = (status: number, detail: string, className?: string) =>
    unsupported({ status, detail, className })
  it.each([
    [405, 'Method Not Allowed', undefined],
    [501, 'Workload management is not enabled on this server.', undefined],
    [404, 'Not Found', undefined],
    [
      400,
      'Unable to run pipeline from the server on a stack that includes local stack components.',
      'ValueError',
    ],
    [400, 'No custom stack component flavors allowed. custom stack component', 'ValueError'],
    [
      400,
      'This snapshot can not be run via the server because it does not have an associated build.',
      'ValueError',
    ],
    [402, 'Upgrade your plan.', undefined],
  ])('%d %s: from source instead', (status, detail, className) => {
    expect(error(status, detail, className)).toEqual(expect.any(String))
  })

  it.each([
    [404, 'No pipeline snapshot with this ID found', 'KeyError'],
    [400, 'The stack prod has been updated since it was used for the snapshot.', 'ValueError'],
    [400, "Can't set pipeline parameters when running a static pipeline", 'ValueError'],
    [429, 'Maximum number of concurrent snapshot tasks reached.', 'MaxConcurrentTasksError'],
    [500, 'boom', 'RuntimeError'],
  ])('%d %s: an error', (status, detail, className) => {
    expect(error(status, detail, className)).toBeUndefined()
  })
})

describe.each(['0.94.1', '0.98.0'])('describeRun with answers of ZenML %s', (version) => {
  const read = (name: string): unknown =>
    JSON.parse(
      readFileSync(
        join(import.meta.dirname, `../../fixtures/zenml/${version}/${name}.json`),
        'utf8',
      ),
    )
  const described = (name: string, failed?: string) =>
    describeRun({
      run: hydratedRunSchema.parse(read(name)),
      steps: (read(`${name}-steps`) as { items: unknown[] }).items.map((item) =>
        stepSchema.parse(item),
      ),
      failed: failed === undefined ? undefined : stepDetailSchema.parse(read(failed)),
      url: 'http://zenml/run',
      origin: 'server',
    })

  it('names the version that a completed run used', () => {
    expect(described('run-completed')).toMatchObject({
      status: 'completed',
      'zenml-version': version,
      'all-cached': false,
      'failed-step': null,
      exception: null,
      url: 'http://zenml/run',
    })
  })

  it('names the failed step and the first line of its exception', () => {
    expect(described('run-failed', 'step-failed')).toMatchObject({
      status: 'failed',
      'zenml-version': version,
      'failed-step': 'boom',
      exception: 'ValueError: no rows left: 4',
    })
  })

  it('sees that all of it came from the cache, and then knows no version', () => {
    expect(described('run-cached')).toMatchObject({
      status: 'completed',
      'all-cached': true,
      'zenml-version': null,
    })
  })

  it('takes the version of a dynamic pipeline from its client, if that ran it from source', () => {
    const run = hydratedRunSchema.parse(read('run-completed'))
    // ZenML sets the environment of the orchestrator only where a step is launched statically.
    const dynamic = {
      ...run,
      metadata: {
        ...run.metadata,
        orchestrator_environment: {},
        client_environment: { zenml_version: '0.98.1' },
      },
    }
    const versionOf = (origin: 'server' | 'source') =>
      describeRun({ run: dynamic, steps: [], failed: undefined, url: null, origin })[
        'zenml-version'
      ]
    expect([versionOf('source'), versionOf('server')]).toEqual(['0.98.1', null])
  })

  it('gives the reason of a run that failed before its first step', () => {
    const run = hydratedRunSchema.parse(read('run-failed'))
    const report = describeRun({
      run: { ...run, body: { ...run.body, status_reason: 'Failed to start run.' } },
      steps: [],
      failed: undefined,
      url: null,
      origin: 'server',
    })
    expect(report).toMatchObject({
      'all-cached': null,
      'failed-step': null,
      exception: 'Failed to start run.',
      url: null,
    })
  })
})
