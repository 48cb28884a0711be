import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { loadConfig, parseConfig, SMALLEST_FILE } from '../../../src/config/load.ts'
import { InvalidConfig } from '../../../src/config/problem.ts'
import { VALID } from './files.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'config-'))
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

async function write(name: string, content: string | Buffer): Promise<string> {
  const path = join(directory, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return path
}

async function refused(path: string): Promise<InvalidConfig> {
  const error: unknown = await loadConfig(path, 'zenml-upgrade.yml').then(
    () => new Error('the file was accepted'),
    (reason: unknown) => reason,
  )
  if (error instanceof InvalidConfig) return error
  throw error
}

describe('docs/configuration.md', () => {
  const docs = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  const example = (name: string): string =>
    new RegExp(`<!-- example: ${name} -->\n+\`\`\`\\w+\n([^]*?)\`\`\``).exec(docs)?.[1] ?? ''

  it('shows a full example that is accepted', () => {
    expect(parseConfig(example('full'), 'zenml-upgrade.yml')).toMatchObject({
      zenml: '0.98.0',
      environments: {
        staging: {
          backup: {
            mysql: {
              verify: 'restore',
              'url-env': 'ZENML_DATABASE_URL',
              'scratch-url-env': 'ZENML_SCRATCH_DATABASE_URL',
            },
          },
        },
        production: { deploy: { gitops: { tool: 'argocd', name: 'zenml' } } },
      },
      sources: [{ name: 'churn', python: '3.11', install: { 'index-env': ['UV_INDEX_URL'] } }],
      smoke: [{ source: 'churn', timeout: 1800 }],
      snapshots: [
        {
          name: 'training',
          timeout: 3600,
          smoke: { steps: { load: { parameters: { rows: 100 } } } },
        },
      ],
      promotion: { 'hold-label': 'upgrade-hold', soak: 0, watch: 0 },
    })
  })

  it('shows the smallest file, which is also what a user without a file is told', () => {
    expect(example('smallest')).toBe(SMALLEST_FILE)
    expect(parseConfig(SMALLEST_FILE, 'zenml-upgrade.yml').environments.production).toEqual({
      server: 'https://zenml.example.com',
      deploy: { command: { deploy: './deploy.sh production' } },
    })
  })

  it('shows what the wrong example is answered with', async () => {
    const error = await refused(await write('wrong.yml', example('wrong')))
    expect(`${error.message}\n`).toBe(example('answer'))
  })
})

describe('defaults', () => {
  it('are those of the docs', () => {
    expect(
      parseConfig(`${VALID}smoke: [{ command: x }]\nsnapshots: [{ name: a }]\n`, 'f.yml'),
    ).toEqual({
      zenml: '0.98.0',
      environments: {
        staging: { deploy: { command: { deploy: './deploy.sh' } } },
        production: { deploy: { command: { deploy: './deploy.sh' } } },
      },
      sources: [
        {
          name: 'default',
          path: '.',
          install: { requirements: [], 'index-env': [] },
        },
      ],
      stacks: {},
      smoke: [{ command: 'x', timeout: 1800 }],
      snapshots: [{ name: 'a', timeout: 3600 }],
      exclude: [],
      execute: { staging: 'all', production: 'none' },
      deployments: { staging: 'list', production: 'list' },
      schedules: [],
      promotion: { soak: 0, watch: 0, 'hold-label': 'upgrade-hold', freeze: [] },
    })
  })

  it('are the same where only a part of a block is given', () => {
    const config = parseConfig(
      `${VALID}execute: { production: declared }\nsources: [{ name: a, install: { requirements: [r.txt] } }]\n`,
      'f.yml',
    )
    expect(config.execute).toEqual({ staging: 'all', production: 'declared' })
    expect(config.sources).toEqual([
      {
        name: 'a',
        path: '.',
        install: { requirements: ['r.txt'], 'index-env': [] },
      },
    ])
  })

  it('follow aliases', () => {
    const text = VALID.replace('staging:\n    deploy: ', 'staging:\n    deploy: &how ').replace(
      /(production:\n {4}deploy: ).*/,
      '$1*how',
    )
    expect(parseConfig(text, 'f.yml').environments.production.deploy).toEqual({
      command: { deploy: './deploy.sh' },
    })
  })
})

describe('reading the file', () => {
  it('takes a byte order mark and Windows line ends', async () => {
    const path = await write('windows.yml', `\u{feff}${VALID.replaceAll('\n', '\r\n')}`)
    expect((await loadConfig(path)).zenml).toBe('0.98.0')
  })

  it('says how to write a file that is missing', async () => {
    const path = join(directory, 'none.yml')
    const error = await refused(path)
    expect(error.code).toBe('invalid-file')
    expect(error.message).toBe(
      `zenml-upgrade.yml has a problem:\nzenml-upgrade.yml:1:1: does not exist; looked for it as ${path}`,
    )
    expect(error.next).toBe(
      `Let the command init write it, or write it by hand. The smallest file is:\n\n${SMALLEST_FILE}`,
    )
    expect(error.cause).toMatchObject({ code: 'ENOENT' })
  })

  it.each<[string, () => Promise<string>, string]>([
    ['a directory', () => Promise.resolve(directory), 'is a directory, not a file'],
    ['a device', () => Promise.resolve('/dev/null'), 'is not a file'],
    [
      'UTF-16',
      () => write('utf16.yml', Buffer.from(`\u{feff}${VALID}`, 'utf16le')),
      'is not UTF-8 text',
    ],
    [
      'a picture',
      () => write('picture.yml', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe])),
      'is not UTF-8 text',
    ],
    [
      'a megabyte',
      () => write('huge.yml', Buffer.alloc(1024 * 1024, '#')),
      'is larger than 512 KiB',
    ],
    [
      'a path through a file',
      async () => join(await write('plain.txt', ''), 'f.yml'),
      'does not exist; looked for it as ',
    ],
  ])('refuses %s', async (_, make, message) => {
    const { problems } = await refused(await make())
    expect(problems).toHaveLength(1)
    expect(problems[0]?.message).toContain(message)
  })
})

