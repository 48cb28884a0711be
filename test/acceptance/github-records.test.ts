import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addDeployment } from '../../src/demo/fake-github/deployments.ts'
import { READ_ONLY } from '../../src/demo/fake-github/repositories.ts'
import type { GithubAttempts } from '../../src/state/github/attempts.ts'
import { GithubError } from '../../src/github/errors.ts'
import { originProblem } from '../../src/state/github/trusted.ts'
import { lastOf, phaseState, type Attempt, type Entry } from '../../src/state/attempt.ts'
import type { RowList } from '../../src/state/github/row-lists.ts'
import { registerKey } from '../../src/runtime/secrets.ts'
import { closeHttp } from '../../src/http/http.ts'
import {
  attempt,
  AT,
  backup,
  closed,
  evidence,
  phase,
  recordsOf,
  type JobRecords,
} from '../support/github-attempts.ts'
import { describedRows } from '../support/github-rows.ts'
import { GITHUB_ACTIONS, githubPlace, OCTOCAT, type GithubPlace } from '../support/github-place.ts'

// The first request of each kind waits until GitHub's description of it is compiled.
jest.setTimeout(30_000)

const ROUTE = '/repos/{owner}/{repo}/deployments'
let place: GithubPlace
beforeEach(async () => {
  place = await githubPlace()
})
afterEach(async () => {
  await place.fake.close()
  await closeHttp()
})

const records = async (options?: Parameters<GithubPlace['job']>[0]): Promise<JobRecords> =>
  recordsOf(await place.job(options))
/** What a run on another machine reads. */
const elsewhere = async (): Promise<readonly Attempt[]> =>
  (await records()).attempts.list('staging')
const rows = () => describedRows(place.repository)
const inventory: Entry = {
  kind: 'inventory',
  at: AT,
  counts: { runs: 12 },
  names: { pipelines: ['default/train'] },
}
const upgrade: readonly Entry[] = [
  phase('preflight', 'started'),
  phase('preflight', 'done'),
  phase('backup', 'started'),
  inventory,
  backup,
  phase('backup', 'done'),
  phase('deploy', 'started'),
  { kind: 'child', at: AT, name: 'migration', host: 'h', identity: { pid: 1, started: 's' } },
  { kind: 'child', at: AT, name: 'migration', host: 'h', identity: null },
  { kind: 'note', at: AT, message: 'a note' },
  phase('deploy', 'done'),
  phase('verify', 'started'),
  phase('verify', 'done'),
  closed,
  evidence,
]
async function appendAll(
  attempts: GithubAttempts,
  id: string,
  entries: readonly Entry[],
): Promise<void> {
  for (const entry of entries) await attempts.append('staging', id, entry)
}

