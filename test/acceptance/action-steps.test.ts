import { execFileSync } from 'node:child_process'
import { readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { actionPlace, makePython, type ActionPlace } from '../support/action-place.ts'
import { httpServer, silence } from '../support/http-server.ts'

// The steps of the composites as processes: what the command gets, and that the action ends as the
// command does.

let place: ActionPlace
beforeEach(async () => {
  place = await actionPlace()
})
afterEach(() => place.remove())

describe('the command', () => {
  beforeEach(() => symlink(process.execPath, join(place.bin, 'node')))

  it('gets every input in the spelling of GitHub, and the token of the job', async () => {
    await makePython(join(place.bin, 'python3'), '3.12.3')
    await place.run(
      {
        action: 'run-smoke-suite',
        inputs: {
          environment: 'staging',
          'api-key': 'ZENKEY_x',
          command: 'echo "$(id)"; true',
          'working-directory': 'a folder',
        },
      },
      await place.probe(),
    )
    expect(await place.started()).toMatchObject({
      argv: ['run-smoke-suite'],
      env: {
        INPUT_ENVIRONMENT: 'staging',
        'INPUT_API-KEY': 'ZENKEY_x',
        INPUT_COMMAND: 'echo "$(id)"; true',
        'INPUT_WORKING-DIRECTORY': 'a folder',
        INPUT_JUNIT: '',
        'INPUT_GITHUB-TOKEN': 'ghs_ofTheJob',
      },
    })
  })

  it('is the one that input run names in the internal action', async () => {
    await place.run(
      { action: 'command', inputs: { run: 'report', 'report-directory': 'reports' } },
      await place.probe(),
    )
    expect(await place.started()).toMatchObject({
      argv: ['report'],
      env: { INPUT_RUN: 'report', 'INPUT_REPORT-DIRECTORY': 'reports' },
    })
  })

  it.each([0, 1, 2, 3, 4, 130])('ends the action: exit code %d', async (code) => {
    const end = await place.run(
      {},
      await place.probe(
        `fs.appendFileSync(process.env.GITHUB_OUTPUT, 'outcome=told\\n'); process.exit(${code})`,
      ),
    )
    expect(end).toMatchObject({
      exitCode: code,
      result: code === 0 ? 'success' : 'failure',
      outputs: { outcome: 'told', gate: '' },
    })
  })

  it('is the bundle: its own exit code, outputs and result file', async () => {
    await writeFile(join(place.workspace, 'zenml-upgrade.yml'), 'zenml: latest\n')
    const end = await place.run()
    expect(end).toMatchObject({
      exitCode: 2,
      outputs: {
        outcome: 'invalid',
        'reason-code': 'invalid-file',
        result: join(place.workspace, 'zenml-upgrade-report/production/promote-gate.json'),
      },
    })
    expect(
      await readdir(
        join(place.temp, 'zenml-upgrade/zenml-upgrade-production-promote-gate-3/production'),
      ),
    ).toEqual(['promote-gate.json'])
  })

  it('leaves its result in the report directory when the inputs are wrong', async () => {
    const end = await place.run({ inputs: { environment: 'prod' } })
    expect(end).toMatchObject({
      exitCode: 2,
      outputs: {
        outcome: 'invalid',
        'reason-code': 'invalid-input',
        result: join(place.workspace, 'zenml-upgrade-report/promote.json'),
      },
    })
    expect(await readdir(join(place.temp, 'zenml-upgrade/zenml-upgrade-prod-promote-3'))).toEqual([
      'promote.json',
    ])
  })

  it('says that Windows is not supported', async () => {
    const end = await place.run({ env: { RUNNER_OS: 'Windows' } })
    expect(end).toMatchObject({
      exitCode: 1,
      outputs: { outcome: 'failure', 'reason-code': 'preflight-failed' },
    })
    expect(end.outputs['summary']).toContain('Windows')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'gets the %s of the runner, and its report is gathered',
    async (signal) => {
      execFileSync('git', ['init', '--quiet', place.workspace])
      let stop = (): void => undefined
      const server = await httpServer(() => {
        stop()
        return silence
      })
      try {
        await writeFile(
          join(place.workspace, 'zenml-upgrade.yml'),
          `zenml: 0.98.0\nenvironments:\n  staging: { server: "${server.url}", deploy: { command: { deploy: "true" } } }\n  production: { server: "${server.url}/production", deploy: { command: { deploy: "true" } } }\n`,
        )
        await makePython(join(place.bin, 'python3'), '3.12.3')
        const end = await place.run({
          action: 'rebuild-snapshots',
          inputs: { environment: 'staging', 'api-key': 'ZENKEY_x' },
          // To the one process that the runner knows.
          onCommand: (command) => {
            stop = () => {
              command.kill(signal)
            }
          },
        })
        expect(end).toMatchObject({
          exitCode: 130,
          result: 'failure',
          outputs: { outcome: 'cancelled', 'reason-code': 'cancelled' },
        })
        expect(end.used.map((action) => action.with['name'])).toEqual([
          'zenml-upgrade-staging-rebuild-snapshots-rebuild-3',
        ])
      } finally {
        await server.close()
      }
    },
    30_000,
  )
})
