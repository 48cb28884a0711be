import { describe, expect, it } from '@jest/globals'
import { difference, layOver } from '../../../src/snapshots/json.ts'
import {
  newRunName,
  onlyFromSource,
  serverRunConfiguration,
} from '../../../src/snapshots/run-configuration.ts'
import {
  comparedWithEarlier,
  failedFromSource,
  runProblem,
} from '../../../src/snapshots/run-verdict.ts'
import {
  membersOf,
  parseShard,
  shardText,
  shardToWork,
  type KnownSeconds,
} from '../../../src/snapshots/shard.ts'
import { carriedVersion, pythonVersion } from '../../../src/snapshots/staleness.ts'
import { carries } from '../../../src/snapshots/versions.ts'
import { build, changed, record } from './example.ts'

const old = record('0.94.1', 'churn-cfg')

describe('staleness', () => {
  it('takes the build before the client', () => {
    expect(carriedVersion(old, build('0.90.0'))).toBe('0.90.0')
    expect(carriedVersion(old, null)).toBe('0.94.1')
    expect(
      carriedVersion(
        changed(old, (copy) => {
          copy.metadata.client_version = null
        }),
        build(null),
      ),
    ).toBe('unknown')
  })
  it('compares as Python does, and an unknown version carries nothing', () => {
    expect(carries('0.98', '0.98.0')).toBe(true)
    expect(carries('0.98.0rc1', '0.98.0')).toBe(false)
    expect(carries('unknown', 'unknown')).toBe(false)
  })
  it('takes the Python of the build, else of the client', () => {
    expect(pythonVersion(old, build('0.94.1', '3.12'))).toBe('3.12')
    expect(pythonVersion(old, null)).toBe('3.11')
  })
})

describe('shards', () => {
  const keys = Array.from({ length: 200 }, (_, index) => `default/churn/snapshot-${index}`)
  const shards = [1, 2, 3, 4].map((index) => ({ index, of: 4 }))
  const members = (known: KnownSeconds, among: readonly string[] = keys) =>
    shards.map((shard) => among.filter(membersOf(shard, known)))

  it('give every key to exactly one of them, whatever the record knows', () => {
    const some = new Map(keys.slice(0, 90).map((key, index) => [key, index % 3 ? index : null]))
    for (const known of [new Map<string, number>(), some])
      expect(members(known).flat().sort()).toEqual([...keys].sort())
    expect(keys.every(membersOf(undefined, some))).toBe(true)
  })

  it('have about as many keys each where nothing was measured', () => {
    for (const keysOfShard of members(new Map())) expect(keysOfShard.length).toBeGreaterThan(20)
    const seen = new Map(keys.map((key) => [key, null]))
    expect(members(seen).map(({ length }) => length)).toEqual([50, 50, 50, 50])
  })

  it('are balanced by what their keys took, the longest first, and the median for the others', () => {
    const known = new Map<string, number | null>([
      ['a', 100],
      ['b', 30],
      ['c', 30],
      ['d', 30],
      ['e', null],
      ['f', 10],
    ])
    const two = [1, 2].map((index) => [...known.keys()].filter(membersOf({ index, of: 2 }, known)))
    expect(two).toEqual([
      ['a', 'f'],
      ['b', 'c', 'd', 'e'],
    ])
  })

  it('keep their keys when the server has more or fewer of them than the record', () => {
    const known = new Map(keys.slice(0, 100).map((key, index) => [key, index]))
    const before = members(known, keys.slice(0, 100))
    const after = members(known, keys.slice(50))
    for (const [index, kept] of before.entries())
      expect(after[index]).toEqual(
        expect.arrayContaining(kept.filter((key) => keys.indexOf(key) >= 50)),
      )
  })
  it.each([
    ['1/4', { index: 1, of: 4 }],
    [' 4/4 ', { index: 4, of: 4 }],
    ['0/4', undefined],
    ['5/4', undefined],
    ['1', undefined],
    ['a/b', undefined],
    ['', undefined],
  ])('%j', (text, shard) => {
    expect(parseShard(text)).toEqual(shard)
    if (shard !== undefined) expect(shardText(shard)).toBe(text.trim())
  })
})

describe('json', () => {
  it('lays over, takes apart again', () => {
    const below = { a: { b: 1, c: [1] }, d: 2 }
    const above = { a: { b: 1, c: [2], e: 3 }, d: 2, f: null }
    expect(layOver(below, { a: { c: [2], e: 3 }, f: null })).toEqual(above)
    expect(difference(above, below)).toEqual({ a: { c: [2], e: 3 }, f: null })
    expect(difference(below, below)).toEqual({})
  })
})

describe('a run on the server', () => {
  it('turns caching off for every step by name and lays the smaller values over', () => {
    expect(serverRunConfiguration(old, { steps: { load: { parameters: { rows: 100 } } } })).toEqual(
      {
        enable_cache: false,
        steps: {
          load: { enable_cache: false, parameters: { rows: 100 } },
          fit: { enable_cache: false },
        },
      },
    )
  })
  it('is not asked for what it cannot do', () => {
    expect(onlyFromSource(old, undefined)).toBeUndefined()
    expect(onlyFromSource(old, { parameters: { rows: 1 } })).toMatch(
      /no pipeline parameters for a static pipeline/,
    )
    expect(onlyFromSource(record('0.94.1', 'churn-plain'), undefined)).toMatch(/no image/)
  })
})

