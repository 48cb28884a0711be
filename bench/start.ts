import { spawnSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import { BUNDLE } from '../test/support/bundle.ts'

// How long the bundle takes to say something, against Node doing nothing, in one run. `npm run
// build -- --sizes` reports which package weighs what in it.

const ROUNDS = 15

function milliseconds(args: readonly string[]): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const started = performance.now()
    // Node's compile cache would hide what a fresh runner pays.
    spawnSync(process.execPath, args, { env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' } })
    return performance.now() - started
  })
  return Math.min(...times)
}

describe('the bundle', () => {
  it('starts', () => {
    const bare = milliseconds(['-e', '0'])
    const rows = [['--version'], ['--help'], ['rebuild-snapshots', '--help']].map((args) => ({
      args: args.join(' '),
      ms: milliseconds([BUNDLE, ...args]),
    }))
    for (const { args, ms } of rows)
      process.stderr.write(
        `${args.padEnd(28)}${ms.toFixed(0).padStart(5)} ms, ${(ms / bare).toFixed(2)} times bare node (${bare.toFixed(0)} ms)\n`,
      )
    expect(rows).toHaveLength(3)
  })
})
