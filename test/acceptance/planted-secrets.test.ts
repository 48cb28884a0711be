import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { addActionsToken, ALL_PERMISSIONS } from '../../src/demo/fake-github/repositories.ts'
import { runBundle, type BundleRun } from '../support/bundle.ts'
import { httpServer } from '../support/http-server.ts'
import { leaksIn, PLANTED, PLANTED_ENV, plantedText } from '../support/planted-secrets.ts'
import { team, type Team } from '../support/team.ts'

// A secret of each kind is in the environment of the job, and every program and server prints all
// of them. Nothing that is written may hold one.
jest.setTimeout(120_000)

const SCRIPT = '#!/bin/sh\ncat "$PLANTED"\ncat "$PLANTED" >&2\n'
const TOKEN = PLANTED_ENV['INPUT_GITHUB-TOKEN'] ?? ''
let directory: string
let planted: string
let env: Record<string, string>
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'planted-'))
  planted = join(directory, 'planted.txt')
  await writeFile(planted, plantedText())
  env = { ...PLANTED_ENV, PLANTED: planted }
})
afterEach(() => rm(directory, { recursive: true }))

/** All files below a directory as one text, with their names. */
async function textsIn(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const texts = files
    .filter((file) => file.isFile())
    .map(
      async ({ parentPath, name }) => `${name}\n${await readFile(join(parentPath, name), 'utf8')}`,
    )
  return (await Promise.all(texts)).join('\n')
}

/** What a person sees of a run: a request to mask is for the runner, which does not show it. */
function visible({ log, outputs }: BundleRun): string {
  const shown = log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
  return [...shown, JSON.stringify(outputs)].join('\n')
}

describe('on GitHub', () => {
  let place: Team
  const reports = () => join(directory, 'report')
  beforeEach(async () => {
    place = await team()
    addActionsToken(place.state, TOKEN, place.repository, ALL_PERMISSIONS)
    place.push('staging', {
      'deploy.sh': `${SCRIPT}exit 1\n`,
      'backup.sh': SCRIPT,
      'zenml-upgrade.yml': place.config().replace(/^smoke: .*\n/m, ''),
    })
    for (const script of ['deploy.sh', 'backup.sh']) chmodSync(join(place.directory, script), 0o755)
    place.push('staging', { 'README.md': 'scripts are executable\n' })
    place.open('staging', 'main')
    place.start('staging')
  })
  afterEach(() => place.close())
  const run = (...args: string[]) => place.run(args, { token: TOKEN, env, reports: reports() })
  const written = async () => {
    const { deployments, comments, statuses, pulls } = place.repository
    return `${await textsIn(reports())}\n${JSON.stringify({ deployments, comments, statuses, pulls })}`
  }

  it('no output of deploy and backup commands brings a secret into log, result, report, comment or record', async () => {
    const upgrade = await run('upgrade-workspace', '--environment', 'staging')
    expect(upgrade.log).toContain('deploy │ plain *** end')
    expect(upgrade.result).toMatchObject({
      outcome: 'failure',
      'reason-code': 'rollback-impossible',
    })
    const report = await run('report')
    expect(place.repository.comments).toHaveLength(1)
    expect(place.repository.deployments).not.toEqual([])
    const all = [
      visible(upgrade),
      upgrade.summary,
      visible(report),
      report.summary,
      await written(),
    ]
    expect(all.map(leaksIn)).toEqual(all.map(() => []))
    // What we compute is whole: nothing of it was taken for a secret.
    expect(report.result?.['reason-code']).toBe('reported')
  })

  it('no answer of GitHub brings one into the log', async () => {
    place.state.faults.push({
      method: 'POST',
      route: '/repos/{owner}/{repo}/deployments',
      times: null,
      answer: { status: 403, body: { message: plantedText() } },
    })
    const upgrade = await run('upgrade-workspace', '--environment', 'staging')
    place.state.faults = []
    expect(upgrade.log).toContain('plain *** end')
    expect(leaksIn(`${visible(upgrade)}${await written()}`)).toEqual([])
  })

  it('a database password that is a common word leaves paths, links and names alone', async () => {
    const plain = { PLANTED: planted, ZENML_DATABASE_URL: 'mysql://root:zenml@127.0.0.1:9/zenml' }
    await writeFile(planted, 'login with zenml\n')
    const upgrade = await place.run(['upgrade-workspace', '--environment', 'staging'], {
      env: plain,
      reports: reports(),
    })
    expect(upgrade.log).toContain('deploy │ login with ***')
    expect(upgrade.outputs['result']).toBe(join(reports(), 'staging', 'upgrade-workspace.json'))
    expect(upgrade.log).toContain(`result: ${upgrade.outputs['result'] ?? ''}`)
    expect(upgrade.log).not.toContain('::add-mask::zenml')
    await place.run(['report'], { env: plain, reports: reports() })
    const comment = place.repository.comments[0]?.body ?? ''
    expect(comment).toMatch(/^<!-- zenml-upgrade \{.*"zenml-upgrade\.yml"/)
    expect(comment).toContain('https://github.com/acme/ml/actions/runs/')
    const starred = comment.split('\n').filter((line) => line.includes('***'))
    expect(starred.filter((line) => !line.includes('login with'))).toEqual([])
  })

  it('a key of ours in an address that we write is taken out, and the run fails at its end', async () => {
    place.versions.staging = '0.98.0'
    const key = new URL(/server: "([^"]+)"/.exec(place.config())?.[1] ?? '').host
    const upgrade = await place.run(['upgrade-workspace', '--environment', 'staging'], {
      env: { ...env, ZENML_STORE_API_KEY: key },
      reports: reports(),
    })
    expect(upgrade.exitCode).toBe(1)
    expect(upgrade.outputs).toMatchObject({ outcome: 'failure', 'reason-code': 'secret-in-output' })
    expect(upgrade.result?.summary).toContain('ZENML_STORE_API_KEY in the record')
    expect(place.repository.deployments).not.toEqual([])
    expect(`${visible(upgrade)}${await written()}`).not.toContain(key)
  })
})