describe('an attempt on GitHub', () => {
  it('is a Deployment with what was tested, that merges nothing and waits for nothing', async () => {
    const { attempts } = await records()
    await attempts.begin(attempt('a1'))
    expect(place.repository.deployments).toMatchObject([
      {
        task: 'zenml-upgrade:staging',
        environment: 'zenml-staging',
        sha: place.run.headSha,
        production: false,
        transient: false,
        description: 'ZenML 0.94.1 → 0.98.0',
      },
    ])
    expect(place.repository.deployments[0]?.payload).toEqual({
      'schema-version': 1,
      kind: 'attempt',
      config: 'zenml-upgrade.yml',
      environment: 'staging',
      attempt: `${place.run.id}.1`,
      id: 'a1',
      started: AT,
      sha: 'a'.repeat(40),
      tested: 'tested',
      inputs: 'inputs',
      'server-id': 'server-1',
      'server-url': 'https://staging.example.com',
      'from-version': '0.94.1',
      'target-version': '0.98.0',
      entries: [],
    })
    expect(place.fake.requests.find(({ method }) => method === 'POST')?.body).toMatchObject({
      auto_merge: false,
      required_contexts: [],
    })
  })

  it('keeps one line for each step that another machine needs', async () => {
    const { attempts } = await records()
    await attempts.begin(attempt('a1'))
    await appendAll(attempts, 'a1', upgrade)
    expect(rows()).toEqual([
      'attempt: ZenML 0.94.1 → 0.98.0',
      'journal: backup b-1',
      'journal: deploy started',
      'journal: migration begun',
      'journal: upgrade: upgraded',
      'journal: run-smoke-suite: smoke-passed',
    ])
    expect((await attempts.list('staging'))[0]?.entries).toEqual(upgrade)
    expect(place.fake.requests.filter(({ method }) => method === 'GET').length).toBeLessThanOrEqual(
      1,
    )
  })

  it('is there for a run on another machine, without logs', async () => {
    const { attempts } = await records()
    await attempts.begin(attempt('a1'))
    await appendAll(attempts, 'a1', upgrade)
    const [found] = await elsewhere()
    expect(found).toMatchObject({
      id: 'a1',
      tested: 'tested',
      'server-url': 'https://staging.example.com',
    })
    expect(found?.entries.map(({ kind }) => kind)).toEqual([
      'inventory',
      'backup',
      'phase',
      'child',
      'closed',
      'evidence',
    ])
    expect(found === undefined ? undefined : lastOf(found, 'backup')).toEqual(backup)
    expect(
      found === undefined ? undefined : lastOf(found, 'closed')?.details?.['migration-log'],
    ).toEqual([])
  })

  it('that was killed can be continued wherever it stood', async () => {
    const last = async (entries: readonly Entry[]): Promise<string> => {
      place.repository.deployments = []
      const { attempts } = await records()
      await attempts.begin(attempt('a1'))
      await appendAll(attempts, 'a1', entries)
      const [found] = await elsewhere()
      const step = found === undefined ? undefined : lastOf(found, 'phase')
      return `${step?.phase ?? 'none'} ${step?.state ?? ''}`.trim()
    }
    expect(await last(upgrade.slice(0, 6))).toBe('none')
    expect(await last(upgrade.slice(0, 7))).toBe('deploy started')
    const back = [
      ...upgrade.slice(0, 7),
      phase('deploy', 'failed'),
      phase('rollback', 'started'),
      phase('rollback', 'failed'),
    ]
    expect(await last(back)).toBe('rollback failed')
    expect(await last([...back, phase('verify', 'started'), phase('rollback', 'started')])).toBe(
      'rollback started',
    )
  })

  it('is continued by another run, whose lines join it', async () => {
    const first = await records()
    await first.attempts.begin(attempt('a1'))
    const second = await records({ run: place.addRun() })
    await second.attempts.append('staging', 'a1', backup)
    await appendAll(first.attempts, 'a1', [phase('preflight', 'started')])
    first.attempts.reread()
    expect((await first.attempts.list('staging'))[0]?.entries).toEqual([
      phase('preflight', 'started'),
      backup,
    ])
    expect(await first.attempts.originsOf('staging', 'a1')).toEqual(
      [first, second].map(({ context: { run } }) => ({ run: run.key, sha: place.run.headSha })),
    )
  })

  it('without an upgrade is closed in one request', async () => {
    const { attempts } = await records()
    await attempts.begin(attempt('a1', { entries: [closed] }))
    expect(place.repository.deployments).toHaveLength(1)
    expect((await elsewhere())[0]?.entries).toMatchObject([{ kind: 'closed' }])
  })

  it('never holds a secret, and never more than a database takes', async () => {
    registerKey('MY_KEY', 'hunter22-secret')
    const { attempts } = await records()
    await attempts.begin(
      attempt('a1', { 'server-url': 'https://user:hunter22-secret@staging.example.com' }),
    )
    const details = closed.kind === 'closed' && closed.details !== null ? closed.details : undefined
    if (details === undefined) throw new Error('no details')
    const checks = Array.from({ length: 500 }, (_, number) => ({
      name: `check ${number}`,
      status: 'passed' as const,
      message: 'm'.repeat(1000),
    }))
    await attempts.append('staging', 'a1', {
      ...closed,
      kind: 'closed',
      'reason-code': 'upgraded',
      details: { ...details, checks, 'migration-log': ['hunter22-secret'] },
    })
    const payloads = place.repository.deployments.map(({ payload }) => JSON.stringify(payload))
    expect(payloads.join()).not.toContain('hunter22')
    expect(Math.max(...payloads.map((payload) => payload.length))).toBeLessThan(31_000)
    expect((await elsewhere())[0]?.entries).toMatchObject([
      { kind: 'closed', details: { checks: [], counts: { before: { runs: 12 } } } },
    ])
  })

  it('keeps how the stacks stand to each other, with the first findings, and its counts where there is room for no more', async () => {
    const { attempts } = await records()
    const details = closed.kind === 'closed' ? closed.details : null
    if (details === null) throw new Error('no details')
    const findings = Array.from({ length: 100 }, (_, number) => ({
      kind: 'flavor' as const,
      stack: `s${number}`,
      twin: 't',
      message: 'm'.repeat(1000),
    }))
    const parity = { compared: 100, 'not-in-use': 0, differences: 100, notes: 0, findings }
    const crowd = Array.from({ length: 500 }, (_, number) => ({
      name: `check ${number}`,
      status: 'passed' as const,
      message: 'm'.repeat(1000),
    }))
    for (const [id, checks, kept] of [
      ['a1', [], 25],
      ['a2', crowd, 0],
    ] as const) {
      await attempts.begin(attempt(id))
      await attempts.append('staging', id, {
        ...closed,
        kind: 'closed',
        'reason-code': 'upgraded',
        details: { ...details, checks: [...checks], parity },
      })
      const told = (await elsewhere()).find((one) => one.id === id)?.entries[0]
      expect(told?.kind === 'closed' ? told.details?.parity : undefined).toMatchObject({
        differences: 100,
        findings: { length: kept },
      })
    }
  })

  it('keeps the names of what is few, and counts of what is many', async () => {
    const { attempts } = await records()
    await attempts.begin(attempt('a1'))
    const many = Array.from({ length: 5000 }, (_, number) => `default/pipeline/${number}`)
    await appendAll(attempts, 'a1', [
      {
        kind: 'inventory',
        at: AT,
        counts: { snapshots: 5000, stacks: 1 },
        names: { snapshots: many, stacks: ['gpu'] },
      },
      phase('deploy', 'started'),
    ])
    expect((await elsewhere())[0]?.entries).toMatchObject([
      { kind: 'inventory', counts: { snapshots: 5000, stacks: 1 }, names: { stacks: ['gpu'] } },
      { kind: 'phase' },
    ])
    expect(JSON.stringify(place.repository.deployments.at(-1)?.payload)).not.toContain(
      'default/pipeline/',
    )
  })

  it('is found among many pages, the newest first', async () => {
    const { attempts } = await records()
    for (let number = 1; number <= 30; number += 1) {
      await attempts.begin(attempt(`a${number}`))
      for (let other = 0; other < 9; other += 1)
        addDeployment(place.state, place.repository, {
          ref: 'staging',
          environment: 'zenml-staging',
          actor: GITHUB_ACTIONS,
          autoMerge: false,
        })
    }
    const before = place.fake.requests.length
    const found = await elsewhere()
    expect(place.fake.requests.length - before).toBe(1)
    expect(found.map(({ id }) => id).at(-1)).toBe('a30')
    expect(found.length).toBeGreaterThanOrEqual(8)
  })

  it('is found behind what the jobs of others deployed to the same environment, in one request', async () => {
    const { attempts, lock } = await records()
    await attempts.begin(attempt('a1'))
    await attempts.append('staging', 'a1', backup)
    await lock.hold('server-1')
    for (let other = 0; other < 520; other += 1)
      addDeployment(place.state, place.repository, {
        ref: 'staging',
        environment: 'zenml-staging',
        actor: GITHUB_ACTIONS,
        autoMerge: false,
      })
    const before = place.fake.requests.length
    expect((await elsewhere()).map(({ id, entries }) => [id, entries])).toEqual([['a1', [backup]]])
    expect(place.fake.requests.length - before).toBe(1)
    await expect(
      (await records({ run: place.addRun() })).lock.hold('server-1'),
    ).rejects.toMatchObject({ code: 'locked' })
  })
})

