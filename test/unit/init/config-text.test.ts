import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { BACKUP_KINDS, DEPLOY_DRIVERS, type DeployDriver } from '../../../src/config/drivers.ts'
import { INPUTS } from '../../../src/inputs/inputs.ts'
import { parseConfig } from '../../../src/config/load.ts'
import { BUILT_BACKUPS, BUILT_DRIVERS } from '../../../src/config/not-built.ts'
import { configText } from '../../../src/init/config-text.ts'
import { BACKUP_TEXTS, backupKind, DEPLOY_TEXTS } from '../../../src/init/deploy-text.ts'
import { inComment, scalar } from '../../../src/init/yaml-quote.ts'
import type { Facts } from '../../../src/init/facts.ts'
import { facts, server, snapshot } from './facts.ts'

const text = (given: Facts) => configText(given, 'acme/zenml-upgrade')
const read = (given: Facts) => parseConfig(text(given), 'zenml-upgrade.yml')

/**
 * Names that want to be something else: keys, comments, directives, secrets, terminal codes,
 * endless.
 */
const NASTY = [
  'a: b',
  '# c',
  "it's",
  '"',
  '\\',
  '{',
  '- x',
  'x\nzenml: 9.9.9',
  '\u0000',
  '\u202Eevil',
  '\u2028',
  '\u001B[31m',
  'null',
  'true',
  '0.98',
  '*',
  '&a',
  '!!js',
  '%',
  '@',
  '`',
  '---',
  '...',
  ' ',
  '',
  'ZENKEY_abcdefGH123456',
  '🤷',
  '\uD800',
  'n'.repeat(5000),
]

