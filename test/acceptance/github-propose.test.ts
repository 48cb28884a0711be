import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import {
  addActionsToken,
  addApp,
  ALL_PERMISSIONS,
  installApp,
} from '../../src/demo/fake-github/repositories.ts'
import { closeHttp } from '../../src/http/http.ts'
import type { Result } from '../../src/result/result.ts'
import { settled } from '../support/evidence.ts'
import { team, type RunOptions, type Team, type TeamRun } from '../support/team.ts'
import { golden } from '../unit/report/golden.ts'

jest.setTimeout(60_000)

let place: Team
beforeEach(async () => {
  place = await team()
})
afterEach(async () => {
  await closeHttp()
  await place.close()
})

const PROPOSE = ['promote', '--environment', 'staging', '--step', 'propose']
const propose = (options?: RunOptions): Promise<TeamRun> => place.run(PROPOSE, options)
const open = () => place.repository.pulls.filter(({ state }) => state === 'open')
const details = ({ result }: TeamRun) =>
  (result?.command === 'promote' ? result.details : undefined) ?? undefined
const writes = () =>
  place.fake.requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, route }) => `${method} ${route ?? ''}`)

describe('the proposal', () => {
  it('opens the promotion, keeps it, and brings only its own part up to date', async () => {
    place.start('staging')
    expect((await propose()).outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'proposed',
      'pull-request': '1',
    })
    golden(
      'github/promotion.md',
      settled(`# ${open()[0]?.title ?? ''}\n\n${open()[0]?.body ?? ''}`),
    )

    const before = writes().length
    const kept = await propose()
    expect(kept.outputs).toMatchObject({
      outcome: 'success',
      'reason-code': 'proposed',
      'pull-request': '1',
    })
    expect(writes()).toHaveLength(before)

    const [pull] = open()
    if (pull === undefined) throw new Error('no pull request')
    pull.body = `Reviewed by us.\r\n\r\n${pull.body?.replaceAll('\n', '\r\n') ?? ''}`
    place.push('staging', { 'zenml-upgrade.yml': place.config().replace('0.98.0', '0.98.1') })
    place.start('staging')
    expect((await propose()).outputs).toMatchObject({
      'reason-code': 'proposed',
      'pull-request': '1',
    })
    expect(writes().slice(before)).toEqual(['PATCH /repos/{owner}/{repo}/pulls/{pull_number}'])
    expect(open()).toMatchObject([
      {
        title: 'Promote staging to main: ZenML 0.98.1',
        body: expect.stringMatching(/^Reviewed by us\.[^]*0\.98\.1/),
      },
    ])
  })

  it('is none while both branches hold the same files, and after a squash says how they come together', async () => {
    place.merge(place.open('staging', 'main'), 'squash')
    place.checkout('staging')
    place.start('staging')
    const run = await propose()
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'noop', 'reason-code': 'nothing-to-propose', 'pull-request': '' },
    })
    expect(details(run)?.notes?.[0]).toContain(
      'without other content: a squash or rebase leaves that',
    )
    expect(open()).toEqual([])
  })

  it('does not write on a dry run', async () => {
    place.start('staging')
    expect((await place.run([...PROPOSE, '--dry-run', 'true'])).outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'dry-run',
    })
    expect(writes()).toEqual([])
  })

  it('names the setting that forbids it, with the page on which a person does it', async () => {
    place.repository.actionsMayCreatePulls = false
    place.start('staging')
    const run = await propose()
    expect(run.outputs).toMatchObject({
      outcome: 'held',
      'reason-code': 'proposal-forbidden',
      summary: 'acme/ml: GitHub does not let GITHUB_TOKEN open pull requests',
    })
    expect(run.result?.next).toContain(
      'Open it at https://github.com/acme/ml/compare/main...staging?expand=1',
    )
    expect(run.result?.next).toContain('"Allow GitHub Actions to create and approve pull requests"')
  })

  it('names the permission that is missing', async () => {
    addActionsToken(place.state, 'ghs_poor', place.repository, {
      ...ALL_PERMISSIONS,
      pull_requests: 'read',
    })
    place.start('staging')
    const run = await propose({ token: 'ghs_poor' })
    expect(run.outputs).toMatchObject({ outcome: 'held', 'reason-code': 'proposal-forbidden' })
    expect(run.result?.next).toContain('"pull-requests: write"')
    expect(open()).toEqual([])
  })
})

