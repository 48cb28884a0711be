import { describe, expect, it } from '@jest/globals'
import { refusal, VALID, withStaging } from './files.ts'

// Put together here, so that no scanner takes this file for a leak.
const key = ['ZENKEY', 'eyJpZCI6IjEyMyIsImtleSI6ImFiYyJ9'].join('_')
const proKey = ['ZENPROKEY', 'abcDEF123456'].join('_')
const token = ['ghp', '0123456789abcdefghijABCDEFGHIJ012345'].join('_')
const url = `mysql://root:s3cr3t@db.example.com/zenml`

const told = (what: string): string =>
  `${what} must not stand in the file; put it into an environment variable, name that here, and replace the secret: it is in the history of Git`

describe('secrets in the file', () => {
  it.each([
    ['a key', `${VALID}stacks: { a: ${key} }\n`, [`7:14 stacks.a: ${told('a key of ZenML')}`], key],
    [
      'a key of Pro',
      `${VALID}projects: [${proKey}]\n`,
      [`7:12 projects.0: ${told('a key of ZenML')}`],
      proKey,
    ],
    ['a token in a comment', `${VALID}# ${token}\n`, [`7:3: ${told('a token of GitHub')}`], token],
    [
      'a URL in a command',
      withStaging(`    deploy: { command: { deploy: "./deploy.sh ${url}" } }`),
      [`4:47 environments.staging.deploy.command.deploy: ${told('a URL with a password')}`],
      's3cr3t',
    ],
    [
      'a password with @',
      `${VALID}stacks: { a: "https://u:p@s3cr3t@h" }\n`,
      [`7:15 stacks.a: ${told('a URL with a password')}`],
      's3cr3t',
    ],
    [
      'a URL where a name is wanted',
      withStaging(`    deploy: { local: { directory: a, port: 1, database-url-env: "${url}" } }`),
      [
        '4:65 environments.staging.deploy.local.database-url-env: must be the name of an environment variable, such as ZENML_DATABASE_URL',
        `4:66 environments.staging.deploy.local.database-url-env: ${told('a URL with a password')}`,
      ],
      's3cr3t',
    ],
    [
      'a key as a key, misspelt as well',
      `${VALID}${key}: 1\n`,
      [
        '7:1 ***: unknown key "***"; allowed here: zenml, environments, projects, sources, stacks, smoke, snapshots, exclude, execute, deployments, schedules, promotion',
        `7:1 ***: ${told('a key of ZenML')}`,
      ],
      key,
    ],
    [
      'a key as a version',
      VALID.replace('0.98.0', key),
      [
        '1:8 zenml: must be a version such as 0.98.0, not "***"',
        `1:8 zenml: ${told('a key of ZenML')}`,
      ],
      key,
    ],
    [
      'a key in a file that is not YAML',
      `a: ${key}: b\n`,
      [
        `1:4: is not valid YAML: nested mappings are not allowed in compact mappings`,
        `1:4: ${told('a key of ZenML')}`,
      ],
      key,
    ],
    [
      'a private key',
      `${VALID}stacks:\n  a: |\n    -----BEGIN RSA PRIVATE KEY-----\n`,
      [`9:5 stacks.a: ${told('a private key')}`],
      'BEGIN',
    ],
  ])('are refused and never repeated: %s', (_, text, lines, secret) => {
    const refused = refusal(text)
    expect(refused).toEqual({ code: 'invalid-file', lines })
    expect(refused.lines.join('\n')).not.toContain(secret)
  })

  it.each([
    'mysql://root:$PASSWORD@db.example.com',
    'mysql://root:${PASSWORD}@db.example.com',
    'https://zenml.example.com:8080/path@x',
    'git@github.com:acme/churn.git',
    '$ZENKEY_STAGING',
    'echo ghp_',
  ])('are not what only looks alike: %s', (text) => {
    expect(refusal(`${VALID}stacks: { a: "${text}" }\n`)).toEqual({ code: 'accepted', lines: [] })
  })
})
