import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { BUILT_BACKUPS, BUILT_DRIVERS, NOT_BUILT } from '../../../src/config/not-built.ts'
import { refusal, VALID, withStaging } from './files.ts'

const deploy = (driver: string): string => withStaging(`    deploy: { ${driver} }`)
const backup = (kind: string): string =>
  withStaging(`    deploy: { command: { deploy: x } }\n    backup: { ${kind} }`)
const more = (line: string): string => `${VALID}${line}\n`
const otherDriver = 'use local, command or gitops'
const otherBackup = 'use sqlite, mysql or command'

const CASES: [string, string][] = [
  [
    VALID.replace('0.98.0', '{ follow: server }'),
    '1:18 zenml.follow: not built yet: {follow: server}; write the version',
  ],
  [
    deploy('helm: { release: a, namespace: b }'),
    `4:21 environments.staging.deploy.helm: not built yet: the driver helm; ${otherDriver}`,
  ],
  [
    deploy('compose: { file: a, service: b }'),
    `4:24 environments.staging.deploy.compose: not built yet: the driver compose; ${otherDriver}`,
  ],
  [
    deploy('terraform: { directory: a, variable: b }'),
    `4:26 environments.staging.deploy.terraform: not built yet: the driver terraform; ${otherDriver}`,
  ],
  [
    deploy('pro: { workspace: a }'),
    `4:20 environments.staging.deploy.pro: not built yet: the driver pro; ${otherDriver}`,
  ],
  [
    backup('kubernetes: { anything: 1 }'),
    `5:27 environments.staging.backup.kubernetes: not built yet: the backup kind kubernetes; ${otherBackup}`,
  ],
  [
    backup('mysql: { to: "s3://a/b" }'),
    '5:28 environments.staging.backup.mysql.to: not built yet: backups in a bucket (s3://, gs://, az://); write a path',
  ],
  [
    backup('sqlite: { path: a, to: "gs://a/b" }'),
    '5:38 environments.staging.backup.sqlite.to: not built yet: backups in a bucket (s3://, gs://, az://); write a path',
  ],
  [
    backup('command: { backup: a, to: "az://a/b" }'),
    '5:41 environments.staging.backup.command.to: not built yet: backups in a bucket (s3://, gs://, az://); write a path',
  ],
  [
    backup('sqlite: { path: a, to: b, encryption: age }'),
    '5:53 environments.staging.backup.sqlite.encryption: not built yet: encryption with age; leave it out, or write none',
  ],
  [more('schedules: [{ name: a }]'), '7:12 schedules: not built yet: schedules; leave them out'],
  [
    more('promotion: { watch: 4h }'),
    '7:21 promotion.watch: not built yet: the watch; leave it out, or write 0m',
  ],
]

describe('what is not built yet', () => {
  it.each(CASES)('is refused by name: %s', (text, line) => {
    expect(refusal(text)).toEqual({ code: 'not-built-yet', lines: [line] })
  })

  it('has a case for every row of the table', () => {
    const told = [...CASES.map(([, line]) => line), managedLine].join('\n')
    expect(NOT_BUILT.filter(({ what }) => !told.includes(`not built yet: ${what};`))).toEqual([])
  })

  const managedLine = `5:24 environments.staging.backup.managed: not built yet: the backup kind managed; ${otherBackup}`
  it('goes together: a managed backup of a managed workspace', () => {
    expect(
      refusal(
        withStaging(
          '    deploy: { pro: { workspace: a } }\n    backup: { managed: { by: zenml-pro } }',
        ),
      ),
    ).toEqual({
      code: 'not-built-yet',
      lines: [
        `4:20 environments.staging.deploy.pro: not built yet: the driver pro; ${otherDriver}`,
        managedLine,
      ],
    })
  })

  it('is told alone for its part, whatever else is wrong in there', () => {
    const line = (driver: string, at: string) => [
      `4:${at} environments.staging.deploy.${driver}: not built yet: the driver ${driver}; ${otherDriver}`,
    ]
    expect(refusal(deploy('helm: { relase: a, chart: 1, wrong: true }'))).toEqual({
      code: 'not-built-yet',
      lines: line('helm', '21'),
    })
    expect(refusal(deploy('compose: true'))).toEqual({
      code: 'not-built-yet',
      lines: line('compose', '24'),
    })
    expect(refusal(deploy('terraform:'))).toEqual({
      code: 'not-built-yet',
      lines: line('terraform', '15'),
    })
    expect(refusal(deploy('pro: { workspace: a, workspace: b }'))).toEqual({
      code: 'not-built-yet',
      lines: line('pro', '20'),
    })
    expect(refusal(backup('managed: { by: zenml-pro }'))).toEqual({
      code: 'not-built-yet',
      lines: [managedLine],
    })
    expect(refusal(more('schedules: [{ nam: a }]'))).toEqual({
      code: 'not-built-yet',
      lines: ['7:12 schedules: not built yet: schedules; leave them out'],
    })
  })

  it('is one problem of several when something else is wrong as well', () => {
    expect(refusal(deploy('helm: { wrong: true }').replace('0.98.0', 'latest'))).toEqual({
      code: 'invalid-file',
      lines: [
        '1:8 zenml: must be a version such as 0.98.0, not "latest"',
        `4:21 environments.staging.deploy.helm: not built yet: the driver helm; ${otherDriver}`,
      ],
    })
    expect(refusal(deploy('hlem: { wrong: true }')).lines).toEqual([
      expect.stringContaining(
        'environments.staging.deploy.hlem: unknown driver "hlem"; did you mean "helm"?',
      ) as unknown,
      `4:21 environments.staging.deploy.helm: not built yet: the driver helm; ${otherDriver}`,
    ])
  })

  it('hides no secret that stands in it', () => {
    const { code, lines } = refusal(
      deploy('pro: { workspace: a, key: ZENPROKEY_c2VjcmV0LW9mLXN0YWdpbmc }'),
    )
    expect([code, lines.length]).toEqual(['invalid-file', 2])
    expect(lines.join()).toContain('must not stand in the file')
  })

  it.each([
    backup('sqlite: { path: a, to: /b, encryption: none }'),
    backup('mysql: { to: backups }'),
    backup('command: { backup: a }'),
    deploy('local: { directory: a, port: 8237 }'),
    deploy('gitops: { tool: flux, name: a }'),
  ])('leaves what is built alone: %s', (text) => {
    expect(refusal(text)).toEqual({ code: 'accepted', lines: [] })
  })

  it('is what drivers and backups are measured by', () => {
    expect(BUILT_DRIVERS).toEqual(['local', 'command', 'gitops'])
    expect(BUILT_BACKUPS).toEqual(['sqlite', 'mysql', 'command'])
  })

  it('is marked in the docs, as often as there are rows', () => {
    const docs = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
    expect(docs.match(/\*\*Not built yet(?:\.|:)\*\*/g)).toHaveLength(NOT_BUILT.length)
  })
})
