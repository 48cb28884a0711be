import { describe, expect, it } from '@jest/globals'
import { buildsHere, judgeBuilds, repositoriesOf } from '../../../src/snapshots/judge-builds.ts'
import type { CheckedBuilds } from '../../../src/zenml-client/job-values.ts'
import type { StackDefinition } from '../../../src/zenml-client/protocol.ts'

const stack = (...components: readonly (readonly [type: string, flavor: string])[]) =>
  ({
    name: 'remote',
    components: components.map(([type, flavor]) => ({
      type,
      name: flavor,
      flavor,
      integration: null,
      flavorSource: null,
      configuration: {},
    })),
  }) satisfies StackDefinition
const REGISTRY = ['container_registry', 'default'] as const
const planned = { key: null, images: ['r.test:5000/zen/zenml:a-orchestrator'] }
const about = { stack: 'remote', target: '0.98.0' }
const push = (
  verdict: CheckedBuilds['pushes'][number]['verdict'],
  detail = '',
  login: string | null = '/home/u/.docker/config.json',
): CheckedBuilds => ({
  engineProblem: null,
  pushes: [{ repository: 'r.test:5000/zen/zenml', verdict, login, detail }],
})

describe('where an image is built', () => {
  it('is this machine with a local image builder, and without any', () => {
    expect(buildsHere(planned, stack(REGISTRY, ['image_builder', 'local']))).toBe(true)
    expect(buildsHere(planned, stack(REGISTRY))).toBe(true)
  })

  it('is elsewhere with a remote image builder', () => {
    expect(buildsHere(planned, stack(REGISTRY, ['image_builder', 'kaniko']))).toBe(false)
  })

  it('is nowhere where all images are prebuilt', () => {
    expect(buildsHere({ key: null, images: [] }, stack(REGISTRY))).toBe(false)
    expect(buildsHere(null, stack(REGISTRY))).toBe(false)
  })
})

it('asks a registry about each repository once, and no one where the stack has no registry', () => {
  const images = ['r.test:5000/zen/zenml:a', 'r.test:5000/zen/zenml:b', 'r.test:5000/other:c']
  expect(repositoriesOf(images, stack(REGISTRY))).toEqual({
    repositories: ['r.test:5000/other', 'r.test:5000/zen/zenml'],
    notes: [],
  })
  expect(repositoriesOf(['zenml:a'], stack())).toEqual({ repositories: [], notes: [] })
})

it('does not run the code of a custom registry to read its login, which is a note', () => {
  const { name, components } = stack(REGISTRY)
  const custom = components.map((one) => ({ ...one, flavorSource: 'team.registry.Flavor' }))
  expect(repositoriesOf(['r.test:5000/zenml:a'], { name, components: custom })).toEqual({
    repositories: [],
    notes: [
      'Whether this machine may push to the container registry default: its flavor is custom.',
    ],
  })
})

describe('a machine where images shall be built', () => {
  it('without a container engine fails the snapshot, with three ways out', () => {
    const { problem } = judgeBuilds(
      { engineProblem: 'No container engine is available.', pushes: [] },
      about,
    )
    expect(problem?.message).toBe(
      'Its image is built on this machine, and ZenML 0.98.0 has no container engine here: No container engine is available.',
    )
    expect(problem?.next).toMatch(/Start Docker or Podman.*kaniko, gcp or aws.*skip_build: true/)
  })

  it('may push', () => {
    expect(judgeBuilds(push('allowed'), about)).toEqual({ problem: undefined, notes: [] })
  })

  it('with a login that the registry refuses fails the snapshot, with where it comes from', () => {
    const { problem } = judgeBuilds(push('denied', 'HTTP 401: authentication required'), about)
    expect(problem?.message).toBe(
      'Its image cannot be pushed: r.test:5000 refuses r.test:5000/zen/zenml (HTTP 401: authentication required). The login is that of /home/u/.docker/config.json.',
    )
    expect(problem?.next).toContain(
      '`docker login r.test:5000`, on GitHub in .github/actions/zenml-upgrade-setup/action.yml',
    )
  })

  it.each([null, 'no login'])('that has no login is reported as that: %s', (login) => {
    expect(judgeBuilds(push('denied', 'HTTP 401', login), about).problem?.message).toContain(
      'This machine has no login for it.',
    )
  })

  it('does not fail where a registry could not be asked, which is a note', () => {
    const { problem, notes } = judgeBuilds(push('unreachable', 'ConnectionError: refused'), about)
    expect(problem).toBeUndefined()
    expect(notes).toEqual([
      'Whether this machine may push to r.test:5000/zen/zenml: the registry did not answer this process, and may answer the container engine (ConnectionError: refused).',
    ])
    expect(judgeBuilds(push('not-asked', 'its login is not known'), about).notes).toEqual([
      'Whether this machine may push to r.test:5000/zen/zenml: its login is not known.',
    ])
  })
})