describe('a record that is not ours', () => {
  const forge = (
    payload: object,
    actor: { login: string; app: string | null },
    list: RowList = 'staging',
  ) =>
    addDeployment(place.state, place.repository, {
      ref: 'staging',
      task: `zenml-upgrade:${list}`,
      environment: 'zenml-upgrade-journal',
      payload: { config: 'zenml-upgrade.yml', environment: 'staging', attempt: '1.1', ...payload },
      actor,
      autoMerge: false,
    })

  it('is ignored and told once', async () => {
    const { attempts, machine } = await records()
    await attempts.begin(attempt('a1'))
    const real = place.repository.deployments[0]?.payload as object
    forge({ ...real, id: 'forged' }, OCTOCAT)
    forge({ 'schema-version': 1, kind: 'journal', id: 'a1', entries: [closed] }, OCTOCAT)
    attempts.reread()
    expect((await attempts.list('staging')).map(({ id, entries }) => [id, entries])).toEqual([
      ['a1', []],
    ])
    attempts.reread()
    await attempts.list('staging')
    expect(
      machine.lines.filter(
        (line) =>
          line.includes('octocat') && line.includes('only what github-actions[bot] made counts'),
      ),
    ).toHaveLength(2)
  })

  it('is left out when it cannot be read, and told', async () => {
    forge({ hello: 'world' }, GITHUB_ACTIONS)
    forge({ 'schema-version': 1, kind: 'journal' }, GITHUB_ACTIONS)
    const { attempts, machine } = await records()
    expect(await attempts.list('staging')).toEqual([])
    expect(machine.lines.join('\n')).toMatch(
      /is no record that can be read[^]*is no line of a journal that can be read/,
    )
  })

  it('of a later version ends the command, for it may tell of open work', async () => {
    forge({ 'schema-version': 2 }, GITHUB_ACTIONS)
    await expect(elsewhere()).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('later version'),
      next: expect.stringContaining('both branches'),
    })
  })

  it.each(['trigger', 'journal', 'another-kind'])(
    'of a later version ends the command also where it is a row of kind %s',
    async (kind) => {
      const { attempts } = await records()
      await attempts.begin(attempt('a1'))
      forge({ 'schema-version': 2, kind }, GITHUB_ACTIONS)
      await expect(elsewhere()).rejects.toMatchObject({
        code: 'invalid-input',
        message: expect.stringContaining('later version'),
      })
    },
  )

  it('of a later version refuses a lock where it is a row of the locks', async () => {
    forge({ 'schema-version': 2, kind: 'lock' }, GITHUB_ACTIONS, 'locks')
    expect(await elsewhere()).toEqual([])
    await expect((await records()).lock.hold('server-1')).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('later version'),
    })
  })

  it('with a line that cannot be read keeps it as such, and tells its attempt', async () => {
    const { attempts } = await records()
    await attempts.begin(attempt('a1', { entries: [closed] }))
    forge(
      {
        'schema-version': 1,
        kind: 'journal',
        id: 'a1',
        entries: [{ kind: 'in-other-words', at: AT }],
      },
      GITHUB_ACTIONS,
    )
    const reading = await records()
    expect((await reading.attempts.list('staging'))[0]?.entries.map(({ kind }) => kind)).toEqual([
      'closed',
      'unreadable',
    ])
    expect(reading.machine.lines.join('\n')).toContain('attempt a1 is not green with it')
  })

  it('is told by the run that it names', async () => {
    const { github } = await place.job()
    const good = {
      run: `${place.run.id}.1`,
      branch: 'staging',
      sha: place.run.headSha,
      workflow: place.run.path,
    }
    expect(await originProblem(github, good)).toBeUndefined()
    expect(await originProblem(github, { ...good, sha: 'b'.repeat(40) })).toContain('is of commit')
    expect(
      await originProblem(github, { ...good, workflow: '.github/workflows/other.yml' }),
    ).toContain('not .github/workflows/other.yml')
    expect(await originProblem(github, { ...good, run: '999999.1' })).toContain('does not exist')
    expect(
      await originProblem(github, {
        ...good,
        run: `${place.addRun({ headBranch: 'mine', headSha: place.run.headSha }).id}.1`,
      }),
    ).toContain('is of branch mine')
    expect(
      await originProblem(github, {
        ...good,
        run: `${place.addRun({ event: 'pull_request' }).id}.1`,
      }),
    ).toContain('started by pull_request')
  })
})

