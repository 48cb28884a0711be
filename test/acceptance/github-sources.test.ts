import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { openPlace } from '../../src/state/backend.ts'
import { openRepositories } from '../../src/session/repositories.ts'
import { addApp, addRepository, installApp } from '../../src/demo/fake-github/repositories.ts'
import { closeHttp } from '../../src/http/http.ts'
import { gitServer, type GitServer } from '../support/git-server.ts'
import { testMachine } from '../support/machine.ts'
import { newestStatus } from '../support/promotion-status.ts'
import { team, type RunOptions, type Team, type TeamRun } from '../support/team.ts'

// The bundle as a job runs it, for a file whose pipelines are in another, private repository.
jest.setTimeout(60_000)

const READER = 'ghp_reads-the-other-repository'
const SOURCES =
  'sources: [{ name: churn, repository: acme/churn, ref: { staging: staging, production: main }, path: services/churn }]\n'
const PIPELINE = 'services/churn/training.py'

let code: GitServer
let place: Team
let commits: { staging: string; main: string }
beforeEach(async () => {
  code = await gitServer({ 'acme/churn': READER })
  // Two commits with the same files below the path.
  commits = {
    main: await code.commit('acme/churn', 'main', { [PIPELINE]: 'rows = 1\n' }),
    staging: await code.commit('acme/churn', 'staging', { 'README.md': 'about\n' }),
  }
  place = await team()
  const machine = testMachine({ GITHUB_SERVER_URL: code.url, ZENML_UPGRADE_SOURCES_TOKEN: READER })
  const nowhere = await openPlace(
    {
      config: 'zenml-upgrade.yml',
      'github-token': undefined,
      'working-directory': place.directory,
      'state-directory': 'state',
    },
    machine,
  )
  place.push('staging', { 'zenml-upgrade.yml': place.config(SOURCES) })
  place.repositories = { ...openRepositories({ machine, place: nowhere, githubToken: undefined }) }
  place.start('staging')
})
afterEach(async () => {
  await closeHttp()
  await place.close()
  await code.close()
})

/** A command of a job. `token` is that of the secret ZENML_UPGRADE_SOURCES_TOKEN. */
const run = (
  args: readonly string[],
  { token = READER, env = {}, ...options }: RunOptions & { readonly token?: string } = {},
): Promise<TeamRun> =>
  place.run(args, {
    ...options,
    env: { GITHUB_SERVER_URL: code.url, ZENML_UPGRADE_SOURCES_TOKEN: token, ...env },
  })
const GATE = ['promote', '--environment', 'production', '--step', 'gate']
const SNAPSHOTS = ['rebuild-snapshots', '--environment', 'staging', '--mode', 'plan']

/** The log without the lines by which the runner learns what to mask. */
const unmasked = (log: string) =>
  log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')

/** Staging was upgraded and everything was done in it, and the promotion is merged. */
async function greenAndMerged(): Promise<void> {
  await place.record('staging')
  place.versions.staging = '0.98.0'
  place.merge(place.open('staging', 'main'))
  place.start('main')
}

describe('the gate, for code in another repository', () => {
  it('is open while production would get the files that staging was tested with, whatever the commit', async () => {
    await greenAndMerged()
    const { outputs, log } = await run(GATE)
    expect(outputs).toMatchObject({
      'reason-code': 'gate-open',
      sources: JSON.stringify({ churn: commits.main }),
    })
    expect(log).toContain(`source churn: acme/churn at main, ${commits.main.slice(0, 8)}`)
    expect(unmasked(log)).not.toContain(READER)
  })

  it('is closed while production would get other code than staging was tested with, and names it', async () => {
    await greenAndMerged()
    const moved = await code.commit('acme/churn', 'main', { [PIPELINE]: 'rows = 2\n' })
    const { outputs } = await run(GATE)
    expect(outputs).toMatchObject({ 'reason-code': 'staging-not-green', gate: 'closed' })
    expect(outputs['summary']).toContain(
      `source churn was tested at ${commits.staging.slice(0, 8)}, and production would get ${moved.slice(0, 8)}`,
    )
  })

  it('goes by the commits that an earlier job looked up', async () => {
    await greenAndMerged()
    await code.commit('acme/churn', 'main', { [PIPELINE]: 'rows = 2\n' })
    const pinned = JSON.stringify({ churn: commits.main })
    expect((await run([...GATE, '--sources', pinned])).outputs).toMatchObject({
      'reason-code': 'gate-open',
      sources: pinned,
    })
  })

  it('is not asked while the repository cannot be read', async () => {
    await greenAndMerged()
    const refused = await run(GATE, { token: 'ghp_another' })
    expect(refused.outputs).toMatchObject({
      outcome: 'inconclusive',
      'reason-code': 'source-unreachable',
    })
    expect(refused.outputs['gate']).toBeUndefined()
    expect(refused.result).toMatchObject({
      summary: expect.stringContaining('acme/churn'),
      next: expect.stringContaining('ZENML_UPGRADE_SOURCES_TOKEN'),
    })
  })
})

