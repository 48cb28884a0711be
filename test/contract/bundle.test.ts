import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { COMMAND_NAMES, INPUTS } from '../../src/inputs/inputs.ts'
import { EXIT_CODES } from '../../src/core/outcomes.ts'
import { BUNDLE } from '../support/bundle.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string
}

describe('the bundle', () => {
  it('is not minified, so that people can read it', () => {
    const commands = readFileSync(join(dirname(BUNDLE), 'commands.cjs'), 'utf8')
    const longest = Math.max(
      ...commands
        .split('\n')
        .filter((line) => !line.includes('WebAssembly') && !line.includes('base64'))
        .map((line) => line.length),
    )
    expect(longest).toBeLessThan(60_000)
    expect(commands).toContain('async function upgradeWorkspace(')
  })

  it.each(['--version', '--help', ...COMMAND_NAMES.map((name) => `${name} --help`)])(
    'loads no other bundle for %s',
    (args) => {
      expect(bundlesLoadedFor(args)).toEqual(['main.cjs'])
    },
  )

  it('loads the commands for a command', () => {
    expect(bundlesLoadedFor('promote --step gate')).toEqual(['main.cjs', 'commands.cjs'])
  })

  it('tells its version and its commands', () => {
    expect(execFileSync(process.execPath, [BUNDLE, '--version'], { encoding: 'utf8' })).toBe(
      `${version}\n`,
    )
    const help = execFileSync(process.execPath, [BUNDLE, '--help'], { encoding: 'utf8' })
    for (const name of COMMAND_NAMES) expect(help).toContain(`  ${name} `)
  })

  it.each(COMMAND_NAMES)('tells every input of %s', (name) => {
    const help = execFileSync(process.execPath, [BUNDLE, name, '--help'], { encoding: 'utf8' })
    for (const [input, { secret }] of Object.entries<{
      readonly description: string
      readonly secret?: readonly string[]
    }>(INPUTS[name]))
      expect(help).toContain(secret?.[0] ?? `--${input}`)
  })

  it('runs the demo from a bundle of its own', () => {
    const run = spawnSync(
      process.execPath,
      [BUNDLE, 'demo', '--from-version', '0.98.0', '--to-version', '0.94.1'],
      { encoding: 'utf8', cwd: tmpdir() },
    )
    expect([run.status, run.stderr + run.stdout]).toEqual([
      EXIT_CODES.invalid,
      expect.stringContaining('from-version 0.98.0 is not a release before to-version 0.94.1'),
    ])
  })

  it('ends an unknown command with what there is', () => {
    const run = spawnSync(process.execPath, [BUNDLE, 'upgrade'], { encoding: 'utf8' })
    expect(run.status).toBe(EXIT_CODES.invalid)
    expect(run.stderr).toContain('commands: upgrade-workspace')
  })
})

/** The bundles whose code Node compiles. */
function bundlesLoadedFor(args: string): string[] {
  const probe = `
    const { basename } = require('node:path')
    const loaded = []
    const compile = module.constructor.prototype._compile
    module.constructor.prototype._compile = function (source, file) {
      loaded.push(basename(file))
      return compile.call(this, source, file)
    }
    process.on('exit', () => { require('node:fs').writeSync(3, JSON.stringify(loaded)) })
    require(process.argv[1])`
  const run = spawnSync(process.execPath, ['-e', probe, BUNDLE, ...args.split(' ')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    cwd: tmpdir(),
  })
  return JSON.parse(run.output[3] ?? '') as string[]
}
