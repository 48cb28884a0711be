import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { clientEnvironment, NEW, OLD } from '../support/environments.ts'
import { httpServer, silence, type HttpTestServer } from '../support/http-server.ts'

jest.setTimeout(600_000)

const execute = promisify(execFile)
/**
 * Checks a stack that pushes nothing, with an engine that has two seconds to answer. As in the fork
 * server, ZenML is imported before.
 */
const CHECK = `
import contextlib, json, os
import zenml.image_builders.local_image_builder
with contextlib.suppress(ImportError):
    import zenml.container_engines
from zenml_upgrade_fork_server import build_checks
build_checks.ENGINE_TIMEOUT = 2
print(json.dumps(build_checks.check_builds({"repositories": []}, "/nowhere")), flush=True)
os._exit(0)
`
/** Wraps the builder of a real ZenML. */
const WATCH = `
from zenml_upgrade_fork_server.watched_builds import watch_builds
watch = watch_builds("/nowhere/job-1")
print([watch.images_built, watch.is_reused])
`

/** Returns the last line that a script prints; some releases of ZenML print lines of their own. */
async function python(version: string, script: string, env: Readonly<Record<string, string>> = {}) {
  const { stdout } = await execute(
    join(await clientEnvironment(version), 'bin', 'python'),
    ['-B', '-c', script],
    { cwd: resolve('src/zenml-client'), env: { ...process.env, ...env } },
  )
  return stdout.trimEnd().split('\n').at(-1) ?? ''
}

let silent: HttpTestServer | undefined
afterEach(() => silent?.close())

describe.each(['0.90.0', OLD, NEW])('the client of ZenML %s', (version) => {
  it('says in one sentence that it has no container engine', async () => {
    const checked = await python(version, CHECK, {
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
      PATH: '/nowhere',
    })
    expect(JSON.parse(checked)).toEqual({
      engineProblem: expect.stringMatching(
        /^(No container engine is available\. .*|`docker` is required .*)$/,
      ) as unknown,
      pushes: [],
    })
  })

  it('gives up on an engine that does not answer', async () => {
    silent = await httpServer(() => silence)
    const checked = await python(version, CHECK, {
      DOCKER_HOST: silent.url.replace('http:', 'tcp:'),
      ZENML_CONTAINER_ENGINE: 'docker',
    })
    expect(JSON.parse(checked)).toEqual({
      engineProblem: 'It did not answer within 2 s.',
      pushes: [],
    })
  })

  it('has the builder of images that is watched', async () => {
    expect(await python(version, WATCH)).toBe('[0, False]')
  })
})
