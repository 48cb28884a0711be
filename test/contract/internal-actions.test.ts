import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { action } from '../support/workflow-files.ts'

// The two actions that only the reusable workflows use, run as the runner runs a script.

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'internal-action-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

function run(
  name: string,
  env: Readonly<Record<string, string>>,
): { readonly exitCode: number | null; readonly output: string } {
  const script = join(directory, 'script.sh')
  writeFileSync(
    script,
    action(`.github/actions/${name}/action.yml`).runs.steps?.[0]?.run ?? 'exit 99',
  )
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', script],
    { cwd: directory, env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' },
  )
  return { exitCode: status, output: `${stdout}${stderr}` }
}

describe('secret-environment', () => {
  const file = () => join(directory, 'env')
  const read = (lines: string) => {
    writeFileSync(file(), '')
    return {
      ...run('secret-environment', { LINES_OF_SECRET: lines, GITHUB_ENV: file() }),
      written: readFileSync(file(), 'utf8'),
    }
  }

  it.each([
    ['nothing', '', '', []],
    ['comments and empty lines', '# a comment\n\n   \n  # another\n', '', []],
    ['lines of Windows', 'A=one two\r\nB=3\r\n', 'A=one two\nB=3\n', ['one two', '3']],
    ['a last line without an end', 'A=1\nB=2', 'A=1\nB=2\n', ['1', '2']],
    [
      'quotes, only where they are around the whole',
      `A="a b"\nB='c'\nC=it's\nD="x`,
      `A=a b\nB=c\nC=it's\nD="x\n`,
      ['a b', 'c', `it's`, '"x'],
    ],
    ['export', 'export A=1\n  B=2', 'A=1\nB=2\n', ['1', '2']],
    [
      'what a shell would change',
      'A=$(id) `id` $HOME \\n * a=b<<EOF',
      'A=$(id) `id` $HOME \\n * a=b<<EOF\n',
      ['$(id) `id` $HOME \\n * a=b<<EOF'],
    ],
    ['a value that commands of the log would change', 'A=50%25', 'A=50%25\n', ['50%2525']],
    ['an empty value', 'A=', 'A=\n', []],
  ])('takes %s, and masks every value', (_, lines, written, masks) => {
    const end = read(lines)
    expect(end.exitCode).toBe(0)
    expect(end.written).toBe(written)
    expect(end.output).toBe(masks.map((mask) => `::add-mask::${mask}\n`).join(''))
  })

  it.each(['not a variable', '1A=x', 'A B=x', '=x', 'A-B=x'])(
    'refuses %s without saying it',
    (line) => {
      const end = read(`OK=1\n\n${line}\n`)
      expect(end.exitCode).toBe(1)
      expect(end.output).toContain('Line 3 is not NAME=value')
      expect(end.output).not.toContain(line)
    },
  )
})

describe('gather-results', () => {
  it('puts later attempts over earlier ones, by number and not by letter', () => {
    const put = (artifact: string, file: string, text: string) => {
      mkdirSync(join(directory, 'from', artifact, 'staging'), { recursive: true })
      writeFileSync(join(directory, 'from', artifact, 'staging', file), text)
    }
    put('zenml-upgrade-staging-smoke-2', 'smoke.json', 'second')
    put('zenml-upgrade-staging-smoke-10', 'smoke.json', 'tenth')
    put('zenml-upgrade-staging-upgrade-1', 'upgrade.json', 'first')
    put('zenml-upgrade-staging-snapshots-1-of-2-1', 'snapshots-1-of-2.json', 'a part')
    put('zenml-upgrade-staging-smoke-11', 'smoke.json', 'of an attempt that is not yet')
    expect(run('gather-results', { FROM: 'from', INTO: 'into', GITHUB_RUN_ATTEMPT: '10' })).toEqual(
      { exitCode: 0, output: '' },
    )
    expect(readdirSync(join(directory, 'into', 'staging')).sort()).toEqual([
      'smoke.json',
      'snapshots-1-of-2.json',
      'upgrade.json',
    ])
    expect(readFileSync(join(directory, 'into', 'staging', 'smoke.json'), 'utf8')).toBe('tenth')
  })

  it('is content with no artifact at all', () => {
    expect(
      run('gather-results', { FROM: 'from', INTO: 'into', GITHUB_RUN_ATTEMPT: '1' }).exitCode,
    ).toBe(0)
    expect(readdirSync(join(directory, 'into'))).toEqual([])
  })
})