describe('zenml: {from, path}', () => {
  const referring = (from: string, path: string): Promise<string> =>
    write('infra/zenml-upgrade.yml', VALID.replace('0.98.0', `{ from: ${from}, path: ${path} }`))

  it.each([
    [
      'a chart',
      'dependencies:\n  - name: zenml\n    version: v0.98.0\n',
      'dependencies.0.version',
      '0.98.0',
    ],
    ['a number', 'image: { tag: 1.10 }\n', 'image.tag', '1.10.0'],
    ['JSON', '{"version": "0.98.0rc1"}', 'version', '0.98.0rc1'],
  ])('reads %s', async (_, content, path, version) => {
    await write('deploy/Chart.yaml', content)
    expect((await loadConfig(await referring('../deploy/Chart.yaml', path))).zenml).toBe(version)
  })

  it.each([
    [
      'no file',
      undefined,
      'a',
      '1:16 zenml.from: names ../deploy/Chart.yaml, which does not exist',
    ],
    [
      'not YAML',
      'a: [\n',
      'a',
      '1:16 zenml.from: names ../deploy/Chart.yaml, which cannot be read: 2:1: is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'a wrong key',
      'a: { b: 1.0.0, c: 2 }\n',
      'a.d',
      '1:44 zenml.path: leads nowhere in ../deploy/Chart.yaml: "a" has the keys "b", "c"',
    ],
    [
      'a wrong first key',
      'a: 1.0.0\n',
      'b.c',
      '1:44 zenml.path: leads nowhere in ../deploy/Chart.yaml: the file has the keys "a"',
    ],
    [
      'a position too far',
      'a: [1.0.0]\n',
      'a.1',
      '1:44 zenml.path: leads nowhere in ../deploy/Chart.yaml: "a" is a list with 1 entry, counted from 0',
    ],
    [
      'a key below text',
      'a: 1.0.0\n',
      'a.b',
      '1:44 zenml.path: leads nowhere in ../deploy/Chart.yaml: "a" holds no keys',
    ],
    [
      'a mapping',
      '\na: { b: 1.0.0 }\n',
      'a',
      '1:44 zenml.path: leads to something that is not a version, at ../deploy/Chart.yaml:2',
    ],
    [
      'a range',
      'a: ~0.98.0\n',
      'a',
      '1:44 zenml.path: leads to "~0.98.0" at ../deploy/Chart.yaml:1, which is not a release such as 0.98.0',
    ],
    [
      'an empty file',
      '',
      'a',
      '1:44 zenml.path: leads nowhere in ../deploy/Chart.yaml: the file holds no keys',
    ],
  ])('says what is wrong with %s', async (_, content, path, message) => {
    await rm(join(directory, 'deploy'), { recursive: true, force: true })
    if (content !== undefined) await write('deploy/Chart.yaml', content)
    expect((await refused(await referring('../deploy/Chart.yaml', path))).message).toBe(
      `zenml-upgrade.yml has a problem:\nzenml-upgrade.yml:${message}`,
    )
  })

  it('tells that together with everything else', async () => {
    const path = await write(
      'both.yml',
      `${VALID.replace('0.98.0', '{ from: /etc/passwd, path: a }')}projects: []\n`,
    )
    expect((await refused(path)).problems).toEqual([
      { line: 1, column: 16, path: 'zenml.from', message: 'must be relative to this file' },
      { line: 7, column: 11, path: 'projects', message: 'must have at least one entry' },
    ])
  })

  it('is left as it is where only a text is at hand', () => {
    expect(parseConfig(VALID.replace('0.98.0', '{ from: a.yml, path: b }'), 'f.yml').zenml).toEqual(
      { from: 'a.yml', path: 'b' },
    )
  })
})
