import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const SCRIPT = `
import json, sys
from zenml_upgrade_fork_server.results import known_remedy
class DockerException(Exception): pass
try:
    exec(sys.argv[1])
except Exception as error:
    print(json.dumps(known_remedy(error, {"sourceRoot": "/nowhere"})))
`

/** The remedy for what a piece of Python raises. */
function remedyOf(code: string): unknown {
  const { stdout, stderr } = spawnSync('python3', ['-B', '-c', SCRIPT, code], {
    cwd: resolve('src/zenml-client'),
    encoding: 'utf8',
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

const ENGINE = expect.stringContaining('running container engine') as unknown

describe('the remedy for a failed job', () => {
  it.each([
    'RuntimeError("No container engine is available. Install and start Docker, or install Podman.")',
    'RuntimeError("`docker` is required to run the local image builder.")',
    'RuntimeError("Unable to connect to the Docker daemon. There are three common causes for this:")',
    'DockerException("Error while fetching server API version")',
  ])('is a container engine where ZenML has none: %s', (raised) => {
    expect(remedyOf(`raise ${raised}`)).toEqual(ENGINE)
  })

  it.each([
    [
      'ImportError("cannot import name \'DockerSettings\'", name="zenml.config.docker_settings")',
      'The new ZenML has changed `zenml.config.docker_settings`: change the import in the code of the pipeline.',
    ],
    [
      'ModuleNotFoundError("No module named \'dockerfile_parse\'", name="dockerfile_parse")',
      'Add the package that has `dockerfile_parse`, such as dockerfile-parse, to a requirements file, and name this file in `install.requirements` of the source.',
    ],
    ["AttributeError(\"'DockerSettings' object has no attribute 'x'\")", null],
    ['ValueError("dockerfile: no such file")', null],
  ])('is no container engine where a name only mentions Docker: %s', (raised, remedy) => {
    expect(remedyOf(`raise ${raised}`)).toBe(remedy)
  })
})

it('names the images of the engine as what fills a full disk', () => {
  expect(
    remedyOf('raise RuntimeError("Docker error: write /layer: no space left on device.")'),
  ).toContain('`docker system df`')
})