describe('the file', () => {
  it('is valid and says what the servers are', () => {
    expect(
      read(
        facts({
          staging: server('staging', { version: '0.98.0' }),
          production: server('production', { version: '0.94.1', database: 'sqlite' }),
        }),
      ),
    ).toMatchObject({
      zenml: '0.98.0',
      environments: {
        staging: {
          server: 'https://staging.zenml.example.com',
          backup: { mysql: { 'url-env': 'ZENML_DATABASE_URL' } },
        },
        production: { backup: { sqlite: {} } },
      },
      sources: [
        {
          path: '.',
          install: { requirements: ['requirements.txt', 'tests/smoke/requirements.txt'] },
        },
      ],
      smoke: [{ command: 'python -m pytest -q tests/smoke' }],
      stacks: {},
      exclude: [],
    })
  })

  it('names its schema for editors', () => {
    expect(text(facts()).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=https://raw.githubusercontent.com/acme/zenml-upgrade/main/schema/zenml-upgrade.schema.json',
    )
  })

  it.each(Object.keys(DEPLOY_DRIVERS) as DeployDriver[])(
    'is valid for the driver %s, and asks for nothing that is not built',
    (driver) => {
      const { deploy } = read(facts({ driver })).environments.staging
      expect(Object.keys(deploy)).toEqual([BUILT_DRIVERS.includes(driver) ? driver : 'command'])
      expect(text(facts({ driver })).includes(`driver ${driver} is not built yet`)).toBe(
        !BUILT_DRIVERS.includes(driver),
      )
    },
  )

  it('takes the port of a local server from its address', () => {
    const local = (url: string) =>
      read(facts({ driver: 'local', staging: server('staging', { url }) })).environments.staging
        .deploy.local?.port
    expect([
      local('http://127.0.0.1:8237'),
      local('http://localhost'),
      local('https://localhost/zenml'),
    ]).toEqual([8237, 80, 443])
  })

  it('names the database of a local server once for its driver and its backup, and none for SQLite', () => {
    const staging = (database: string) =>
      read(
        facts({
          driver: 'local',
          staging: server('staging', { url: 'http://127.0.0.1:8237', database }),
        }),
      ).environments.staging
    expect(staging('mysql')).toMatchObject({
      deploy: { local: { 'database-url-env': 'ZENML_DATABASE_URL' } },
      backup: { mysql: { 'url-env': 'ZENML_DATABASE_URL' } },
    })
    const { deploy, backup } = staging('sqlite')
    expect(deploy.local?.['database-url-env']).toBeUndefined()
    expect(backup?.sqlite?.path).toBe(`${deploy.local?.directory ?? ''}/zenml.db`)
  })

  it('has no backup for a workspace of Pro while that kind is not built, and says what that means', () => {
    const pro = facts({
      driver: 'pro',
      staging: server('staging', { workspace: 'staging-workspace' }),
    })
    expect(read(pro).environments.staging.backup).toBeUndefined()
    expect(text(pro)).toContain('backup: skip')
  })

  it.each([
    ['0.98.0', '0.98.0', 'What both servers run'],
    ['0.98.0', '0.94.1', 'the merge into main brings production there'],
    ['0.94.1', '0.98.0', 'production is ahead'],
  ])('says what staging %s and production %s mean', (staging, production, sentence) => {
    const given = facts({
      staging: server('staging', { version: staging }),
      production: server('production', { version: production }),
    })
    expect(read(given).zenml).toBe(staging)
    expect(text(given)).toContain(sentence)
  })

  it('names a source for every folder that modules are imported from, each with its snapshots', () => {
    const snapshots = [
      snapshot('a', 'churn'),
      snapshot('b', 'churn'),
      snapshot('a', 'report', { pipeline: 'report' }),
    ]
    const given = facts({
      files: ['ml/churn.py', 'jobs/report.py', 'jobs/requirements.txt'],
      production: server('production', { snapshots }),
    })
    expect(read(given)).toMatchObject({
      sources: [
        {
          name: 'default',
          path: 'ml',
          install: { requirements: ['tests/smoke/requirements.txt'] },
          snapshots: ['default/churn/a', 'b'],
        },
        {
          name: 'source-2',
          path: 'jobs',
          install: { requirements: ['requirements.txt'] },
          snapshots: ['default/report/a'],
        },
      ],
      smoke: [{ source: 'default' }],
    })
  })

  it('leaves a pipeline whose module several folders have to a person, in no source', () => {
    const [training, report] = [
      snapshot('training', 'pipelines.training'),
      snapshot('report', 'report', { pipeline: 'report' }),
    ]
    const files = ['team-b/pipelines/training.py', 'team-a/pipelines/training.py', 'report.py']
    const production = server('production', { snapshots: [training, report] })
    const given = facts({ files, production })
    expect(read(given).sources).toMatchObject([
      { name: 'default', path: '.', snapshots: ['report'] },
    ])
    expect(text(given)).toContain(
      [
        '  # change: several folders have the modules of these pipelines. Choose the path of each, and take its line over:',
        '  # default/churn: pipelines.training is in team-a, team-b',
        '  # - { name: default/churn, path: <one of them>, snapshots: [training] }',
      ].join('\n'),
    )
    const alone = facts({ files, production: server('production', { snapshots: [training] }) })
    expect(read(alone).sources).toMatchObject([{ name: 'default', path: '.', snapshots: [] }])
    const chosenCode = new Map([['default/churn', 'team-a']])
    expect(read(facts({ files, production, chosenCode })).sources).toMatchObject([
      { path: '.', snapshots: ['report'] },
      { path: 'team-a', snapshots: ['training'] },
    ])
  })

  it('names the requirements that a source has, and says why these', () => {
    const files = ['ml/churn.py', 'uv.lock', 'pyproject.toml', 'requirements.txt']
    const snapshots = [snapshot('a', 'churn')]
    const given = facts({ files, production: server('production', { snapshots }) })
    expect(text(given)).toContain(
      '    install: { requirements: [../uv.lock, tests/smoke/requirements.txt] } # uv.lock has exact versions, the nearest above it\n',
    )
    expect(read(given).sources[0]?.install.requirements).toEqual([
      '../uv.lock',
      'tests/smoke/requirements.txt',
    ])
  })

  it('tells where the code of other repositories would be named', () => {
    const given = facts({
      production: server('production', { snapshots: [snapshot('a', 'other.churn')] }),
    })
    expect(text(given)).toContain(
      '#   - { name: <name>, repository: <owner/name>, ref: { staging: staging, production: main }, snapshots: [a] }',
    )
  })

  it('quotes a version that would be a number', () => {
    expect(read(facts({ staging: server('staging', { version: '0.100' }) })).zenml).toBe('0.100.0')
  })

  it('suggests twins as comments: the likely one, else a gap', () => {
    const given = facts({
      staging: server('staging', { stacks: ['default', 'staging-k8s'] }),
      production: server('production', { stacks: ['default', 'prod-k8s', 'vertex'] }),
    })
    expect(text(given)).toContain(
      '# stacks:\n#   prod-k8s: staging-k8s\n#   vertex: <its twin in staging>\n',
    )
    expect(
      parseConfig(
        text(given).replace('# stacks:', 'stacks:').replace('#   prod-k8s', '  prod-k8s'),
        'x',
      ).stacks,
    ).toEqual({ 'prod-k8s': 'staging-k8s' })
  })

  it('says nothing about stacks that all have a twin, and only the form when nobody looked', () => {
    expect(text(facts())).not.toContain('stacks:')
    expect(text(facts({ staging: server('staging', { stacks: null }) }))).toContain(
      '# stacks: { <production stack>',
    )
  })

  it('excludes in a comment that can be taken over what has no code here', () => {
    const given = facts({
      production: server('production', {
        snapshots: [
          snapshot('here', 'pipelines'),
          snapshot('old', 'legacy.jobs'),
          snapshot('nb', null),
        ],
      }),
    })
    const lines = text(given).split('\n')
    const at = lines.indexOf('# exclude:')
    const uncommented = [
      ...lines.slice(0, at),
      ...lines.slice(at, at + 3).map((line) => line.replace('# ', '')),
      ...lines.slice(at + 3),
    ].join('\n')
    expect(parseConfig(uncommented, 'x').exclude).toEqual([
      { pattern: 'default/churn/old', reason: 'module legacy.jobs is not in this repository' },
      { pattern: 'default/churn/nb', reason: 'its pipeline was defined in a notebook' },
    ])
  })

  it('says that schedules are not recreated, and which; not those that are off', () => {
    const given = facts({
      production: server('production', {
        schedules: [
          { project: 'default', name: 'nightly', active: true },
          { project: 'default', name: 'off', active: false },
        ],
      }),
    })
    expect(text(given)).toMatch(/Schedules.*not built yet.*default\/nightly\./)
    expect(text(given)).not.toContain('default/off')
  })

  it("stays what it is, whatever the servers' names are", () => {
    const plain = read(facts())
    const given = facts({
      staging: server('staging', { stacks: NASTY }),
      production: server('production', {
        stacks: NASTY.map((name) => `p${name}`),
        snapshots: NASTY.map((name) => snapshot(name, name, { pipeline: name })),
        schedules: NASTY.map((name) => ({ project: name, name, active: true })),
      }),
    })
    expect(read(given)).toEqual(plain)
    expect(text(given)).not.toMatch(/[\u0000\u001B\u2028\u202E]/)
    expect(text(given)).not.toContain('abcdefGH')
  })

  it('keeps a source root of any name', () => {
    for (const folder of [
      'a b',
      'ml # ops',
      "it's",
      '"',
      '{',
      '- x',
      '\u202Eevil',
      'null',
      '0.98',
      '*',
      '&a',
      '!!js',
      '%',
      '@',
      '🤷',
      'long: '.repeat(50),
    ]) {
      const given = facts({
        files: [`${folder}/churn.py`],
        production: server('production', { snapshots: [snapshot('a', 'churn')] }),
      })
      expect(read(given).sources[0]?.path).toBe(folder)
    }
  })
})

