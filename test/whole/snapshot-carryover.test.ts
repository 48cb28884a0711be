import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import {
  executeSnapshots,
  planSnapshots,
  rebuildSnapshots,
  type SnapshotsOutcome,
} from '../../src/snapshots/modes.ts'
import { clientJobs, seedRemoteStack } from '../support/seed.ts'
import { NEW, OLD, startServer, type TestServer } from '../support/zenml.ts'

import { depsFor, describeCarryover } from '../support/snapshot-carryover.ts'

jest.setTimeout(600_000)

describeCarryover(OLD, NEW)

/** A pipeline of one step. */
const pipelineOf = (name: string, settings: string, step = 'work') => `
from zenml import pipeline, step
from zenml.config import DockerSettings

@step(enable_cache=False)
def ${step}() -> int:
    return 1

@pipeline(name="${name}", settings={"docker": ${settings}})
def ${name}():
    ${step}()
`
const IMAGE = `DockerSettings(parent_image="zenmldocker/zenml:${OLD}-py3.11")`
const HOOKED = `${pipelineOf('hooked', 'DockerSettings()')}
try:
    from trouble.hooks import celebrate
    scripted = hooked.with_options(on_success=celebrate)
except ImportError:
    pass
`
const INLINE_BUILD = {
  images: {},
  is_local: false,
  contains_code: true,
  zenml_version: OLD,
  python_version: '3.11',
}

describe('a snapshot that would become another one', () => {
  let directory: string
  let server: TestServer
  let data: string

  const write = (module: string, text: string) =>
    writeFile(join(directory, 'code', 'trouble', module), text)
  const messages = ({ details }: SnapshotsOutcome) =>
    Object.fromEntries(
      details.snapshots.flatMap(({ name, status, message }) =>
        status === 'failed' ? [[name, message]] : [],
      ),
    )
  /** Everything that a rebuild could leave on the server. */
  async function everything(): Promise<unknown> {
    const kinds = ['pipelines', 'pipeline_snapshots', 'pipeline_builds']
    return Promise.all(
      kinds.map(async (kind) => {
        const { items } = await server.admin.get(`/${kind}`, { project: 'default', size: '100' })
        return items.map(({ id, name }) => `${id} ${name}`).sort()
      }),
    )
  }
  const FAILURES = {
    image: expect.stringMatching(
      `Its image would hold another ZenML than ${NEW}: parent_image zenmldocker/zenml:${OLD}-py3.11.`,
    ),
    file: expect.stringMatching(
      `Its image would hold another ZenML than ${NEW}: zenml==${OLD} in the file trouble/requirements.txt.`,
    ),
    hooked: expect.stringMatching(
      /The hook trouble\.hooks\.celebrate \(success_hook_source of the pipeline\) cannot be imported/,
    ),
    renamed: expect.stringMatching(
      /The code is that of another snapshot: `trouble\.renamed\.renamed` is the pipeline other, and the snapshot is of renamed/,
    ),
    steps: expect.stringMatching(
      /The code is that of another snapshot: `trouble\.steps\.steps` has the steps alien, and the snapshot has work/,
    ),
    changed: expect.stringMatching(
      /The rebuilt snapshot would be another one\. steps\.work\.extra\.team: recorded nothing, now "new"\./,
    ),
    inline: expect.stringMatching(/A server can run it, and could not run it after the rebuild/),
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'carryover-test-'))
    data = join(directory, 'server')
    await mkdir(join(directory, 'code', 'trouble'), { recursive: true })
    await write('image.py', pipelineOf('image', IMAGE))
    await write(
      'file.py',
      pipelineOf('file', 'DockerSettings(requirements="trouble/requirements.txt")'),
    )
    await write('requirements.txt', `pandas\nzenml==${OLD}\n`)
    await write('hooks.py', 'def celebrate():\n    pass\n')
    await write('hooked.py', HOOKED)
    for (const name of ['renamed', 'steps', 'changed', 'inline'])
      await write(`${name}.py`, pipelineOf(name, 'DockerSettings()'))
    server = await startServer({ version: OLD, directory: data })
    await seedRemoteStack(server.admin, join(directory, 'artifacts'))
    const job = { op: 'snapshot', stack: 'remote' } as const
    await clientJobs(server, {
      clientVersion: OLD,
      sourceRoot: join(directory, 'code'),
      jobs: [
        ...['image', 'file', 'renamed', 'steps', 'changed'].map((name) => ({
          ...job,
          source: `trouble.${name}.${name}`,
          name,
        })),
        { ...job, source: 'trouble.hooked.scripted', name: 'hooked' },
        {
          ...job,
          source: 'trouble.inline.inline',
          name: 'inline',
          stack: 'default',
          config: { build: INLINE_BUILD },
        },
      ],
    })
    await rm(join(directory, 'code', 'trouble', 'hooks.py'))
    await write(
      'renamed.py',
      pipelineOf('renamed', 'DockerSettings()').replace('name="renamed"', 'name="other"'),
    )
    await write('steps.py', pipelineOf('steps', 'DockerSettings()', 'alien'))
    await write(
      'changed.py',
      pipelineOf('changed', 'DockerSettings()').replace(
        '@step(enable_cache=False',
        '@step(enable_cache=False, extra={"team": "new"}',
      ),
    )
  })
  afterAll(async () => {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  })

  it('is found by the plan before the upgrade', async () => {
    const outcome = await planSnapshots(depsFor(server, directory, NEW))
    expect(messages(outcome)).toEqual(FAILURES)
    const image = outcome.details.snapshots.find(({ name }) => name === 'image')
    expect(image?.next).toBe(
      'Name an image of the new ZenML: see trouble/image.py and what it imports.',
    )
  })

  it('is not rebuilt, leaves nothing on the server, and fails again in a second run', async () => {
    await server.stop()
    server = await startServer({ version: NEW, directory: data, apiKey: server.apiKey })
    const before = await everything()
    for (const run of ['first', 'second']) {
      const outcome = await rebuildSnapshots(depsFor(server, directory, NEW))
      expect([run, outcome.code, messages(outcome)]).toEqual([run, 'snapshots-failed', FAILURES])
    }
    expect(await everything()).toEqual(before)
  })

  it('is stale while its image holds another ZenML, whoever made it with the new client', async () => {
    await clientJobs(server, {
      clientVersion: NEW,
      sourceRoot: join(directory, 'code'),
      jobs: ['image', 'file'].map((name) => ({
        op: 'snapshot',
        stack: 'remote',
        source: `trouble.${name}.${name}`,
        name,
        replace: true,
      })),
    })
    const deps = depsFor(server, directory, NEW)
    expect(messages(await rebuildSnapshots(deps))).toEqual(FAILURES)
    expect(messages(await executeSnapshots(deps))).toMatchObject({
      image: `It cannot be run: another ZenML is put into its image: parent_image zenmldocker/zenml:${OLD}-py3.11, its image was built with zenmldocker/zenml:${OLD}-py3.11.`,
      file: `It cannot be run: another ZenML is put into its image: its image was built with zenml==${OLD}.`,
    })
  })

  it('is rebuilt once its code names the new ZenML', async () => {
    await write('image.py', pipelineOf('image', IMAGE.replace(OLD, NEW)))
    await write('requirements.txt', `pandas\nzenml==${NEW}\n`)
    const outcome = await rebuildSnapshots(depsFor(server, directory, NEW))
    const { image, file, ...others } = FAILURES
    expect(image).not.toBe(file)
    expect(messages(outcome)).toEqual(others)
    expect(outcome.details.rebuilt).toBe(2)
  })
})
