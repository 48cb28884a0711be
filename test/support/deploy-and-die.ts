// Run as a process of its own: deploys with the local driver and is killed at a given moment, as by
// a runner that is gone. Arguments: JSON of {settings, deployment, uv, moment}. Standard output:
// the identity of the migration.
import { writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { localDriver, type LocalSettings } from '../../src/deploy/local.ts'
import type { Deployment } from '../../src/deploy/driver.ts'

interface Task {
  readonly settings: LocalSettings
  readonly deployment: Deployment
  readonly uv: string
  /** `before-go`: the migration is written down and not begun. `after-go`: it runs. */
  readonly moment: 'before-go' | 'after-go'
}

const task = JSON.parse(process.argv[2] ?? '') as Task
const ignore = () => undefined
let armed = false
const die = () => {
  process.kill(process.pid, 'SIGKILL')
}
const driver = localDriver(task.settings, {
  machine: {
    env: process.env,
    signal: new AbortController().signal,
    log: {
      info: ignore,
      pass: ignore,
      debug: ignore,
      fail: ignore,
      warn: ignore,
      chapter: (_title, work) => work(),
      progress: (_what, work) => work(() => undefined),
      quiet: (work) => work(),
    },
    now: () => new Date(),
    monotonic: () => performance.now() / 1000,
    sleep: async (seconds) => {
      // The first wait after the migration was written down is the wait for its end.
      if (armed) die()
      await setTimeout(seconds * 1000)
    },
  },
  environment: 'staging',
  workspace: '/',
  logDirectory: '/unused',
  serverUrl: `http://127.0.0.1:${task.settings.port}`,
  uv: () => Promise.resolve({ path: task.uv, version: 'of the test' }),
})
const deployed = await driver.deploy(task.deployment, {
  child(_name, identity) {
    writeSync(1, JSON.stringify(identity))
    if (task.moment === 'before-go') die()
    armed = true
    return Promise.resolve()
  },
  note: () => Promise.resolve(),
})
throw new Error(`not killed: ${deployed.message}`)