describe('what can be written', () => {
  it('is every driver that is built, so that whoever builds one writes its text', () => {
    expect(Object.keys(DEPLOY_TEXTS).sort()).toEqual([...BUILT_DRIVERS].sort())
  })

  it('is every built kind of backup that suits a server', () => {
    const kinds = [
      server('staging', { database: 'sqlite' }),
      server('staging'),
      server('staging', { workspace: 'w' }),
    ].map(backupKind)
    expect(kinds.filter((kind) => BUILT_BACKUPS.includes(kind))).toEqual(Object.keys(BACKUP_TEXTS))
    expect(Object.keys(BACKUP_KINDS)).toEqual(expect.arrayContaining(kinds))
  })

  it('is asked for by the input deploy', () => {
    expect([...INPUTS.init.deploy.choices].sort()).toEqual(Object.keys(DEPLOY_DRIVERS).sort())
  })
})

describe('a scalar', () => {
  it('reads back as the text, in a block, in braces and as a key', () => {
    for (const name of NASTY) {
      expect(parse(scalar(name))).toBe(name)
      expect(parse(`{ a: ${scalar(name)}, b: [${scalar(name)}] }`)).toEqual({ a: name, b: [name] })
    }
  })

  it('is plain where it can be', () => {
    expect(
      ['0.98.0', 'https://zenml.example.com:8080/zenml', 'default/churn/training', '.'].map(scalar),
    ).toEqual(['0.98.0', 'https://zenml.example.com:8080/zenml', 'default/churn/training', '.'])
    expect(scalar('0.98')).toBe('"0.98"')
  })

  it('in a comment is one line without a secret', () => {
    for (const name of NASTY) expect(inComment(name)).not.toMatch(/[\n\r\u2028]|abcdefGH/)
  })
})
