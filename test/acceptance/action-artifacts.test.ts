import { execFileSync } from 'node:child_process'
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { resultFile } from '../../src/result/result-file.ts'
import { actionPlace, makePython, type ActionPlace } from '../support/action-place.ts'
import type { CompositeEnd } from '../support/composite.ts'

// What the composites leave for the upload, and under which name.

let place: ActionPlace
beforeEach(async () => {
  place = await actionPlace()
})
afterEach(() => place.remove())

describe('the artifact', () => {
  beforeEach(async () => {
    await symlink(process.execPath, join(place.bin, 'node'))
    await makePython(join(place.bin, 'python3'), '3.12.3')
  })
  const writes = (...files: string[]) =>
    `for (const file of ${JSON.stringify(files)}) { const path = 'zenml-upgrade-report/' + file; fs.mkdirSync(require('node:path').dirname(path), { recursive: true }); fs.writeFileSync(path, file) }`
  const uploads = ({ used }: CompositeEnd) =>
    used.filter(({ name }) => name === 'actions/upload-artifact').map((action) => action.with)
  const nameOf = (end: CompositeEnd) => uploads(end)[0]?.['name']

  it.each([
    ['upgrade-workspace', { environment: 'staging' }, 'zenml-upgrade-staging-upgrade-workspace-3'],
    [
      'promote',
      { environment: 'production', step: 'gate' },
      'zenml-upgrade-production-promote-gate-3',
    ],
    [
      'rebuild-snapshots',
      { environment: 'production' },
      'zenml-upgrade-production-rebuild-snapshots-rebuild-3',
    ],
    [
      'rebuild-snapshots',
      { environment: 'staging', mode: 'all', shard: '1/4' },
      'zenml-upgrade-staging-rebuild-snapshots-all-1-of-4-3',
    ],
    ['command', { run: 'report' }, 'zenml-upgrade-report-3'],
    [
      'upgrade-workspace',
      { environment: 'staging', config: './zenml-upgrade.yml' },
      'zenml-upgrade-staging-upgrade-workspace-3',
    ],
    [
      'upgrade-workspace',
      { environment: 'a/b "c"\n' },
      'zenml-upgrade-a-b--c---upgrade-workspace-3',
    ],
  ])('of %s %j is %s', async (action, inputs, name) => {
    expect(nameOf(await place.run({ action, inputs }, await place.probe(writes('a.json'))))).toBe(
      name,
    )
  })

  it('has the same key of the configuration file as the result in it', async () => {
    const config = 'teams/churn.yml'
    const result = resultFile('', {
      command: 'promote',
      environment: 'staging',
      step: 'gate',
      config,
    })
    const end = await place.run(
      { action: 'promote', inputs: { environment: 'staging', step: 'gate', config } },
      await place.probe(writes('a.json')),
    )
    expect(nameOf(end)).toBe(`zenml-upgrade-staging-${basename(result, '.json')}-3`)
  })

  it('holds what this command wrote, where it lies in the report directory, and nothing else', async () => {
    const report = join(place.workspace, 'zenml-upgrade-report')
    await mkdir(join(report, 'staging/logs'), { recursive: true })
    for (const old of ['staging/upgrade-workspace.json', 'staging/logs/old.log']) {
      await writeFile(join(report, old), '')
      await utimes(join(report, old), new Date(2026, 0), new Date(2026, 0))
    }
    const end = await place.run(
      { action: 'run-smoke-suite', inputs: { environment: 'staging' } },
      await place.probe(writes('staging/run-smoke-suite.json', 'staging/logs/a b.log')),
    )
    const [upload] = uploads(end)
    const files = execFileSync('find', ['.', '-type', 'f'], {
      cwd: upload?.['path'],
      encoding: 'utf8',
    })
      .split('\n')
      .sort()
    expect(files).toEqual(['', './staging/logs/a b.log', './staging/run-smoke-suite.json'])
  })

  it('has another name when a step of this job has taken it', async () => {
    const root = await place.probe(writes('a.json'))
    const [first, second] = [nameOf(await place.run({}, root)), nameOf(await place.run({}, root))]
    expect(first).toBe('zenml-upgrade-production-promote-gate-3')
    expect(second).toMatch(/^zenml-upgrade-production-promote-gate-z[0-9a-f]{8}-3$/)
  })

  it('is uploaded under another name when another job has taken it, and never decides how the action ends', async () => {
    const end = await place.run({ use: () => 'failure' }, await place.probe(writes('a.json')))
    expect(end.result).toBe('success')
    expect(uploads(end)).toEqual([
      { name: 'zenml-upgrade-production-promote-gate-3', path: expect.any(String) },
      {
        name: expect.stringMatching(/^zenml-upgrade-production-promote-gate-z[0-9a-f]{8}-3$/),
        path: uploads(end)[0]?.['path'],
      },
    ])
  })

  it('is uploaded after a failure, and also when the command was killed', async () => {
    expect(
      nameOf(await place.run({}, await place.probe(`${writes('a.json')}; process.exit(1)`))),
    ).toBeDefined()
    const killed = await place.run(
      {},
      await place.probe(`${writes('b.json')}; process.kill(process.pid, 'SIGKILL')`),
    )
    expect(killed).toMatchObject({ result: 'failure', outputs: { outcome: '' } })
    expect(nameOf(killed)).toBeDefined()
  })

  it('is left out when nothing was written', async () => {
    const end = await place.run({}, await place.probe())
    expect(uploads(end)).toEqual([])
    expect(end.log).toContain('There is no report directory zenml-upgrade-report')
  })

  it.each([
    ['https://github.com', true],
    ['https://acme.ghe.com', true],
    ['https://github.acme.com', false],
    ['https://evilghe.com', false],
    ['https://github.com.acme.com', false],
  ])('on %s is uploaded, and named to the report: %s', async (server, uploaded) => {
    const end = await place.run(
      { env: { GITHUB_SERVER_URL: server } },
      await place.probe(writes('a.json')),
    )
    expect(end.result).toBe('success')
    expect(uploads(end)).toHaveLength(uploaded ? 1 : 0)
    if (!uploaded)
      expect(end.log).toContain(
        `::notice::GitHub Enterprise Server takes no artifacts from the current actions/upload-artifact; the report stays on the runner in ${join(place.workspace, 'zenml-upgrade-report')}`,
      )
    const report = await place.run(
      { action: 'command', inputs: { run: 'report' }, env: { GITHUB_SERVER_URL: server } },
      await place.probe(`console.log('artifact: ' + process.env.REPORT_ARTIFACT + '.')`),
    )
    expect(report.log).toContain(`artifact: ${uploaded ? 'zenml-upgrade-report-3' : ''}.`)
  })
})