describe('a source in another repository', () => {
  it('is told to the jobs behind, before anything is changed', async () => {
    expect((await run(SNAPSHOTS)).outputs).toMatchObject({
      outcome: 'noop',
      sources: JSON.stringify({ churn: commits.staging }),
    })
  })

  it('that answers 502 for a moment is asked again', async () => {
    code.fail(502, 1)
    const { outputs, log } = await run(SNAPSHOTS)
    expect(outputs).toMatchObject({ outcome: 'noop' })
    expect(log).toContain('once more in 2 s')
  })

  it.each([
    [
      'has no such ref',
      SOURCES.replace('staging: staging', 'staging: stageing'),
      'acme/churn has no branch or tag stageing',
    ],
    [
      'has nothing below the path',
      SOURCES.replace('services/churn', 'services/chrun'),
      'acme/churn has no file below services/chrun',
    ],
  ])('that %s ends the command', async (_what, sources, message) => {
    place.push('staging', { 'zenml-upgrade.yml': place.config(sources) })
    place.start('staging')
    const { outputs } = await run(SNAPSHOTS)
    expect(outputs).toMatchObject({ outcome: 'invalid', 'reason-code': 'source-missing' })
    expect(outputs['summary']).toContain(message)
  })

  it('whose commit is gone is told, with the way out', async () => {
    const { outputs, result } = await run([
      ...SNAPSHOTS,
      '--sources',
      JSON.stringify({ churn: 'd'.repeat(40) }),
    ])
    expect(outputs).toMatchObject({ 'reason-code': 'source-unreachable' })
    expect(result?.next).toContain('run all jobs again')
  })

  it.each(['churn', '{"churn":"main"}', '[1]', `{"chrun":"${'d'.repeat(40)}"}`])(
    'is not looked for at what no job gave: %s',
    async (sources) => {
      expect((await run([...SNAPSHOTS, '--sources', sources])).outputs).toMatchObject({
        outcome: 'invalid',
        'reason-code': 'invalid-input',
      })
    },
  )

  it('is read by the key of a GitHub App, with a token for it alone that only reads', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const app = addApp(place.state, {
      slug: 'reader',
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      permissions: { contents: 'write', pull_requests: 'write' },
    })
    addRepository(place.state, 'acme/churn', { collaborators: { octocat: 'admin' } })
    // The web token of an app is good for minutes, by the clock of the process.
    place.state.now = null
    const env = {
      ZENML_UPGRADE_APP_CLIENT_ID: app.clientId,
      ZENML_UPGRADE_APP_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
    expect((await run(SNAPSHOTS, { token: '', env })).outputs).toMatchObject({
      'reason-code': 'source-unreachable',
    })
    installApp(place.state, app, 'acme', ['acme/churn'])
    const { log } = await run(SNAPSHOTS, { token: '', env })
    const minted = Object.values(place.state.tokens).filter((token) => token.kind === 'app')
    expect(minted).toMatchObject([
      { permissions: { contents: 'read' }, repositories: ['acme/churn'] },
    ])
    // The server of the test knows one token; that it was asked with the new one is what can be
    // seen here.
    expect(
      code.seen.some(
        ({ authorization }) =>
          authorization !== undefined &&
          Buffer.from(authorization.slice(6), 'base64').toString().includes('ghs_reader'),
      ),
    ).toBe(true)
    expect(unmasked(log)).not.toContain('ghs_reader')
  })
})