describe('runProblem', () => {
  const run = {
    id: 'r1',
    name: 'churn-1',
    status: 'completed',
    'zenml-version': '0.98.0',
    'all-cached': false,
    'failed-step': null,
    exception: null,
    url: 'http://run',
  }
  it.each([
    [{}, undefined],
    [{ 'all-cached': true }, 'The run churn-1 (r1) took every step from the cache; nothing ran.'],
    [
      { status: 'cached', 'zenml-version': null },
      'The run churn-1 (r1) took every step from the cache; nothing ran.',
    ],
    [
      { status: 'failed', 'failed-step': 'fit', exception: 'ValueError: no rows' },
      'The run churn-1 (r1) ended as failed in step fit: ValueError: no rows',
    ],
    [{ status: 'stopped' }, 'The run churn-1 (r1) ended as stopped'],
    [{ status: 'skipped' }, 'The run churn-1 (r1) ended as skipped'],
    [
      { 'zenml-version': null },
      'The run churn-1 (r1) completed, but does not say which ZenML version it used.',
    ],
    [
      { 'zenml-version': '0.94.1' },
      'The run churn-1 (r1) completed, but with ZenML 0.94.1 and not 0.98.0.',
    ],
  ])('%j', (more, message) => {
    expect(runProblem({ ...run, ...more }, '0.98.0')?.message).toBe(message)
  })
})

describe('comparedWithEarlier', () => {
  const earlier = {
    id: 'r0',
    name: 'churn-0',
    status: 'failed',
    'zenml-version': '0.94.1',
    'all-cached': false,
    'failed-step': 'fit',
    exception: 'ValueError: no rows',
    url: null,
    of: 'snapshot' as const,
    started: '2026-11-20T10:11:12.000Z',
  }
  it.each([
    [
      {},
      'It failed before its rebuild too: churn-0 (2026-11-20 10:11 UTC, ZenML 0.94.1) ended as failed in step fit: ValueError: no rows.',
    ],
    [
      { status: 'completed', 'failed-step': null, exception: null },
      'The last run before its rebuild, churn-0 (2026-11-20 10:11 UTC, ZenML 0.94.1), completed.',
    ],
    [
      { status: 'stopped', 'zenml-version': null },
      'The last run before its rebuild, churn-0 (2026-11-20 10:11 UTC), ended as stopped.',
    ],
    [
      { of: 'pipeline' as const },
      'The last run of its pipeline with another client failed too: churn-0 (2026-11-20 10:11 UTC, ZenML 0.94.1) ended as failed in step fit: ValueError: no rows.',
    ],
  ])('%j', (more, text) => {
    expect(comparedWithEarlier({ ...earlier, ...more })).toBe(text)
  })

  it('tells no earlier run from one that could not be looked for', () => {
    expect(comparedWithEarlier(null)).toBe(
      'There is no run from before its rebuild to compare it with.',
    )
    expect(comparedWithEarlier(undefined)).toBe(
      'Whether it ran before its rebuild could not be read.',
    )
  })
})

describe('failedFromSource', () => {
  const run = {
    id: 'r1',
    name: 'churn-1',
    status: 'failed',
    'zenml-version': '0.98.0',
    'all-cached': false,
    'failed-step': null,
    exception: null,
    url: null,
  }
  const failure = { kind: 'run' as const, error: 'OSError: no route to the cluster' }
  const problem = { message: `The run failed: ${failure.error}`, next: 'Read the log.' }

  it('gives the exception of the process for a run of which the server recorded none', () => {
    expect(failedFromSource(problem, { failure, run, target: '0.98.0' })).toEqual({
      run: { ...run, exception: failure.error },
      problem: {
        message: 'The run churn-1 (r1) ended as failed: OSError: no route to the cluster',
        next: 'Read the log.',
      },
    })
  })

  it('prefers the exception that the server recorded', () => {
    const recorded = { ...run, 'failed-step': 'fit', exception: 'ValueError: no rows' }
    const { problem: told } = failedFromSource(problem, {
      failure,
      run: recorded,
      target: '0.98.0',
    })
    expect(told.message).toBe(
      'The run churn-1 (r1) ended as failed in step fit: ValueError: no rows',
    )
  })

  it.each(['running', 'initializing', 'completed'])(
    'reports how the process ended while the server has the run as %s',
    (status) => {
      const open = { ...run, status }
      expect(failedFromSource(problem, { failure, run: open, target: '0.98.0' }).problem).toEqual(
        problem,
      )
      const died = { kind: 'crash' as const, error: 'ended by SIGKILL' }
      expect(failedFromSource(problem, { failure: died, run: open, target: '0.98.0' })).toEqual({
        run: open,
        problem,
      })
    },
  )
})

describe('newRunName', () => {
  it('gives names that ZenML takes as they are, each only once', () => {
    for (const name of ['nightly', 'x'.repeat(255), '{date} 漢'.repeat(40)])
      expect(newRunName(name)).toMatch(/^[a-z0-9_.-]{1,255}$/)
    expect(newRunName('nightly')).not.toBe(newRunName('nightly'))
  })
})

describe('the shard to work on', () => {
  it('is a part, or the whole where it is the only one', () => {
    expect(shardToWork('2/4')).toEqual({ index: 2, of: 4 })
    expect(shardToWork('1/1')).toBeUndefined()
    expect(shardToWork(undefined)).toBeUndefined()
  })

  it('is never larger than the whole', () => {
    expect(() => shardToWork('5/4')).toThrow('input shard is "5/4"')
  })
})
