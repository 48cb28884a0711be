import { describe, expect, it } from '@jest/globals'
import {
  carriedSettings,
  describePin,
  pinsOfBuild,
  pinsOfSettings,
  remedyOf,
  unchangedImages,
  unknownImages,
} from '../../../src/snapshots/pinned-client.ts'
import { staleBecause } from '../../../src/snapshots/staleness.ts'
import { build, changed, record } from './example.ts'

const TARGET = '0.98.0'
const rebuilt = record('0.98.0', 'churn-cfg')
const digest = `acme/base@sha256:${'a'.repeat(64)}`

const inPipeline = (docker: unknown) =>
  changed(rebuilt, (copy) => {
    copy.metadata.pipeline_configuration['settings'] = { docker }
  })
const inStep = (docker: unknown) =>
  changed(rebuilt, (copy) => {
    const step = copy.metadata.step_configurations['load']
    if (step !== undefined) step.config['settings'] = { docker }
  })

describe('carriedSettings', () => {
  const carried = (docker: Record<string, never>) => carriedSettings({ docker }, TARGET)

  it.each([
    ['zenml==0.94.1', 'zenml==0.98.0'],
    ['zenml [ s3fs, server ] == 0.94.1', 'zenml[s3fs,server]==0.98.0'],
    ['zenml>=0.90,<0.95; python_version >= "3.10"', 'zenml==0.98.0 ; python_version >= "3.10"'],
    ['zenml~=0.94.1', 'zenml==0.98.0'],
    ['zenml', 'zenml'],
    ['zenml>=0.94', 'zenml>=0.94'],
    ['zenml==0.98', 'zenml==0.98'],
    ['zenml-extra==0.94.1', 'zenml-extra==0.94.1'],
    [
      'zenml @ git+https://github.com/zenml-io/zenml',
      'zenml @ git+https://github.com/zenml-io/zenml',
    ],
  ])('carries the requirement %j as %j', (line, expected) => {
    const { settings } = carriedSettings(
      { docker: { parent_image: 'python:3.11-slim', requirements: [line, 'pandas'] } },
      TARGET,
    )
    expect(settings).toEqual({
      docker: { parent_image: 'python:3.11-slim', requirements: [expected, 'pandas'] },
    })
  })

  it('leaves an image of another ZenML, or one that is used as it is, to the code', () => {
    for (const image of ['acme/zenml:0.94.1', digest]) {
      const docker = { parent_image: image, skip_build: true, user: 'u' } as never
      expect(carried(docker).settings).toEqual({ docker: { user: 'u' } })
      expect(carried(docker).pins).toMatchObject([{ raised: false }])
    }
  })
})

describe('pinsOfSettings', () => {
  it.each([
    [
      { parent_image: 'zenmldocker/zenml:0.94.1-py3.11' },
      'parent_image zenmldocker/zenml:0.94.1-py3.11',
    ],
    [{ parent_image: 'acme/base:1.2-zenml-0.94.1' }, 'parent_image acme/base:1.2-zenml-0.94.1'],
    [{ requirements: ['zenml[s3]==0.94.1'] }, 'the requirement zenml[s3]==0.94.1'],
    [
      { requirements: ['zenml @ https://x.example/zenml.whl'] },
      'the requirement zenml @ https://x.example/zenml.whl, which installs ZenML from an address',
    ],
    [{ requirements: 'r.txt' }, 'zenml==0.94.1 in the file r.txt'],
    [{ dockerfile: 'Dockerfile' }, 'zenmldocker/zenml:0.94.1 in the file Dockerfile'],
  ])('finds %j, in the pipeline and in a step', (docker, text) => {
    const files = [
      { path: 'r.txt', settings: 'requirements', lines: ['pandas', 'zenml==0.94.1'] },
      { path: 'Dockerfile', settings: 'dockerfile', lines: ['FROM', 'zenmldocker/zenml:0.94.1'] },
    ] as const
    for (const snapshot of [inPipeline(docker), inStep(docker)]) {
      const pins = pinsOfSettings(snapshot.metadata, TARGET, files)
      expect(pins.map(describePin)).toEqual([text])
      expect(pins.map(remedyOf).join()).toMatch(/\w$/)
    }
  })

  it('finds nothing that names the target or no ZenML', () => {
    const docker = { parent_image: 'zenmldocker/zenml:0.98.0', requirements: ['zenml==0.98', 'x'] }
    expect(pinsOfSettings(inPipeline(docker).metadata, TARGET)).toEqual([])
  })
})

describe('images that are used as they are', () => {
  const settings = (image: string) => [{ parent_image: image, skip_build: true }]
  it('hold the old ZenML while their digest is the same', () => {
    expect(unchangedImages(settings(digest), settings(digest)).map(describePin)).toEqual([
      `parent_image ${digest}, which is used as it is (skip_build)`,
    ])
    expect(unchangedImages(settings(digest), settings(digest.replaceAll('a', 'b')))).toEqual([])
    expect(unchangedImages([{ parent_image: digest }], [{ parent_image: digest }])).toEqual([])
  })
  it('are reported where their name does not say which ZenML they hold', () => {
    expect(unknownImages(settings('acme/train:2'))).toEqual(['acme/train:2'])
    expect(unknownImages(settings('acme/zenml:0.98.0'))).toEqual([])
    expect(unknownImages([{ parent_image: 'acme/train:2' }])).toEqual([])
  })
})

describe('staleBecause', () => {
  const built = (image: Record<string, string>) => {
    const made = build(TARGET)
    return {
      ...made,
      metadata: { ...made.metadata, images: { orchestrator: { image: 'i', ...image } } },
    }
  }
  const because = (snapshot: typeof rebuilt, of = build(TARGET)) =>
    staleBecause({ record: snapshot, build: of, version: TARGET }, TARGET)

  it('calls a snapshot stale whose image holds another ZenML, whatever client made it', () => {
    expect(because(rebuilt)).toBeUndefined()
    expect(because(inStep({ requirements: ['zenml==0.94.1'] }))).toBe(
      'another ZenML is put into its image: the requirement zenml==0.94.1',
    )
    expect(because(inPipeline({ parent_image: 'zenmldocker/zenml:0.94.1' }))).toMatch(
      /parent_image/,
    )
  })

  it('reads what the build was really made of', () => {
    expect(because(rebuilt, built({ requirements: 'pandas\nzenml==0.94.1' }))).toBe(
      'another ZenML is put into its image: its image was built with zenml==0.94.1',
    )
    expect(because(rebuilt, built({ dockerfile: 'FROM zenmldocker/zenml:0.94.1\nRUN x' }))).toBe(
      'another ZenML is put into its image: its image was built with zenmldocker/zenml:0.94.1',
    )
    expect(pinsOfBuild(built({ dockerfile: 'FROM zenmldocker/zenml:0.98.0' }), TARGET)).toEqual([])
  })

  it('names the old client', () => {
    expect(staleBecause({ record: rebuilt, build: null, version: '0.94.1' }, TARGET)).toBe(
      'it still carries ZenML 0.94.1',
    )
  })
})
