import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { commandDriver } from '../../src/deploy/command.ts'
import type { Driver } from '../../src/deploy/driver.ts'
import { realMachine } from '../support/real-machine.ts'
import { serverEnvironment } from '../support/environments.ts'
import { freePort, NEW, OLD, serverVariables } from '../support/zenml.ts'

const journal = { child: () => Promise.resolve(), note: () => Promise.resolve() }
let directory: string
let port: number
let pid: number | undefined

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'driver-command-server-'))
  await mkdir(join(directory, 'cwd'))
  port = await freePort()
})
afterAll(async () => {
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

it('a deploy command starts a server in the background, which serves its own database and outlives the command', async () => {
  const url = `http://127.0.0.1:${port}`
  const machine = realMachine({ ...process.env, ...serverVariables(url, directory) })
  const python = join(await serverEnvironment(NEW), 'bin', 'python')
  const driver: Driver = commandDriver(
    {
      deploy: `cd cwd; setsid ${python} -m uvicorn zenml.zen_server.zen_server_api:app --port ${port} & echo "server $!"`,
    },
    {
      machine,
      environment: 'staging',
      workspace: directory,
      logDirectory: join(directory, 'logs'),
      serverUrl: url,
      uv: () => Promise.reject(new Error('not needed')),
    },
  )
  const deployed = await driver.deploy({ fromVersion: OLD, toVersion: NEW }, journal)
  pid = Number(/server (\d+)/.exec(deployed.log.join('\n'))?.[1])
  expect(deployed).toMatchObject({ ok: true })
  expect(machine.lines).toContainEqual(
    expect.stringMatching(/^deploy\.command\.deploy left a process running/),
  )
  expect(await version(url)).toBe(NEW)
  await expect(readFile(join(directory, 'zenml.db'))).resolves.toBeDefined()
}, 120_000)

/** What the server reports once it answers; undefined after 90 seconds. */
async function version(url: string): Promise<unknown> {
  for (let tries = 0; tries < 450; tries += 1) {
    const answer = await fetch(`${url}/api/v1/info`).catch(() => undefined)
    if (answer?.ok === true) return ((await answer.json()) as { version: unknown }).version
    await setTimeout(200)
  }
  return undefined
}
