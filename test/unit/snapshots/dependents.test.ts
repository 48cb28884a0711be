import { afterEach, describe, expect, it } from '@jest/globals'
import { Stop } from '../../../src/core/stop.ts'
import { closeHttp } from '../../../src/http/http.ts'
import { dependentsAfter } from '../../../src/snapshots/dependents.ts'
import type { HttpTestServer } from '../../support/http-server.ts'
import { testMachine } from '../../support/machine.ts'
import { snapshotsDepsFor } from '../../support/snapshots-deps.ts'
import { zenmlLists, type ListedEntity, type ZenmlLists } from '../../support/zenml-lists.ts'
import { build, record } from './example.ts'

let server: HttpTestServer
afterEach(async () => {
  await closeHttp()
  await server.close()
})

const pipeline = { id: 'pl1', name: 'churn' }
const { body, metadata, resources } = record('0.94.1', 'churn-cfg')

function template(name: string, buildId: string): ListedEntity {
  return {
    id: `t-${name}`,
    name,
    body: { created: '2025-01-01T00:00:00', hidden: false, runnable: true },
    resources: { pipeline, build: { id: buildId }, source_snapshot: { id: 's1' } },
  }
}

function deployment(name: string, snapshotId: string): ListedEntity {
  return {
    id: `d-${name}`,
    name,
    body: { project_id: 'p', status: 'running', url: null },
    resources: { pipeline, snapshot: { id: snapshotId }, stack: { id: 'st1', name: 'remote' } },
  }
}

function served(id: string, buildId: string): ListedEntity {
  return {
    id,
    name: null,
    body: { ...body, deployed: true },
    metadata,
    resources: { ...resources, build: { id: buildId } },
  }
}

const LISTS = {
  '/run_templates': [template('readable', 'b1'), template('unreadable', 'b2')],
  '/deployments': [deployment('readable', 's1'), deployment('unreadable', 's2')],
  '/pipeline_snapshots': [served('s1', 'b1'), served('s2', 'b2')],
  '/pipeline_builds': [{ ...build('0.94.1'), id: 'b1' }],
}

/** What is left after a rebuild of no snapshot. */
async function left(more: Partial<ZenmlLists> = {}, machine = testMachine()) {
  server = await zenmlLists({ version: '0.98.0', lists: LISTS, ...more })
  const deps = snapshotsDepsFor({
    server: { url: server.url, apiKey: 'ZENKEY_test' },
    directory: '/nowhere',
    target: '0.98.0',
    root: { directory: '/nowhere', commit: undefined },
    machine,
  })
  const around = { before: [], here: new Set<string>(), now: new Map(), reports: [] }
  return { ...(await dependentsAfter(deps, around, [])), lines: machine.lines }
}

describe('what is left after a rebuild', () => {
  it('has no version where one build cannot be read, and is listed all the same', async () => {
    const { templates, deployments } = await left()
    const versions = (list: typeof templates | typeof deployments) =>
      list?.map(({ name, version }) => [name, version])
    expect(versions(templates)).toEqual([
      ['readable', '0.94.1'],
      ['unreadable', null],
    ])
    expect(versions(deployments)).toEqual([
      ['readable', '0.94.1'],
      ['unreadable', null],
    ])
  })

  it('is unknown, and said, where what is needed for a list cannot be read', async () => {
    const found = await left({ forbidden: ['/pipeline_snapshots'] })
    expect(found).toMatchObject({ deployments: null, templates: [{}, {}] })
    expect(found.lines.join('\n')).toContain('the HTTP deployments could not be listed: ')
  })

  it('does not hide that the command was stopped', async () => {
    const machine = testMachine()
    machine.stop(new Stop('cancelled', 'stopped by SIGTERM'))
    await expect(left({}, machine)).rejects.toMatchObject({ code: 'cancelled' })
  })
})
