import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { OUTPUT_WORDS } from '../../src/core/output-words.ts'
import { isMaskable } from '../../src/runtime/redaction.ts'
import { runComposite, type UsedAction } from '../support/composite.ts'
import { runStandIn } from '../support/run-stand-in.ts'
import { ROOT } from '../support/workflow-files.ts'

// The two actions that only the reusable workflows use, run as the runner runs a composite.
// UPDATE_GOLDEN=1 writes actions/steps/output-words.txt anew.

const WORDS = join(ROOT, 'actions', 'steps', 'output-words.txt')
const words = `${OUTPUT_WORDS.join('\n')}\n`
if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(WORDS, words)

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'internal-action-'))
  mkdirSync(join(directory, 'temp'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

function put(path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true })
  writeFileSync(join(directory, path), text)
}

const run = (
  name: string,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  use?: (action: UsedAction) => 'success' | 'failure',
) =>
  runComposite({
    action: join(ROOT, '.github', 'actions', name),
    inputs,
    env: { PATH: process.env['PATH'] ?? '', RUNNER_TEMP: join(directory, 'temp'), ...env },
    cwd: directory,
    ...(use === undefined ? {} : { use }),
  })

describe('secret-environment', () => {
  const file = () => join(directory, 'env')
  const readSecret = async (
    lines: string,
    inputs: Readonly<Record<string, string>> = {},
    env: Readonly<Record<string, string>> = {},
  ) => {
    writeFileSync(file(), '')
    const { result, log } = await run(
      'secret-environment',
      { name: 'ZENML_STAGING_ENV', lines, ...inputs },
      { GITHUB_ENV: file(), ...env },
    )
    const all = readFileSync(file(), 'utf8')
    const names = /^ZENML_UPGRADE_SECRET_NAMES=(.*)\n$/m.exec(all)?.[1]
    return { result, log, names, written: all.replace(/^ZENML_UPGRADE_SECRET_NAMES=.*\n$/m, '') }
  }

  it.each([
    ['nothing', '', '', []],
    ['comments and empty lines', '# a comment\n\n   \n  # another\n', '', []],
    ['lines of Windows', 'A=one two\r\nB=three\r\n', 'A=one two\nB=three\n', ['one two', 'three']],
    ['a last line without an end', 'A=one1\nB=two2', 'A=one1\nB=two2\n', ['one1', 'two2']],
    [
      'quotes, only where they are around the whole',
      `A="a bc"\nB='cdef'\nC=it's\nD="xyz`,
      `A=a bc\nB=cdef\nC=it's\nD="xyz\n`,
      ['a bc', 'cdef', `it's`, '"xyz'],
    ],
    ['export', 'export A=one1\n  B=two2', 'A=one1\nB=two2\n', ['one1', 'two2']],
    [
      'what a shell would change',
      'A=$(id) `id` $HOME \\n * a=b<<EOF',
      'A=$(id) `id` $HOME \\n * a=b<<EOF\n',
      ['$(id) `id` $HOME \\n * a=b<<EOF'],
    ],
    ['a value that commands of the log would change', 'A=50%25', 'A=50%25\n', ['50%2525']],
    ['an empty value', 'A=', 'A=\n', []],
    ['a blank value, which GitHub refuses as a mask', 'A="     "', 'A=     \n', []],
    ['values that are too short to mask', 'A=1\nB=abc\nC=abcd', 'A=1\nB=abc\nC=abcd\n', ['abcd']],
    [
      'numbers and booleans, which are no secrets',
      'A=12345\nB=-1.25\nC=true\nD=False\nE=1.2.3.4\nF=truely',
      'A=12345\nB=-1.25\nC=true\nD=False\nE=1.2.3.4\nF=truely\n',
      ['1.2.3.4', 'truely'],
    ],
    ['a name that only begins like one of the runner', 'PATHS=abcd', 'PATHS=abcd\n', ['abcd']],
  ])('takes %s, and masks what may be a secret', async (_, lines, written, masks) => {
    const end = await readSecret(lines)
    expect(end.result).toBe('success')
    expect(end.written).toBe(written)
    expect(end.log).toBe(masks.map((mask) => `::add-mask::${mask}\n`).join(''))
  })

  it.each(['not a variable', '1A=x', 'A B=x', '=x', 'A-B=x'])(
    'refuses %s with the name of the secret and the line, without saying it',
    async (line) => {
      const end = await readSecret(`OK=1\n\n${line}\n`)
      expect(end.result).toBe('failure')
      expect(end.log).toContain(
        '::error title=ZENML_STAGING_ENV::Line 3 of the secret ZENML_STAGING_ENV is not NAME=value.',
      )
      expect(end.log).not.toContain(line)
    },
  )

  it.each([
    'GITHUB_TOKEN',
    'GITHUB_ENV',
    'RUNNER_TEMP',
    'ACTIONS_RUNTIME_TOKEN',
    'INPUT_CONFIG',
    'NODE_OPTIONS',
    'node_options',
    'PATH',
    'ZENML_UPGRADE_SECRET_NAMES',
  ])('refuses to set %s, which belongs to the runner', async (name) => {
    const end = await readSecret(`OK=1\n${name}=secret-value\n`)
    expect(end.result).toBe('failure')
    expect(end.log).toContain(`Line 2 of the secret ZENML_STAGING_ENV sets ${name}`)
    expect(end.log).not.toContain('secret-value')
    expect(end.written).toBe('OK=1\n')
  })

  it('sets an input of zenml-upgrade', async () => {
    expect((await readSecret('ZENML_UPGRADE_TIMEOUT=1h')).written).toBe(
      'ZENML_UPGRADE_TIMEOUT=1h\n',
    )
  })

  it.each([
    ['a name in the configuration file', 'churn'],
    ['part of a reason code', 'green'],
  ])(
    'warns instead of masking %s, because GitHub would drop the outputs that contain it',
    async (_, value) => {
      put('upgrade.yml', 'sources: [{ name: churn }]\n')
      const end = await readSecret(`NAME=${value}`, { config: 'upgrade.yml' })
      expect(end.written).toBe(`NAME=${value}\n`)
      expect(end.log).toMatch(
        /^::warning title=ZENML_STAGING_ENV::The value of NAME is not masked in the log: it is part of upgrade\.yml or of a reason code/,
      )
      expect(end.log).not.toContain(value)
    },
  )

  it('hands over the names of the variables, after those of an earlier secret', async () => {
    expect((await readSecret('A=one1\n# B=no\nexport C="x"\n')).names).toBe('A C')
    const earlier = { ZENML_UPGRADE_SECRET_NAMES: 'FIRST SECOND' }
    expect((await readSecret('A=one1', {}, earlier)).names).toBe('FIRST SECOND A')
    expect((await readSecret('# nothing')).names).toBeUndefined()
  })

  it('masks the values that the bundle would mask, and no other', async () => {
    const config = 'environments: { staging: { server: https://zenml.example.com } }\n'
    put('upgrade.yml', config)
    const values = [
      'abc',
      'abcd',
      '1',
      '12345',
      '-1.25',
      '1.2.3.4',
      'true',
      'TRUE',
      'tRUE',
      'False',
      'truely',
    ]
    values.push('   ', 'zenml', 'example.com', 'green', 'production', 'zenml-upgrade', 'p4ss-word!')
    const lines = values.map((value, index) => `V${index}="${value}"`).join('\n')
    const { log } = await readSecret(lines, { config: 'upgrade.yml' })
    const masked = [...log.matchAll(/^::add-mask::(.*)$/gm)].map(([, value]) => value)
    const publicText = `${OUTPUT_WORDS.join('\n')}\n${config}`
    expect(masked).toEqual(values.filter((value) => isMaskable(value, publicText)))
    expect(masked).toEqual(['abcd', '1.2.3.4', 'tRUE', 'truely', 'p4ss-word!'])
  })

  it('knows every reason code', () => {
    expect(readFileSync(WORDS, 'utf8')).toBe(words)
  })
})