describe('a job that may not read the repository', () => {
  it('goes by what an earlier job found out about the same commit', async () => {
    place.versions.staging = '0.98.0'
    await place.record('staging')
    const pinned = JSON.stringify({ churn: commits.staging })
    // The server has no snapshot, so no code is read.
    const rebuild = ['rebuild-snapshots', '--environment', 'staging']
    expect((await run([...rebuild, '--sources', pinned], { token: '' })).outputs).toMatchObject({
      'reason-code': 'snapshots-lost',
      sources: pinned,
    })
    expect((await run(rebuild, { token: '' })).outputs).toMatchObject({
      'reason-code': 'source-unreachable',
    })
    expect(
      (await run([...rebuild, '--sources', JSON.stringify({ churn: commits.main })], { token: '' }))
        .outputs,
    ).toMatchObject({ 'reason-code': 'source-unreachable' })
  })
})

describe('a step that checks out the sources', () => {
  const into = () => join(place.directory, 'checked-out')
  const checkOut = (options: Parameters<typeof run>[1] = {}) =>
    run(['check-out-sources', '--environment', 'staging', '--into', into()], options)
  /** A later step of the job, without the token. */
  const later = () =>
    run(SNAPSHOTS, { token: '', env: { ZENML_UPGRADE_SOURCES_DIRECTORY: into() } })

  it('is the only one that needs the token: a later step asks the repository nothing', async () => {
    expect((await checkOut()).outputs).toMatchObject({
      'reason-code': 'sources-checked-out',
      sources: JSON.stringify({ churn: commits.staging }),
    })
    const asked = code.seen.length
    expect((await later()).outputs).toMatchObject({
      outcome: 'noop',
      sources: JSON.stringify({ churn: commits.staging }),
    })
    expect(code.seen).toHaveLength(asked)
    expect(readFileSync(join(into(), '1-churn', PIPELINE), 'utf8')).toBe('rows = 1\n')
    expect(spawnSync('grep', ['-rlF', READER, into()]).status).toBe(1)
  })

  it('leaves why it could not read a repository to the step that needs it', async () => {
    expect((await checkOut({ token: 'ghp_another' })).outputs).toMatchObject({
      'reason-code': 'source-unreachable',
    })
    const { outputs, result } = await later()
    expect(outputs).toMatchObject({ 'reason-code': 'source-unreachable' })
    expect(result).toMatchObject({
      summary: expect.stringContaining('acme/churn'),
      next: expect.stringContaining('ZENML_UPGRADE_SOURCES_TOKEN'),
    })
  })

  it('has nothing to do for a file without other repositories', async () => {
    place.push('staging', { 'zenml-upgrade.yml': place.config('') })
    place.start('staging')
    expect((await checkOut()).outputs).toMatchObject({
      outcome: 'noop',
      'reason-code': 'no-other-sources',
    })
    expect((await later()).outputs).toMatchObject({ outcome: 'noop' })
  })

  it('must have run where a later step is told of its directory', async () => {
    expect((await later()).result).toMatchObject({
      'reason-code': 'invalid-input',
      next: expect.stringContaining('check-out-sources'),
    })
  })
})

describe('half a GitHub App', () => {
  it('is none for reading: a public repository needs none', async () => {
    await code.commit('acme/public', 'main', { 'training.py': 'x\n' })
    place.push('staging', {
      'zenml-upgrade.yml': place.config('sources: [{ name: public, repository: acme/public }]\n'),
    })
    place.start('staging')
    const { outputs, log } = await run(SNAPSHOTS, {
      token: '',
      env: { ZENML_UPGRADE_APP_KEY: 'a key' },
    })
    expect(outputs).toMatchObject({ outcome: 'noop' })
    expect(log).toContain('ZENML_UPGRADE_APP_CLIENT_ID is not set')
  })
})