describe('when GitHub does not take a record', () => {
  it('nothing is begun, and the permission is named', async () => {
    place.addToken('read-only', READ_ONLY)
    const { attempts } = await records({ token: 'read-only' })
    await expect(attempts.begin(attempt('a1'))).rejects.toMatchObject({
      code: 'github-unreachable',
      permission: 'deployments: write',
      next: expect.stringContaining('deployments: write'),
    })
  })

  it.each(['taken', 'not taken'])(
    'a cut connection makes no second record when the first was %s',
    async (taken) => {
      place.state.faults.push(
        ...[0, 1].map((skip) => ({
          method: 'POST',
          route: ROUTE,
          skip,
          taken: taken === 'taken',
          answer: 'cut' as const,
        })),
      )
      const { attempts } = await records()
      await attempts.begin(attempt('a1'))
      await attempts.append('staging', 'a1', backup)
      expect(rows()).toEqual(['attempt: ZenML 0.94.1 → 0.98.0', 'journal: backup b-1'])
      expect((await attempts.list('staging'))[0]?.entries).toEqual([backup])
    },
  )

  it.each([500, 502, 503])(
    'an answer %d after it was taken makes no second record',
    async (status) => {
      place.state.faults.push({
        method: 'POST',
        route: ROUTE,
        taken: true,
        answer: { status, body: { message: 'Server Error' } },
      })
      const { attempts } = await records()
      await attempts.begin(attempt('a1'))
      expect(place.repository.deployments).toHaveLength(1)
    },
  )

  it('before the deployment, the command ends', async () => {
    const { attempts } = await records()
    await attempts.begin(attempt('a1'))
    place.state.faults.push({
      method: 'POST',
      route: ROUTE,
      times: null,
      answer: { status: 403, body: { message: 'Resource not accessible by integration' } },
    })
    for (const entry of [backup, phase('deploy', 'started')])
      await expect(attempts.append('staging', 'a1', entry)).rejects.toBeInstanceOf(GithubError)
  })

  it('after the deployment began, work goes on, and the record is caught up', async () => {
    const { attempts, machine } = await records()
    await attempts.begin(attempt('a1'))
    await appendAll(attempts, 'a1', [backup, phase('deploy', 'started')])
    place.state.faults.push({
      method: 'POST',
      route: ROUTE,
      times: 2,
      answer: { status: 403, body: { message: 'Resource not accessible by integration' } },
    })
    await appendAll(attempts, 'a1', [phase('rollback', 'started'), phase('rollback', 'failed')])
    expect(
      machine.lines.filter((line) => line.includes('the record of attempt a1 is behind')),
    ).toHaveLength(2)
    expect(phaseState((await attempts.list('staging'))[0] ?? attempt('none'), 'rollback')).toBe(
      'failed',
    )
    await attempts.append('staging', 'a1', closed)
    expect((await elsewhere())[0]?.entries.slice(-3)).toMatchObject([
      { phase: 'rollback', state: 'started' },
      { phase: 'rollback', state: 'failed' },
      { kind: 'closed' },
    ])
  })

  it('evidence that cannot be written is a warning', async () => {
    const { attempts, machine } = await records()
    await attempts.begin(attempt('a1', { entries: [closed] }))
    place.state.faults.push({
      method: 'POST',
      route: ROUTE,
      times: null,
      answer: { status: 409, body: { message: 'Conflict' } },
    })
    await attempts.append('staging', 'a1', evidence)
    expect(machine.lines.join('\n')).toContain('(409)')
  })

  it('records that cannot be read end the command as inconclusive', async () => {
    place.state.faults.push({ method: 'GET', times: null, answer: { status: 500, body: '<html>' } })
    await expect(elsewhere()).rejects.toMatchObject({
      code: 'github-unreachable',
      problem: 'server-error',
    })
  })
})