describe('gather-results', () => {
  const WARNING = /^::warning title=Results of earlier jobs::.*record is used instead/m

  /** Artifacts by name, each with files; 'lost' is one that cannot be fetched. */
  type Artifacts = Readonly<Record<string, Readonly<Record<string, string>> | 'lost'>>

  async function gather(artifacts: Artifacts, { attempt = '1', pattern = 'zenml-upgrade-*' } = {}) {
    mkdirSync(join(directory, 'run'))
    for (const [name, files] of Object.entries(artifacts)) {
      if (files === 'lost') put(join('run', name), '')
      else for (const [file, text] of Object.entries(files)) put(join('run', name, file), text)
    }
    const { result, log } = await run(
      'gather-results',
      { pattern, into: 'into' },
      { GITHUB_RUN_ATTEMPT: attempt },
      ({ name, with: inputs }) =>
        runStandIn({
          action: name,
          inputs,
          workspace: directory,
          artifacts: join(directory, 'run'),
        }).succeeded
          ? 'success'
          : 'failure',
    )
    rmSync(join(directory, 'run'), { recursive: true })
    return { result, log, found: found() }
  }

  const found = () =>
    Object.fromEntries(
      readdirSync(join(directory, 'into'), { recursive: true, encoding: 'utf8' })
        .filter((path) => statSync(join(directory, 'into', path)).isFile())
        .map((path) => [path, readFileSync(join(directory, 'into', path), 'utf8')]),
    )

  const SMOKE = 'zenml-upgrade-staging-run-smoke-suite'
  const smoke = (text: string) => ({ 'staging/run-smoke-suite.json': text })

  it.each<[string, Artifacts, string, Record<string, string>]>([
    ['no artifact at all', {}, '1', {}],
    ['a single artifact', { [`${SMOKE}-1`]: smoke('first') }, '1', smoke('first')],
    [
      'a single artifact of an earlier attempt',
      { [`${SMOKE}-1`]: smoke('first') },
      '2',
      smoke('first'),
    ],
    [
      'two artifacts',
      {
        [`${SMOKE}-1`]: smoke('first'),
        'zenml-upgrade-report-1': { 'report.html': 'page', 'report.json': '{}' },
      },
      '1',
      { ...smoke('first'), 'report.html': 'page', 'report.json': '{}' },
    ],
    [
      'two attempts, the later one over the earlier',
      { [`${SMOKE}-1`]: smoke('first'), [`${SMOKE}-2`]: smoke('second') },
      '2',
      smoke('second'),
    ],
    [
      'ten attempts, by number and not by letter',
      {
        [`${SMOKE}-2`]: smoke('second'),
        [`${SMOKE}-10`]: smoke('tenth'),
        [`${SMOKE}-11`]: smoke('of an attempt that has not begun'),
        'zenml-upgrade-staging-snapshots-1-of-2-1': { 'staging/part.json': '{}' },
      },
      '10',
      { ...smoke('tenth'), 'staging/part.json': '{}' },
    ],
  ])('gathers the results of %s', async (_, artifacts, attempt, results) => {
    expect(await gather(artifacts, { attempt })).toEqual({
      result: 'success',
      log: '',
      found: results,
    })
  })

  it('takes only the artifacts that match', async () => {
    const { found } = await gather(
      { [`${SMOKE}-1`]: smoke('first'), 'zenml-upgrade-production-x-1': { 'x.json': '{}' } },
      { pattern: 'zenml-upgrade-staging-*' },
    )
    expect(found).toEqual(smoke('first'))
  })

  it('uses what is on disk after a download that failed half-way, and warns', async () => {
    const end = await gather(
      { [`${SMOKE}-1`]: smoke('first'), [`${SMOKE}-2`]: 'lost' },
      { attempt: '2' },
    )
    expect(end).toMatchObject({ result: 'success', found: smoke('first') })
    expect(end.log).toMatch(WARNING)
  })

  it('warns and goes on when the only artifact cannot be downloaded', async () => {
    const end = await gather({ [`${SMOKE}-1`]: 'lost' })
    expect(end).toMatchObject({ result: 'success', found: {} })
    expect(end.log).toMatch(WARNING)
  })

  it('gathers twice in one job without mixing the two', async () => {
    await gather({ [`${SMOKE}-1`]: smoke('first') })
    rmSync(join(directory, 'into'), { recursive: true })
    expect((await gather({ 'zenml-upgrade-b-1': { 'b.json': '{}' } })).found).toEqual({
      'b.json': '{}',
    })
  })
})
