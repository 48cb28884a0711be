import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { COMMAND_NAMES, INPUTS } from '../../src/inputs/inputs.ts'
import { EXIT_CODES } from '../../src/core/outcomes.ts'
import { BUNDLE } from '../support/bundle.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string
}

describe('the bundle', () => {
  it('is for people too: it is not minified', () => {
    const longest = Math.max(
      ...readFileSync(BUNDLE, 'utf8')
        .split('\n')
        .filter((line) => !line.includes('WebAssembly') && !line.includes('base64'))
        .map((line) => line.length),
    )
    expect(longest).toBeLessThan(60_000)
    expect(readFileSync(BUNDLE, 'utf8')).toContain('async function upgradeWorkspace(')
  })

  it.each(['--version', '--help', ...COMMAND_NAMES.map((name) => `${name} --help`)])(
    'runs no code of a large package for %s',
    (args) => {
      expect(modulesRunFor(args)).toEqual(['node_modules/fastest-levenshtein/esm/mod.js'])
    },
  )

  it('would have been seen running it', () => {
    expect(
      modulesRunFor('promote --environment production --step gate --config nowhere.yml'),
    ).toEqual(
      expect.arrayContaining([
        'node_modules/undici/lib/dispatcher/agent.js',
        'node_modules/yaml/dist/index.js',
      ]),
    )
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

/**
 * The packages whose code runs: the bundler wraps each of their modules in a function of its name,
 * and a probe is put into each.
 */
function modulesRunFor(args: string): string[] {
  const probe = `
    const fs = require('node:fs'), Module = require('node:module')
    const file = process.argv[1]
    const source = fs.readFileSync(file, 'utf8').replace(/\\n  "(node_modules\\/[^"]+)"\\([^)]*\\) \\{/g, (wrapper, name) => wrapper + ' globalThis.ran.push(' + JSON.stringify(name) + ');')
    globalThis.ran = []
    process.on('exit', () => { fs.writeSync(3, JSON.stringify(globalThis.ran)) })
    const bundle = new Module(file); bundle.filename = file; bundle.paths = []
    bundle._compile(source, file)`
  const run = spawnSync(process.execPath, ['-e', probe, BUNDLE, ...args.split(' ')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    cwd: tmpdir(),
  })
  return JSON.parse(run.output[3] ?? '') as string[]
}
