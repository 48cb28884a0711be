import { describe, expect, it } from '@jest/globals'
import { countBuilds, describeBuilds } from '../../../src/result/build-counts.ts'
import { buildKey, endingOf, sharedProblem } from '../../../src/snapshots/builds.ts'
import type { JobFailure, JobResult } from '../../../src/zenml-client/job-values.ts'

const root = (directory: string) => ({ directory, commit: undefined })
const failure = (kind: JobFailure['kind'], error: string): JobResult<'create'> => ({
  ok: false,
  kind,
  error,
  next: null,
  traceback: '',
  runId: null,
  seconds: 1,
})

describe('the key of a build', () => {
  const planned = { key: 'abc', images: ['zenml:a'] }
  const place = {
    stack: { id: 's1' },
    root: root('/a'),
    client: { pythonVersion: '3.12', zenmlVersion: '0.98.0' },
  }

  it('differs between stacks and between checkouts', () => {
    const key = buildKey(place, planned)
    expect(key).toBe(buildKey({ ...place }, planned))
    expect(key).not.toBe(buildKey({ ...place, stack: { id: 's2' } }, planned))
    expect(key).not.toBe(buildKey({ ...place, root: root('/b') }, planned))
  })

  it('differs between Python versions and between ZenML versions', () => {
    const key = buildKey(place, planned)
    for (const other of [{ pythonVersion: '3.11' }, { zenmlVersion: '0.94.1' }])
      expect(buildKey({ ...place, client: { ...place.client, ...other } }, planned)).not.toBe(key)
  })

  it.each([null, { key: null, images: ['zenml:a'] }])(
    'is none where ZenML reuses no build: %j',
    (none) => {
      expect(buildKey(place, none)).toBeNull()
    },
  )
})

describe('a build that failed', () => {
  it('fails the others of its key, with the name of the first', () => {
    const ending = endingOf(failure('build', 'RuntimeError: Docker error: code: 2.'), 'p/churn/a')
    expect(ending).toEqual({
      snapshot: 'p/churn/a',
      error: 'RuntimeError: Docker error: code: 2.',
      isCertain: true,
    })
    if (typeof ending === 'string') throw new Error('says nothing')
    expect(sharedProblem(ending).message).toBe(
      'Its image is that of p/churn/a, which could not be built or pushed: RuntimeError: Docker error: code: 2.',
    )
  })

  it.each([
    failure('timeout', 'The create job did not end within 60 s and was ended.'),
    failure('build', 'RuntimeError: Docker error: write /x: no space left on device.'),
    failure('build', 'RuntimeError: Docker error: dial tcp 127.0.0.1:5000: connection refused.'),
    failure('crash', 'The process was ended by SIGKILL.'),
  ])('may be ready at the next try where the cause may pass: $error', (result) => {
    const { error } = result as JobFailure
    expect(endingOf(result, 'a')).toEqual({ snapshot: 'a', error, isCertain: false })
  })

  it('says why no third one was tried', () => {
    const error = 'The create job did not end within 60 s and was ended.'
    expect(sharedProblem({ snapshot: 'p/churn/b', error, isCertain: false }).message).toBe(
      `It was not tried: the rebuilds of two snapshots with the same image failed, at last that of p/churn/b: ${error}`,
    )
  })

  it('is not what failed where the server refuses the snapshot', () => {
    expect(endingOf(failure('create', 'AuthorizationException: no'), 'a')).toBe('unknown')
  })
})

describe('the builds of a rebuild', () => {
  it('are counted over all snapshots', () => {
    const counts = countBuilds([
      { build: { id: '1', 'images-built': 2, reused: false } },
      { build: { id: '1', 'images-built': 0, reused: true } },
      { build: { id: '1', 'images-built': 0, reused: true } },
      { build: null },
      {},
    ])
    expect(counts).toEqual({ images: 2, reused: 2 })
    expect(describeBuilds(counts)).toBe('2 images built, 2 snapshots reuse a build')
    expect(describeBuilds({ images: 1, reused: 1 })).toBe(
      '1 image built, 1 snapshot reuses a build',
    )
  })

  it('are not mentioned where no stack builds an image', () => {
    expect(describeBuilds(countBuilds([{ build: null }]))).toBeUndefined()
  })
})