describe('by hand', () => {
  const COMMANDS = [
    ['upgrade-workspace', '--environment', 'staging'],
    ['rebuild-snapshots', '--environment', 'staging'],
    ['run-smoke-suite', '--environment', 'staging'],
    ['check-stacks', '--environment', 'staging'],
  ]
  it.each([
    ...COMMANDS.map((args) => ({ what: args[0], args, kinds: Object.keys(PLANTED) })),
    ...Object.keys(PLANTED).map((kind) => ({ what: kind, args: COMMANDS[0] ?? [], kinds: [kind] })),
  ])(
    'no answer of a server brings a secret into log, result or state: $what',
    async ({ args, kinds }) => {
      const server = await httpServer(({ path }) =>
        path === '/api/v1/info'
          ? { json: { id: 'server', version: '0.98.0', active: true } }
          : { status: 500, json: { detail: ['RuntimeError', plantedText(kinds)] } },
      )
      await writeFile(
        join(directory, 'zenml-upgrade.yml'),
        `zenml: 0.98.0
environments:
  staging: { server: "${server.url}", deploy: { command: { deploy: "true" } } }
  production: { server: "${server.url.replace('127.0.0.1', 'localhost')}", deploy: { command: { deploy: "true" } } }
smoke: [{ command: 'true' }]
`,
      )
      execFileSync('git', ['init', '--quiet', directory])
      // By hand the only token is that of the user.
      const byHand = { ...env, 'INPUT_GITHUB-TOKEN': '', GH_TOKEN: TOKEN }
      const run = await runBundle(args, {
        cwd: directory,
        env: byHand,
        reports: join(directory, 'report'),
      })
      await server.close()
      expect(run.log).toContain('plain *** end')
      await rm(planted)
      expect(leaksIn(visible(run))).toEqual([])
      expect(leaksIn(await textsIn(directory))).toEqual([])
    },
  )
})