describe('a pull request that mends the ref of its base', () => {
  it('gets its status', async () => {
    place.checkout('main')
    place.push('main', {
      'zenml-upgrade.yml': place.config(SOURCES.replace('production: main', 'production: gone')),
    })
    place.checkout('staging')
    place.git(
      'merge',
      '--quiet',
      '--no-edit',
      '--no-gpg-sign',
      '--strategy-option=ours',
      'origin/main',
    )
    place.publish('staging')
    const pull = place.open('staging', 'main')
    place.start('staging', 'pull_request')
    place.checkoutMerge(pull)
    const { outputs, log } = await run(GATE, { pull })
    expect(outputs).toMatchObject({ 'reason-code': 'gate-told' })
    expect(log).not.toContain('internal-error')
    expect(newestStatus(place)).toMatchObject({ state: 'failure' })
  })
})

describe('a run for a pull request, which has no secrets', () => {
  const asked = async () => {
    const pull = place.open('staging', 'main')
    place.start('staging', 'pull_request')
    place.checkoutMerge(pull)
    return run(GATE, { pull, token: '' })
  }

  it('takes what it cannot read as staging was tested with it, and says so', async () => {
    await place.record('staging')
    place.versions.staging = '0.98.0'
    const { outputs, log } = await asked()
    expect(outputs).toMatchObject({ 'reason-code': 'gate-told', gate: 'open' })
    expect(log).toContain(
      'source churn: acme/churn cannot be read in a run for a pull request, so it is taken as staging was tested with it',
    )
    expect(newestStatus(place)).toMatchObject({
      state: 'pending',
      description: 'Staging is green; not read here and assumed to be as tested: churn.',
    })
    expect(outputs['summary']).toContain('assumed to be as staging was tested with it: churn')
  })

  it('leaves what the run on staging said, which could read it', async () => {
    await place.record('staging')
    place.versions.staging = '0.98.0'
    await code.commit('acme/churn', 'main', { [PIPELINE]: 'rows = 2\n' })
    await run(['report'])
    const said = newestStatus(place)
    expect(said).toMatchObject({
      state: 'failure',
      description: expect.stringContaining('other content'),
    })
    await asked()
    expect(newestStatus(place)).toEqual(said)
  })

  it('assumes nothing where the repository only did not answer', async () => {
    await place.record('staging')
    code.fail(502, 100)
    expect((await asked()).outputs).toMatchObject({
      outcome: 'inconclusive',
      'reason-code': 'source-unreachable',
    })
  })

  it('tells that it cannot say anything where staging was never tested', async () => {
    expect((await asked()).outputs).toMatchObject({
      outcome: 'inconclusive',
      'reason-code': 'source-unreachable',
    })
  })
})

describe('the report', () => {
  it('finds the record of the content that was looked up, after a branch has moved on', async () => {
    await place.record('staging')
    place.versions.staging = '0.98.0'
    const pinned = JSON.stringify({ churn: commits.staging })
    await code.commit('acme/churn', 'staging', { [PIPELINE]: 'rows = 3\n' })
    place.open('staging', 'main')
    const { outputs } = await run(['report', '--sources', pinned])
    expect(outputs).toMatchObject({ outcome: 'success' })
    expect(place.repository.comments.map(({ body }) => body)).toEqual([
      expect.stringMatching(/\*\*Snapshots\*\* +\| ✅/),
    ])
    expect(newestStatus(place)).toMatchObject({ state: 'success' })
  })

  it('is written also where production would get what is not there yet', async () => {
    place.push('staging', {
      'zenml-upgrade.yml': place.config(SOURCES.replace('production: main', 'production: v2')),
    })
    place.start('staging')
    await place.record('staging')
    place.versions.staging = '0.98.0'
    place.open('staging', 'main')
    const { summary } = await run(['report'])
    expect(place.repository.comments.map(({ body }) => body)).toEqual([
      expect.stringMatching(/\*\*Snapshots\*\* +\| ✅/),
    ])
    expect(summary).toContain('acme/churn has no branch or tag v2')
  })

  it('is written also where the repository cannot be read, with the reason', async () => {
    await place.record('staging')
    place.open('staging', 'main')
    const { outputs, summary } = await run(['report'], { token: '' })
    expect(outputs).toMatchObject({ outcome: 'success', 'reason-code': 'reported' })
    expect(summary).toContain('acme/churn could not be read')
  })
})
