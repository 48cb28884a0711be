import { describe, expect, it } from '@jest/globals'
import { parseConfig } from '../../../src/config/load.ts'
import { InvalidConfig } from '../../../src/config/problem.ts'
import { refusal, VALID, withStaging } from './files.ts'

const ROOT_KEYS =
  'zenml, environments, projects, sources, stacks, smoke, snapshots, exclude, execute, deployments, schedules, promotion'
const NO_ZENML =
  '1:1 zenml: is missing: the version of ZenML this branch deploys, such as 0.98.0; or {from, path}, where it stands in another file; or {follow: server}'
const NO_ENVIRONMENTS = '1:1 environments: is missing: the two servers, staging and production'
const DRIVERS = 'local, command, gitops (not built yet: helm, compose, terraform, pro)'

const withZenml = (value: string): string => VALID.replace('0.98.0', value)

describe('the file as a whole', () => {
  it.each([
    ['nothing', '', ['1:1: is empty']],
    ['only a comment', '# later\n', ['1:1: is empty']],
    ['null', '~', ['1:1: is empty']],
    ['a list', '- zenml: 0.98.0\n', [`1:1: must be a mapping of keys (${ROOT_KEYS}), not a list`]],
    ['text', 'hello\n', [`1:1: must be a mapping of keys (${ROOT_KEYS}), not text`]],
    [
      'two documents',
      `${VALID}---\n${VALID}`,
      ['7:1: holds more than one document; write one, without ---'],
    ],
    ['an empty mapping', '{}', [NO_ZENML, NO_ENVIRONMENTS]],
    [
      'a bracket left open',
      'zenml: [\n',
      [
        '2:1: is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
    [
      'two slips on two lines',
      'a: b: c\nd: "\\q"\n',
      [
        '1:4: is not valid YAML: nested mappings are not allowed in compact mappings',
        '2:5: is not valid YAML: invalid escape sequence \\q',
      ],
    ],
    [
      'a tab',
      'environments:\n\tstaging: 1\n',
      ['2:1: is not valid YAML: tabs are not allowed as indentation'],
    ],
    ['a tag', 'zenml: !secret x\n', ['1:8: is not valid YAML: unresolved tag: !secret']],
    [
      'an alias without an anchor',
      'zenml: *version\n',
      ['1:8 zenml: refers to the anchor "version", which does not stand above it'],
    ],
    [
      'an anchor inside itself',
      'stacks: &all { a: *all }\n',
      ['1:19 stacks.a: refers to the anchor "all", of which it is a part'],
    ],
    [
      'a key given twice',
      `${VALID}zenml: 0.98.0\n`,
      ['7:1 zenml: is given twice, first on line 1'],
    ],
    [
      'a list as a key',
      `${VALID}stacks:\n  [a]: b\n`,
      ['8:3 stacks: a key must be text, not a list, a mapping or an alias'],
    ],
    ['brackets without end', '['.repeat(100_000), ['1:1: is nested deeper than 64 levels']],
    ['a list in a list in a list…', '- '.repeat(100_000), ['1:1: is nested deeper than 64 levels']],
    [
      'aliases that multiply',
      Array.from(
        { length: 9 },
        (_, i) =>
          `k${i}: &a${i} [${Array.from({ length: 9 }, () => (i === 0 ? 'x' : `*a${i - 1}`)).join(', ')}]\n`,
      ).join(''),
      ['1:1: has more than 100 aliases, counting those inside aliases'],
    ],
    ['many aliases', `a: &a 1\nb: [${'*a, '.repeat(101)}]\n`, ['2:1: has more than 100 aliases']],
    ['half a megabyte', `${VALID}# ${'x'.repeat(512 * 1024)}\n`, ['1:1: is larger than 512 KiB']],
  ])('%s', (_, text, lines) => {
    expect(refusal(text)).toEqual({ code: 'invalid-file', lines })
  })
})

describe('keys', () => {
  it.each([
    ['unknown', `${VALID}quux: 1\n`, [`7:1 quux: unknown key "quux"; allowed here: ${ROOT_KEYS}`]],
    [
      'misspelt, not also called missing',
      VALID.replace('environments', 'enviroments'),
      [
        `2:1 enviroments: unknown key "enviroments"; did you mean "environments"? Allowed here: ${ROOT_KEYS}`,
      ],
    ],
    [
      'in the habit of another language',
      `${VALID}promotion: { holdLabel: x }\n`,
      [
        '7:14 promotion.holdLabel: unknown key "holdLabel"; did you mean "hold-label"? Allowed here: soak, watch, hold-label, freeze',
      ],
    ],
    [
      'cut short',
      VALID.replace('production', 'prod'),
      [
        '5:3 environments.prod: unknown key "prod"; did you mean "production"? Allowed here: staging, production',
      ],
    ],
    [
      'of one word for two missing ones',
      'zenm: 1.0.0\nzenmll: 1.0.0\nenvironments: {}\n',
      [
        `1:1 zenm: unknown key "zenm"; did you mean "zenml"? Allowed here: ${ROOT_KEYS}`,
        `2:1 zenmll: unknown key "zenmll"; allowed here: ${ROOT_KEYS}`,
        '3:1 environments.staging: is missing: the staging server, deployed from its own branch',
        '3:1 environments.production: is missing: the production server, deployed from its own branch',
      ],
    ],
    [
      'with names of Object',
      `${VALID}constructor: 1\n__proto__: { a: 1 }\n`,
      [
        `7:1 constructor: unknown key "constructor"; allowed here: ${ROOT_KEYS}`,
        `8:1 __proto__: unknown key "__proto__"; allowed here: ${ROOT_KEYS}`,
      ],
    ],
  ])('%s', (_, text, lines) => {
    expect(refusal(text).lines).toEqual(lines)
  })

  it('reads on below a misspelt key', () => {
    const { lines } = refusal(
      VALID.replace('environments', 'enviroments')
        .replace('staging:', 'stagging:')
        .replace('command:', 'comand:')
        .replace('deploy: ./', 'deply: ./'),
    )
    expect(lines).toEqual([
      `2:1 enviroments: unknown key "enviroments"; did you mean "environments"? Allowed here: ${ROOT_KEYS}`,
      '3:3 environments.stagging: unknown key "stagging"; did you mean "staging"? Allowed here: staging, production',
      `4:15 environments.staging.deploy.comand: unknown driver "comand"; did you mean "command"? Drivers: ${DRIVERS}`,
      '4:25 environments.staging.deploy.command.deply: unknown key "deply"; did you mean "deploy"? Allowed here: deploy, rollback, stop',
    ])
  })
})

describe('values', () => {
  it.each([
    ['projects: []', '7:11 projects: must have at least one entry'],
    ['projects: default', '7:11 projects: must be a list, not text'],
    ['projects:', '7:1 projects: is empty; it must be a list'],
    ['projects: [a, a]', '7:15 projects.1: stands twice in the list, first on line 7'],
    ['stacks: { 1: 2 }', '7:14 stacks.1: must be text; YAML reads 2 as a number, so write "2"'],
    ['stacks: { "": a }', '7:15 stacks."": must not have an empty key'],
    [
      'smoke: [pytest]',
      '7:9 smoke.0: must be a mapping of keys (source, command, junit, timeout), not text',
    ],
    [
      'smoke: [{}]',
      '7:9 smoke.0.command: is missing: a shell command, run in the source root with the new client',
    ],
    ['smoke: [{ command: "" }]', '7:20 smoke.0.command: must not be empty'],
    [
      'smoke: [{ command: true }]',
      '7:20 smoke.0.command: must be text; YAML reads true as true, so write "true"',
    ],
    [
      'smoke: [{ command: x, timeout: 30 }]',
      '7:32 smoke.0.timeout: must be a duration such as 30s, 10m or 4h, not 30',
    ],
    [
      'smoke: [{ command: x, timeout: 1d }]',
      '7:32 smoke.0.timeout: must be a duration such as 30s, 10m or 4h',
    ],
    ['smoke: [{ command: x, timeout: 0m }]', '7:32 smoke.0.timeout: must be longer than 0'],
    ['smoke: [{ command: x, timeout: 501h }]', '7:32 smoke.0.timeout: must be at most 500h'],
    [
      'smoke: [{ command: x }, { command: x }]',
      '7:25 smoke.1: stands twice in the list, first on line 7',
    ],
    [
      'smoke: [{ command: x, source: defalt }]',
      '7:31 smoke.0.source: must be the name of a source ("default"), not "defalt"; did you mean "default"?',
    ],
    ['sources: []', '7:10 sources: must have at least one entry'],
    [
      'sources: [{ name: a, python: 3.10 }]',
      '7:30 sources.0.python: must be text; YAML reads 3.10 as a number, so write "3.10"',
    ],
    [
      'sources: [{ name: a, python: "2.7" }]',
      '7:30 sources.0.python: must be a Python version such as "3.11"',
    ],
    [
      'sources: [{ name: a, path: ../b }]',
      '7:28 sources.0.path: must be a path inside the repository, without .. and without a leading /',
    ],
    [
      'sources: [{ name: a, path: /b }]',
      '7:28 sources.0.path: must be a path inside the repository, without .. and without a leading /',
    ],
    [
      'sources: [{ name: a, install: { index-env: [my-index] } }]',
      '7:45 sources.0.install.index-env.0: must be the name of an environment variable, such as ZENML_DATABASE_URL',
    ],
    [
      'snapshots: [{ name: a, smoke: { parameters: { x: .nan } } }]',
      '7:50 snapshots.0.smoke.parameters.x: must be plain data: text, a finite number, true, false, null, a list or a mapping',
    ],
    [
      'snapshots: [{ name: a, smoke: { steps: { s: [{}, .inf] } } }]',
      '7:45 snapshots.0.smoke.steps.s: must be a mapping of keys, not a list',
    ],
    [
      'snapshots: [{ name: a, smoke: { steps: { s: { x: [1, { y: .inf }] } } } }]',
      '7:59 snapshots.0.smoke.steps.s.x.1.y: must be plain data: text, a finite number, true, false, null, a list or a mapping',
    ],
    [
      'snapshots: [{ name: a }, { name: a }]',
      '7:26 snapshots.1: may be the same snapshot as the entry on line 7; tell them apart by pipeline or project',
    ],
    [
      'snapshots: [{ name: a, pipeline: p }, { name: a, project: q }]',
      '7:39 snapshots.1: may be the same snapshot as the entry on line 7; tell them apart by pipeline or project',
    ],
    ['exclude: [{ pattern: "a-*" }]', '7:11 exclude.0.reason: is missing: why, for the report'],
    [
      'execute: { staging: al }',
      '7:21 execute.staging: must be all, declared or none, not "al"; did you mean "all"?',
    ],
    ['execute: { staging: 1 }', '7:21 execute.staging: must be all, declared or none, not 1'],
    ['execute: { staging: }', '7:12 execute.staging: is empty; it must be all, declared or none'],
    ['promotion: { hold-label: "" }', '7:26 promotion.hold-label: must not be empty'],
  ])('%s', (line, message) => {
    expect(refusal(`${VALID}${line}\n`)).toEqual({ code: 'invalid-file', lines: [message] })
  })

  it.each([
    'snapshots: [{ name: a, pipeline: p }, { name: a, pipeline: q }]',
    'snapshots: [{ name: a, project: p }, { name: a, project: q, pipeline: r }]',
    'smoke: [{ command: x }, { command: y, source: default }]',
    'promotion: { soak: 0m, watch: 0h, hold-label: stop-it, freeze: [] }',
    'schedules: []',
    'stacks: &s { a: b }\nexclude: [{ pattern: "&a", reason: "*b" }]',
  ])('accepts %s', (line) => {
    expect(refusal(`${VALID}${line}\n`)).toEqual({ code: 'accepted', lines: [] })
  })
})

describe('zenml', () => {
  const form =
    'must be a version such as 0.98.0, or {from: <file>, path: <keys>}, or {follow: server}'
  it.each([
    ['0.98', ['1:8 zenml: must be text; YAML reads 0.98 as a number, so write "0.98"']],
    ['latest', ['1:8 zenml: must be a version such as 0.98.0, not "latest"']],
    ['">=0.98"', ['1:8 zenml: must be a version such as 0.98.0, not ">=0.98"']],
    [
      '0.98.0+acme.2',
      [
        '1:8 zenml: must be a release such as 0.98.0, not the local version "0.98.0+acme.2", which no package index has',
      ],
    ],
    ['[]', [`1:8 zenml: ${form}`]],
    ['{}', [`1:8 zenml: ${form}`]],
    ['', [`1:1 zenml: is empty; it ${form}`]],
    ['{ quux: 1 }', ['1:10 zenml.quux: unknown key "quux"; allowed here: from, path, follow']],
    [
      '{ form: a.yml }',
      [
        '1:1 zenml.path: is missing: where the version stands in it: keys and list positions with dots between, such as dependencies.0.version',
        '1:10 zenml.form: unknown key "form"; did you mean "from"? Allowed here: from, path, follow',
      ],
    ],
    [
      '{ from: a.yml, path: 0 }',
      ['1:29 zenml.path: must be text; YAML reads 0 as a number, so write "0"'],
    ],
  ])('%s', (value, lines) => {
    expect(refusal(withZenml(value)).lines).toEqual(lines)
  })

  it.each([
    ['v0.98.0', '0.98.0'],
    ['0.98.0-rc.1', '0.98.0rc1'],
    ['"1.10"', '1.10.0'],
    ['V1.0-RC.1', '1.0.0rc1'],
    ['1.0-1', '1.0.0.post1'],
    ['1!2.0', '1!2.0.0'],
  ])('%s is %s', (value, version) => {
    expect(parseConfig(withZenml(value), 'f.yml').zenml).toBe(version)
  })
})

describe('environments', () => {
  const mysql = (keys: string): string =>
    withStaging(
      `    deploy: { command: { deploy: x } }\n    backup: { mysql: { to: /mnt, ${keys} } }`,
    )
  it.each([
    [
      'no driver',
      withStaging('    deploy: {}'),
      '4:13 environments.staging.deploy: must name exactly one driver: local, command or gitops',
    ],
    [
      'an empty deploy',
      withStaging('    deploy:'),
      '4:5 environments.staging.deploy: is empty; it must be a mapping of keys (local, command, gitops, helm, compose, terraform, pro)',
    ],
    [
      'two drivers',
      withStaging('    deploy: { command: { deploy: x }, gitops: { tool: flux, name: x } }'),
      '4:13 environments.staging.deploy: must name exactly one driver, not command and gitops',
    ],
    [
      'a driver as text',
      withStaging('    deploy: local'),
      '4:13 environments.staging.deploy: must be a mapping of keys (local, command, gitops, helm, compose, terraform, pro), not text',
    ],
    [
      'an unknown driver',
      withStaging('    deploy: { nomad: {} }'),
      `4:15 environments.staging.deploy.nomad: unknown driver "nomad"; drivers: ${DRIVERS}`,
    ],
    [
      'a driver without settings',
      withStaging('    deploy: { command: }'),
      '4:15 environments.staging.deploy.command: is empty; it must be a mapping of keys (deploy, rollback, stop)',
    ],
    [
      'an unknown tool',
      withStaging('    deploy: { gitops: { tool: argo, name: x } }'),
      '4:31 environments.staging.deploy.gitops.tool: must be argocd or flux, not "argo"; did you mean "argocd"?',
    ],
    [
      'a port that is none',
      withStaging('    deploy: { local: { directory: x, port: 70000 } }'),
      '4:44 environments.staging.deploy.local.port: must be at most 65535',
    ],
    [
      'a port as text',
      withStaging('    deploy: { local: { directory: x, port: "80" } }'),
      '4:44 environments.staging.deploy.local.port: must be a number, not text',
    ],
    [
      'half a port',
      withStaging('    deploy: { local: { directory: x, port: 80.5 } }'),
      '4:44 environments.staging.deploy.local.port: must be a whole number, not 80.5',
    ],
    [
      'a server without a scheme',
      withStaging('    server: zenml.example.com\n    deploy: { command: { deploy: x } }'),
      '4:13 environments.staging.server: must be an address that begins with https:// or http://',
    ],
    [
      'an empty backup',
      withStaging('    deploy: { command: { deploy: x } }\n    backup: {}'),
      '5:13 environments.staging.backup: must name exactly one kind of backup: sqlite, mysql or command',
    ],
    [
      'an unknown backup',
      withStaging(
        '    deploy: { command: { deploy: x } }\n    backup: { sqllite: { path: a, to: b } }',
      ),
      '5:15 environments.staging.backup.sqllite: unknown kind of backup "sqllite"; did you mean "sqlite"? Kinds: sqlite, mysql, command (not built yet: kubernetes, managed)',
    ],
    [
      'an unknown place',
      withStaging(
        '    deploy: { command: { deploy: x } }\n    backup: { sqlite: { path: a, to: "ftp://b" } }',
      ),
      '5:38 environments.staging.backup.sqlite.to: must be a path, or begin with s3://, gs:// or az://',
    ],
    [
      'restore without a scratch database',
      mysql('verify: restore'),
      '5:42 environments.staging.backup.mysql.verify: restore needs scratch-url-env: the name of the environment variable with the address of a scratch database',
    ],
    [
      "the server's database as scratch",
      mysql('scratch-url-env: ZENML_DATABASE_URL'),
      "5:51 environments.staging.backup.mysql.scratch-url-env: must not be the variable of the server's own database: the scratch database is overwritten",
    ],
  ])('%s', (_, text, message) => {
    expect(refusal(text)).toEqual({ code: 'invalid-file', lines: [message] })
  })

  it('names an environment that is missing', () => {
    expect(refusal(VALID.slice(0, VALID.indexOf('  production'))).lines).toEqual([
      '2:1 environments.production: is missing: the production server, deployed from its own branch',
    ])
  })

  it('wants a driver and no more', () => {
    expect(refusal(withStaging('    server: https://a.example')).lines).toEqual([
      '3:3 environments.staging.deploy: is missing: how the server is deployed; exactly one driver',
    ])
  })
})

describe('a source in another repository', () => {
  it.each<[string, string]>([
    [
      'repository: acme',
      '7:38 sources.0.repository: must be owner/name of a repository on the same GitHub',
    ],
    [
      'repository: "https://github.com/acme/churn"',
      '7:38 sources.0.repository: must be owner/name of a repository on the same GitHub',
    ],
    [
      'ref: { staging: a, production: b }',
      '7:31 sources.0.ref: goes only with repository: the code of this repository is that of the commit that is deployed',
    ],
    [
      'repository: acme/churn, ref: { staging: main }',
      '7:50 sources.0.ref.production: is missing: branch, tag or full commit for production',
    ],
    [
      'repository: acme/churn, ref: { staging: main, production: "--upload-pack=x y" }',
      '7:84 sources.0.ref.production: must be the name of a branch or a tag, or a full commit',
    ],
    [
      'repository: acme/churn, ref: { staging: main, production: "a..b" }',
      '7:84 sources.0.ref.production: must be the name of a branch or a tag, or a full commit',
    ],
  ])('is refused: %s', (keys, line) => {
    expect(refusal(`${VALID}sources: [{ name: churn, ${keys} }]\n`).lines).toEqual([line])
  })
})

describe('several sources', () => {
  it('reports every clash of names, and a suite without one source', () => {
    expect(
      refusal(
        `${VALID}sources:\n  - name: a\n  - name: b\n  - name: a\nsmoke:\n  - command: x\n  - { command: x, source: c }\n`,
      ),
    ).toEqual({
      code: 'invalid-file',
      lines: [
        '10:5 sources.2: stands twice in the list, first on line 8',
        '12:5 smoke.0: needs a source, because there are several: "a" or "b"',
        '13:27 smoke.1.source: must be the name of a source ("a" or "b"), not "c"',
      ],
    })
  })
})

describe('the refusal', () => {
  it('carries the problems as data, in the order of the file', () => {
    const text = `${VALID}projects: []\n`.replace('0.98.0', 'latest')
    const error = refusalOf(text)
    expect(error.file).toBe('f.yml')
    expect(error.problems).toEqual([
      {
        line: 1,
        column: 8,
        path: 'zenml',
        message: 'must be a version such as 0.98.0, not "latest"',
      },
      { line: 7, column: 11, path: 'projects', message: 'must have at least one entry' },
    ])
    expect(error.message.split('\n')[0]).toBe('f.yml has 2 problems:')
    expect(error.next).toBe(
      'Correct the file; https://github.com/zenml-upgrade/zenml-upgrade/blob/main/docs/configuration.md lists every key.',
    )
  })

  it('shows the smallest file to those whose file is empty', () => {
    expect(refusalOf('').next).toContain('The smallest file is:\n\nzenml: 0.98.0\n')
  })

  it('quotes one short line of a value, whatever it is', () => {
    const error = refusalOf(
      VALID.replace('0.98.0', JSON.stringify(`\u001b[31m\n${'x'.repeat(500)}`)),
    )
    expect(error.message).toBe(
      `f.yml has a problem:\nf.yml:1:8 zenml: must be a version such as 0.98.0, not "\\u001b[31m\\n${'x'.repeat(54)}…"`,
    )
  })
})

function refusalOf(text: string): InvalidConfig {
  try {
    parseConfig(text, 'f.yml')
  } catch (error) {
    if (error instanceof InvalidConfig) return error
    throw error
  }
  throw new Error('the file was accepted')
}