describe('a hotfix on main', () => {
  const COMMANDS = [
    'git fetch origin',
    'git switch staging',
    'git merge --ff-only origin/staging',
    'git merge --no-edit origin/main',
    'git push origin staging',
  ]
  const hotfix = () => {
    place.checkout('main')
    place.push('main', { 'hotfix.py': 'x\n' })
    place.checkout('staging')
  }

  it('must be merged back first, by exactly these commands', async () => {
    hotfix()
    place.start('staging')
    const run = await propose()
    expect(details(run)).toMatchObject({
      'back-merge': COMMANDS,
      notes: [
        expect.stringContaining('content that was never tested'),
        expect.anything(),
        expect.anything(),
      ],
    })
    expect(run.result?.next).toBe('Merge main back into staging; the report has the commands.')
    golden(
      'github/promotion-hotfix.md',
      settled(`# ${open()[0]?.title ?? ''}\n\n${open()[0]?.body ?? ''}`),
    )

    // What the commands do is what is asked for.
    place.git('switch', '--quiet', 'staging')
    place.git('merge', '--quiet', '--no-edit', '--no-gpg-sign', 'origin/main')
    place.publish('staging')
    place.start('staging')
    const after = await propose()
    expect(details(after)?.['back-merge']).toBeNull()
    expect(open()).toMatchObject([{ body: expect.not.stringContaining('back.**') }])
  })

  it('is told with the same commands where the clone has no history', async () => {
    hotfix()
    place.start('staging')
    const shallow = await mkdtemp(join(tmpdir(), 'shallow-'))
    try {
      execFileSync('git', [
        'clone',
        '--quiet',
        '--depth',
        '1',
        '--branch',
        'staging',
        `file://${place.directory}`,
        shallow,
      ])
      const run = await propose({ env: { 'INPUT_WORKING-DIRECTORY': shallow } })
      expect(run.outputs).toMatchObject({ 'reason-code': 'proposed', 'pull-request': '1' })
      expect(details(run)).toMatchObject({
        'back-merge': COMMANDS,
        notes: [
          expect.stringContaining('for example a hotfix'),
          expect.anything(),
          expect.anything(),
        ],
      })
      expect(open()[0]?.body).toContain('ZenML goes from an unknown version to `0.98.0`')
    } finally {
      await rm(shallow, { recursive: true })
    }
  })

  it('that was cherry-picked to both says nothing new with the history', async () => {
    hotfix()
    place.push('staging', { 'hotfix.py': 'x\n' })
    place.start('staging')
    const run = await propose()
    expect(details(run)?.notes?.[0]).toContain('without other content')
    expect(run.result?.next).toBe(
      'Click "Approve workflows to run" on the promotion pull request, and merge it when its status is green.',
    )
  })
})

describe('a GitHub App', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  // Its token names a time, which GitHub compares with its own clock.
  beforeEach(() => {
    place.state.now = null
  })
  const env = { ZENML_UPGRADE_APP_KEY: privateKey, ZENML_UPGRADE_APP_CLIENT_ID: 'Iv1.zenml' }

  it('opens it under its own name, so that workflows start for it', async () => {
    installApp(
      place.state,
      addApp(place.state, {
        slug: 'zenml-bot',
        clientId: 'Iv1.zenml',
        publicKey,
        permissions: { contents: 'read', metadata: 'read', pull_requests: 'write' },
      }),
      'acme',
      ['acme/ml'],
    )
    place.start('staging')
    const run = await propose({ env })
    expect(run.outputs).toMatchObject({ outcome: 'success', 'reason-code': 'proposed' })
    expect(open()).toMatchObject([{ user: 'zenml-bot[bot]' }])
    expect(details(run)?.notes).toEqual([])
    expect(place.state.events.findLast(({ name }) => name === 'pull_request')).toMatchObject({
      action: 'opened',
      startsWorkflows: true,
    })
    const ofTheKey = privateKey.trim().split('\n')
    expect(
      run.log
        .split('\n')
        .filter(
          (line) =>
            !line.startsWith('::add-mask::') && ofTheKey.some((part) => line.includes(part)),
        ),
    ).toEqual([])
    expect((await propose({ env })).outputs).toMatchObject({
      'reason-code': 'proposed',
      'pull-request': '1',
    })
  })

  it('that is not installed here is told', async () => {
    addApp(place.state, { slug: 'zenml-bot', clientId: 'Iv1.zenml', publicKey })
    place.start('staging')
    expect(await propose({ env })).toMatchObject({
      exitCode: 2,
      outputs: {
        'reason-code': 'invalid-input',
        summary: expect.stringContaining('not installed for acme/ml'),
      },
    })
  })

  it.each(['ZENML_UPGRADE_APP_KEY', 'ZENML_UPGRADE_APP_CLIENT_ID'] as const)(
    'without %s is half of one',
    async (missing) => {
      place.start('staging')
      const run = await propose({ env: { ...env, [missing]: '' } })
      expect(run).toMatchObject({
        exitCode: 2,
        outputs: {
          outcome: 'invalid',
          'reason-code': 'invalid-input',
          summary: expect.stringContaining(`${missing} is not set`),
        },
      })
      // Its result is one about the proposal, not about staging.
      expect((run.result as Extract<Result, { command: 'promote' }>).details?.step).toBe('propose')
      expect(writes()).toEqual([])
    },
  )
})
