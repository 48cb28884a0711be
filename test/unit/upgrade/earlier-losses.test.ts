import { describe, expect, it } from '@jest/globals'
import type { Attempt, Entry } from '../../../src/state/attempt.ts'
import { listedLosses, remainingLosses } from '../../../src/state/losses.ts'
import { findEarlierLoss } from '../../../src/upgrade/earlier-losses.ts'
import { compareInventories, type Inventory } from '../../../src/zenml/inventory.ts'
import { countingAttempts } from '../../../src/state/github/trusted.ts'
import { GithubError } from '../../../src/github/errors.ts'
import { lossConditions } from '../../../src/promotion/conditions.ts'
import { closed, greenAttempt } from '../state/attempts.ts'

const AT = '2026-01-01T00:00:00.000Z'
const before: Inventory = { counts: { runs: 100 }, names: { stacks: ['prod'] } }
const inventory: Entry = {
  kind: 'inventory',
  at: AT,
  counts: { ...before.counts },
  names: { stacks: ['prod'] },
}
const deployed: Entry = { kind: 'phase', at: AT, phase: 'deploy', state: 'started' }
const lossy = (after: Inventory) =>
  greenAttempt({
    id: 'lossy',
    'server-id': 'A',
    entries: [
      inventory,
      deployed,
      { kind: 'compared', at: AT, lost: listedLosses(compareInventories(before, after)) },
      closed('counts-decreased'),
    ],
  })

function tools(now: Inventory, id: string) {
  const written: Entry[] = []
  return {
    written,
    tools: {
      inventory: () => Promise.resolve(now),
      server: { url: 'http://other.test', info: () => Promise.resolve({ id, version: '0.98.0' }) },
      store: {
        append: (_environment: string, _id: string, entry: Entry) => {
          written.push(entry)
          return Promise.resolve()
        },
      },
      machine: { now: () => new Date(AT), log: { pass: () => undefined } },
    } as unknown as Parameters<typeof findEarlierLoss>[1],
  }
}
const settings = { environment: 'staging', dryRun: false } as unknown as Parameters<
  typeof findEarlierLoss
>[0]

describe('an open loss', () => {
  it('of a total is not undone by new rows that users made since', async () => {
    // 40 of 100 runs were lost; 40 other runs were made since, the lost ones are still lost
    const attempt = lossy({ counts: { runs: 60 }, names: { stacks: ['prod'] } })
    const { tools: given } = tools({ counts: { runs: 100 }, names: { stacks: ['prod'] } }, 'A')
    expect(await findEarlierLoss(settings, given, [attempt], 'A')).toBeDefined()
  })

  it('is not undone by looking at another server', async () => {
    const attempt = lossy({ counts: { runs: 60 }, names: { stacks: [] } })
    const { tools: given, written } = tools(before, 'B')
    expect(await findEarlierLoss(settings, given, [attempt], 'B')).toBeDefined()
    expect(written).toEqual([])
  })

  it('of more than 20 names stays open for those beyond the first 20', () => {
    const names = Array.from({ length: 25 }, (_, index) => `s${String(index).padStart(2, '0')}`)
    const was: Inventory = { counts: { 'named-snapshots': 25 }, names: { snapshots: names } }
    const recorded = listedLosses(
      compareInventories(was, { counts: { 'named-snapshots': 0 }, names: { snapshots: [] } }),
    )
    // the 20 that the message lists are back, and five others exist; five are still gone
    const now = [...names.slice(0, 20), 'n1', 'n2', 'n3', 'n4', 'n5']
    const missing = compareInventories(was, {
      counts: { 'named-snapshots': 25 },
      names: { snapshots: now },
    })
    expect(missing).toHaveLength(5)
    expect(remainingLosses(recorded, missing)).not.toEqual([])
  })

  it.each([
    ['the branch was force-pushed', { status: 'diverged' }, {}],
    ['the run was deleted', null, {}],
    ['the workflow file was renamed', { status: 'behind' }, { path: '.github/workflows/old.yml' }],
  ])('still counts when %s', async (_why, compare, changes) => {
    const attempt = lossy({ counts: { runs: 60 }, names: { stacks: [] } })
    const run = {
      repository: { full_name: 'o/r' },
      event: 'push',
      head_branch: 'staging',
      head_sha: 's',
      path: '.github/workflows/up.yml',
      ...changes,
    }
    const answer = (data: object) => () =>
      compare === null
        ? Promise.reject(
            new GithubError({
              problem: 'not-found',
              status: 404,
              route: 'GET /',
              detail: '',
              permission: undefined,
              mayBeDone: false,
              next: '',
              cause: undefined,
            }),
          )
        : Promise.resolve({ data })
    const github = {
      repository: { owner: 'o', name: 'r' },
      repo: { owner: 'o', repo: 'r' },
      machine: { log: { warn: () => undefined } },
      octokit: {
        rest: {
          actions: { getWorkflowRunAttempt: answer(run) },
          repos: { compareCommitsWithBasehead: answer(compare ?? {}) },
        },
      },
    }
    const attempts = {
      listWithout: (_e: string, without: (o: { run: string; sha: string }) => boolean) =>
        Promise.resolve<Attempt[]>(without({ run: '1.1', sha: 's' }) ? [] : [attempt]),
      originsOf: () => Promise.resolve([{ run: '1.1', sha: 's' }]),
    }
    const counting = await countingAttempts(
      {
        github,
        attempts,
        context: {
          run: { key: '2.1', workflow: '.github/workflows/up.yml' },
          event: { kind: 'dispatch', branch: 'staging', sha: 'new' },
        },
      } as unknown as Parameters<typeof countingAttempts>[0],
      'staging',
      'staging',
    )
    expect(lossConditions({ environment: 'staging', attempts: counting })).not.toEqual([])
  })
})
