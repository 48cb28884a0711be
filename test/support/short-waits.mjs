// Preloaded by commands of the bundle whose waits are not what a test is about.
import { createRequire } from 'node:module'

const timers = createRequire(import.meta.url)('node:timers/promises')
const wait = timers.setTimeout

timers.setTimeout = (milliseconds, ...rest) => wait(milliseconds / 20, ...rest)
