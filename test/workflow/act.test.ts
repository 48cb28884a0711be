import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { parse } from 'yaml'
import { makeRepository, makeSuite, runAct, type ActRun, type Suite } from '../support/act.ts'
import { downLevel } from '../support/down-level.ts'
import { STUB } from '../support/flow.ts'
import { actionFiles, read, REUSABLE, reusablePath, SLUG } from '../support/workflow-files.ts'

// The harness itself: what it changes for act, and that act cannot end green by doing nothing.

jest.setTimeout(120_000)

let suite: Suite
beforeAll(async () => {
  suite = await makeSuite({ bundle: STUB })
})
afterAll(() => suite.remove())

/** Every value that differs, as `path: before → after`. */
function differences(before: unknown, after: unknown, path = ''): string[] {
  if (
    typeof before !== 'object' ||
    before === null ||
    typeof after !== 'object' ||
    after === null
  ) {
    return before === after ? [] : [`${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`]
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) =>
    differences(
      (before as Record<string, unknown>)[name],
      (after as Record<string, unknown>)[name],
      `${path}/${name}`,
    ),
  )
}

describe('what act is given', () => {
  it.each([...REUSABLE.map(reusablePath), ...actionFiles()])(
    'is %s but for what act does not know',
    (path) => {
      const before = read(path)
      const changes = differences(parse(before), parse(downLevel(before, SLUG)))
      for (const change of changes) {
        expect(change).toMatch(
          /(\/uses: "\$\/(?<place>[^"]+)" → "zenml-upgrade\/zenml-upgrade\/\k<place>@0{40}"|\/concurrency\/queue: "max" → undefined|\/environment\/deployment: false → undefined)$/,
        )
      }
      // Something must have been there to change, or this says nothing about the workflows.
      expect(changes.length > 0).toBe(path.startsWith('.github/workflows/'))
    },
  )
})

describe('act', () => {
  const run = async (workflow: string): Promise<ActRun> => {
    const directory = await mkdtemp(join(tmpdir(), 'zenml-upgrade-harness-'))
    try {
      await makeRepository(directory, 'main', { '.github/workflows/w.yml': workflow })
      return await runAct({
        suite,
        repository: directory,
        workflow: '.github/workflows/w.yml',
        event: 'push',
        payload: { ref: 'refs/heads/main' },
        artifacts: join(directory, 'artifacts'),
      })
    } finally {
      await rm(directory, { recursive: true })
    }
  }

  it.each([
    [
      'a runner that is not there',
      'on: push\njobs: { a: { runs-on: windows-2022, steps: [{ run: exit 1 }] } }\n',
    ],
    [
      'another event',
      'on: release\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: exit 1 }] } }\n',
    ],
    [
      'a key that it does not know',
      'on: push\nconcurrency: { group: a, queue: max }\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: exit 1 }] } }\n',
    ],
  ])('is no success with %s', async (_, workflow) => {
    await expect(run(workflow)).rejects.toThrow('act did not run what it was given')
  })

  it('runs jobs in an environment of their own', async () => {
    process.env['OF_WHOEVER_TESTS'] = 'x'
    const { log, jobs } = await run(
      'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: "echo seen=${OF_WHOEVER_TESTS-no} home=$HOME" }] } }\n',
    )
    expect(jobs).toEqual({ a: 'success' })
    expect(log).toMatch(/seen=no home=\S*zenml-upgrade-act-/)
  })
})
