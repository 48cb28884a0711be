import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identify, isAlive, type ProcessIdentity } from '../../src/runtime/process-identity.ts'
import { registerSecret } from '../../src/runtime/secrets.ts'
import { commandDriver, type CommandSettings } from '../../src/deploy/command.ts'
import { testMachine } from '../support/machine.ts'
import { realMachine } from '../support/real-machine.ts'

const deployment = { fromVersion: '0.94.1', toVersion: '0.98.0' }
let workspace: string
let children: [string, ProcessIdentity | undefined][]
const journal = {
  child: (name: string, identity: ProcessIdentity | undefined) => {
    children.push([name, identity])
    return Promise.resolve()
  },
  note: () => Promise.resolve(),
}
const driver = (settings: CommandSettings, machine = realMachine()) =>
  commandDriver(settings, {
    machine,
    environment: 'staging',
    workspace,
    logDirectory: join(workspace, 'logs'),
    serverUrl: 'https://zenml.example.com',
    uv: () => Promise.reject(new Error('not needed')),
  })

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'driver-command-'))
  children = []
})
afterEach(() => rm(workspace, { recursive: true }))

describe("the user's commands", () => {
  it('run in the repository with the versions, and every line is told', async () => {
    await writeFile(join(workspace, 'values.yaml'), 'replicas: 2\n')
    const machine = realMachine({
      ...process.env,
      ZENML_STORE_API_KEY: 'ZENKEY_secret',
      KUBECONFIG: '/kube',
    })
    // Long enough to be looked at: of a command that has ended already there is no identity, which
    // is the truth.
    const deploy =
      'sleep 0.5; cat values.yaml; echo "$PREVIOUS_VERSION to $TARGET_VERSION at $SERVER_URL with $KUBECONFIG ${ZENML_STORE_API_KEY-no key}" >&2'
    const deployed = await driver({ deploy }, machine).deploy(deployment, journal)
    expect(deployed).toMatchObject({ ok: true, stoppedAt: null })
    expect(deployed.message).toMatch(
      /^deploy\.command\.deploy ended with exit code 0 after \d+\.\d s$/,
    )
    expect([...deployed.log].sort()).toEqual([
      '0.94.1 to 0.98.0 at https://zenml.example.com with /kube no key',
      'replicas: 2',
    ])
    expect(machine.lines).toContain('deploy │ replicas: 2')
    expect(children).toEqual([
      ['deploy command', expect.objectContaining({ pid: expect.any(Number) as unknown })],
      ['deploy command', undefined],
    ])
  })

  it('leave their whole output in a file of the report, without secrets', async () => {
    registerSecret('planted-deploy-secret')
    await driver({
      deploy: 'seq 1 5000; echo "key planted-deploy-secret"; printf "end" >&2',
    }).deploy(deployment, journal)
    const [name = '', ...others] = await readdir(join(workspace, 'logs'))
    expect([name, others]).toEqual([
      expect.stringMatching(/^deploy-command\.\d{8}T\d{6}Z\.log$/),
      [],
    ])
    const lines = (await readFile(join(workspace, 'logs', name), 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(5002)
    expect(lines.toSorted().slice(-2)).toEqual(['end', 'key ***'])
  })

  it('succeed although a process that they left running keeps their output open', async () => {
    const machine = realMachine()
    const deployed = await driver({ deploy: 'setsid sleep 600 & echo "left $!"' }, machine).deploy(
      deployment,
      journal,
    )
    process.kill(Number(/left (\d+)/.exec(deployed.log.join())?.[1]))
    expect(deployed.ok).toBe(true)
    expect(machine.lines).toContainEqual(
      expect.stringMatching(
        /^deploy\.command\.deploy left a process running .* Redirect its output/,
      ),
    )
  })

  it('get no variable of ours whose name begins with ZENML_, which a server would read', async () => {
    const machine = realMachine({
      PATH: process.env['PATH'],
      ZENML_STORE_URL: 'mysql://u:p@db/zenml',
    })
    const deployed = await driver({ deploy: 'env | grep ZENML_' }, machine).deploy(
      deployment,
      journal,
    )
    expect(deployed.log).toEqual(['ZENML_STORE_URL=mysql://u:p@db/zenml'])
  })

  it.each([
    ['a command', 'false; touch went-on'],
    ['a part of a pipe', 'false | cat; touch went-on'],
    ['a variable that is not set', 'echo "$NOWHERE"; touch went-on'],
  ])('end at the first failure, also of %s', async (_what, deploy) => {
    const deployed = await driver({ deploy }).deploy(deployment, journal)
    expect(deployed).toMatchObject({
      ok: false,
      message: expect.stringMatching(/exit code 1/) as unknown,
    })
    await expect(readFile(join(workspace, 'went-on'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('fail with the exception of a migration that failed, not with the last lines of SQLAlchemy', async () => {
    const log = join(import.meta.dirname, '../fixtures/migration-logs/mariadb-table-exists.txt')
    const { message } = await driver({ deploy: `cat ${log} >&2; exit 1` }).deploy(
      deployment,
      journal,
    )
    expect(message).toMatch(
      /^deploy\.command\.deploy ended with exit code 1 after \S+ s: pymysql\.err\.OperationalError: \(1050, "Table 'resource_pool' already exists"\) \(SQL: CREATE TABLE/,
    )
  })

  it('on the way back fail with their exit code and their last words', async () => {
    const back = driver({
      deploy: 'true',
      stop: 'echo gone > stopped',
      rollback: 'echo "no such release" >&2; exit 4',
    })
    await back.stop?.(deployment)
    expect(await readFile(join(workspace, 'stopped'), 'utf8')).toBe('gone\n')
    await expect(back.startOld?.(deployment, journal)).rejects.toMatchObject({
      code: 'rollback-failed',
      message: expect.stringMatching(
        /^deploy\.command\.rollback ended with exit code 4 after .*: no such release$/,
      ) as unknown,
    })
  })

  it('are read by bash before the first change', async () => {
    expect(
      await driver({ deploy: 'if true; then', rollback: 'make rollback' }).preflight(deployment),
    ).toEqual([
      {
        name: 'deploy.command.deploy',
        status: 'failed',
        message: expect.stringContaining('syntax error') as unknown,
        next: 'Mend deploy.command.deploy in the file.',
      },
      { name: 'deploy.command.rollback', status: 'passed', message: 'bash can read it' },
      expect.objectContaining({ name: 'deploy.command.stop', status: 'warning' }),
    ])
  })

  it('are ended with all that they started when this tool is stopped', async () => {
    const controller = new AbortController()
    const machine = realMachine(process.env, controller.signal)
    const running = driver(
      { deploy: 'sleep 1000 & echo $!; wait' },
      {
        ...machine,
        log: {
          ...machine.log,
          info: (line) => {
            machine.log.info(line)
            if (/│ \d+$/.test(line)) controller.abort(new Error('stopped from outside'))
          },
        },
      },
    ).deploy(deployment, journal)
    await expect(running).rejects.toThrow('stopped from outside')
    const sleeper = Number(/│ (\d+)$/.exec(machine.lines.at(-1) ?? '')?.[1])
    expect(await identify(sleeper)).toBeUndefined()
  })
})

describe('a command that a killed run left', () => {
  it('is waited for, and the next run goes on when it has ended', async () => {
    const left = spawn('sleep', ['1'])
    const identity = await identify(left.pid ?? 0)
    if (identity === undefined) throw new Error('no sleep')
    await driver({ deploy: 'true' }).endLeftovers([{ name: 'deploy command', identity }])
    expect(await isAlive(identity)).toBe(false)
  })

  it('is named when it does not end', async () => {
    const left = spawn('sleep', ['1000'])
    try {
      const identity = await identify(left.pid ?? 0)
      if (identity === undefined) throw new Error('no sleep')
      await expect(
        driver({ deploy: 'true' }, testMachine()).endLeftovers([
          { name: 'deploy command', identity },
        ]),
      ).rejects.toMatchObject({
        code: 'locked',
        message: `the deploy command of an earlier run still runs as process ${identity.pid}`,
      })
    } finally {
      left.kill()
    }
  }, 60_000)
})
