import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

/**
 * Stands in for ZenML's builder, which tags, pushes and then asks for the digest of the tag
 * (`build_docker_image` in zenml/utils/pipeline_docker_image_builder.py). Builds an image in each
 * child, and prints the events of all children in their order.
 */
const SCRIPT = `
import json, logging, os, sys, time, types
from types import SimpleNamespace as Some

directory, targets = json.loads(sys.argv[1])
events = os.path.join(directory, "events")

def note(text):
    with open(events, "a") as file:
        file.write(text + "\\n")

class PipelineDockerImageBuilder:
    def build_docker_image(self, docker_settings, tag, stack, include_files):
        note(f"begin {tag}")
        time.sleep(0.3)
        if tag == "broken":
            logging.getLogger("zenml.utils.docker_utils").debug("ERROR: no such package")
            raise RuntimeError("Docker error: code 2.")
        note(f"end {tag}")
        return "image", None, None

builder = types.ModuleType("zenml.utils.pipeline_docker_image_builder")
builder.PipelineDockerImageBuilder = PipelineDockerImageBuilder
build_utils = types.ModuleType("zenml.pipelines.build_utils")
build_utils.find_existing_build = lambda snapshot: snapshot
pipelines = types.ModuleType("zenml.pipelines")
pipelines.build_utils = build_utils
sys.modules.update({
    "zenml": types.ModuleType("zenml"), "zenml.utils": types.ModuleType("zenml.utils"),
    "zenml.pipelines": pipelines, "zenml.pipelines.build_utils": build_utils,
    "zenml.utils.pipeline_docker_image_builder": builder,
})
logging.basicConfig(stream=sys.stderr, level=logging.INFO)

from zenml_upgrade_fork_server.errors import current_phase
from zenml_upgrade_fork_server.watched_builds import watch_builds

registry = Some(config=Some(uri="r.test", default_repository=None))
def build(number, tag, skip):
    watch = watch_builds(os.path.join(directory, f"job-{number}"))
    try:
        PipelineDockerImageBuilder().build_docker_image(
            docker_settings=Some(skip_build=skip, target_repository=None), tag=tag,
            stack=Some(container_registry=registry), include_files=False)
        build_utils.find_existing_build(snapshot=None)
    except RuntimeError:
        note(f"failed in the phase {current_phase()}")
    note(f"built {watch.images_built}, reused {watch.is_reused}")
    os._exit(0)

for number, (tag, skip) in enumerate(targets):
    if os.fork() == 0:
        build(number, tag, skip)
for _ in targets:
    os.wait()
print(open(events).read(), end="")
`

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'watched-builds-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

function build(...targets: readonly (readonly [tag: string, skip: boolean])[]) {
  const { stdout, stderr } = spawnSync(
    'python3',
    ['-B', '-c', SCRIPT, JSON.stringify([directory, targets])],
    { cwd: resolve('src/zenml-client'), encoding: 'utf8' },
  )
  if (stdout === '') throw new Error(stderr)
  return { events: stdout.trimEnd().split('\n'), log: stderr }
}

describe('images that jobs build at the same time', () => {
  it('are built one after the other where they have one name', () => {
    const events = build(['same', false], ['same', false]).events
    expect(events.filter((event) => event.endsWith('same'))).toEqual([
      'begin same',
      'end same',
      'begin same',
      'end same',
    ])
  })

  it('are built together where they have different names', () => {
    const { events } = build(['one', false], ['two', false])
    expect(events.slice(0, 2).toSorted()).toEqual(['begin one', 'begin two'])
  })
})

describe('an image build', () => {
  it('is counted, and a prebuilt image is not', () => {
    expect(build(['one', false]).events).toContain('built 1, reused False')
    expect(build(['prebuilt', true]).events).toContain('built 0, reused False')
  })

  it('that fails is the phase of the failure, and its output is in the log', () => {
    const { events, log } = build(['broken', false])
    expect(events).toContain('failed in the phase build')
    expect(log).toContain('ERROR: no such package')
  })
})
