import { describe, expect, it } from '@jest/globals'
import { registerSecretVariables, variablesFor } from '../../../src/runtime/secret-variables.ts'
import { VARIABLE_RULES, type Audience } from '../../../src/runtime/variable-rules.ts'
import { redactForeign, withoutKeys } from '../../../src/runtime/secrets.ts'

const AUDIENCES: readonly Audience[] = ['pipelines', 'tests', 'commands']

/** Which of the audiences get a variable. */
function whoGets(name: string): readonly Audience[] {
  return AUDIENCES.filter((audience) => name in variablesFor(audience, { [name]: 'value' }))
}

describe('the variables of a job', () => {
  it.each([
    ['INPUT_API-KEY', []],
    ['INPUT_GITHUB-TOKEN', []],
    ['ZENML_STORE_API_KEY', []],
    ['ZENML_STORE_API_TOKEN', []],
    ['ZENML_STAGING_API_KEY', []],
    ['ZENML_PRODUCTION_API_KEY', []],
    ['ZENML_PRO_API_KEY', []],
    ['ZENML_UPGRADE_APP_KEY', []],
    ['ZENML_UPGRADE_SOURCES_TOKEN', []],
    ['ZENML_UPGRADE_AGE_IDENTITY', []],
    ['ZENML_UPGRADE_SECRET_NAMES', []],
    ['ZENML_STAGING_ENV', []],
    ['ZENML_PRODUCTION_ENV', []],
    ['ZENML_STAGING_SOURCES_ENV', []],
    ['ZENML_PRODUCTION_SOURCES_ENV', []],
    ['GITHUB_TOKEN', []],
    ['ACTIONS_RUNTIME_TOKEN', []],
    ['ZENML_STORE_URL', ['commands']],
    ['ZENML_STORE_PASSWORD', ['commands']],
    ['ZENML_STORE_SSL_CA', ['commands']],
    ['ZENML_DATABASE_URL', ['commands']],
    ['GH_TOKEN', ['commands']],
    ['ACTIONS_ID_TOKEN_REQUEST_TOKEN', ['commands']],
    ['GITHUB_ENV', ['commands']],
    ['ZENML_ACTIVE_STACK_ID', ['tests', 'commands']],
    ['HTTPS_PROXY', AUDIENCES],
    ['UV_INDEX_URL', AUDIENCES],
    ['KUBECONFIG', AUDIENCES],
    ['zenml_store_api_key', []],
  ])('%s is seen by %j', (name, audiences) => {
    expect(whoGets(name)).toEqual(audiences)
  })

  it('are redacted by their rule, by their name, and where a dotenv secret named them', () => {
    registerSecretVariables({
      ZENML_STAGING_API_KEY: 'first-key',
      GH_TOKEN: 'second-key',
      ZENML_DATABASE_URL: 'mysql://zenml:third-key@db/zenml',
      ZENML_STORE_URL: 'https://zenml.example.com',
      ZENML_UPGRADE_SECRET_NAMES: 'LICENCE OTHER',
      LICENCE: 'fourth-value',
      UNNAMED: 'fifth-value',
      SOME_INDEX: 'one=https://u:sixth-key@index/ https://v:seventh-key@index/',
      CACHE_DSN: 'user:eighth-key@tcp(cache)/0',
    })
    expect(
      redactForeign('first-key second-key third-key https://zenml.example.com db fourth-value'),
    ).toBe('*** *** *** https://zenml.example.com db ***')
    expect(redactForeign('fifth-value seventh-key eighth-key')).toBe('fifth-value *** ***')
  })

  it('are no keys of ours where a dotenv secret only sets an address by a name that we know', () => {
    registerSecretVariables({
      ZENML_UPGRADE_SECRET_NAMES: 'ZENML_STORE_URL ZENML_DATABASE_HOST',
      ZENML_STORE_URL: 'https://zenml-staging.acme.test',
      ZENML_DATABASE_HOST: 'db.prod.internal',
      ZENML_DATABASE_URL: 'mysql://zenml:ninth-key-of-db@db.prod.internal/zenml',
    })
    const computed = 'https://zenml-staging.acme.test db.prod.internal'
    expect(withoutKeys(computed, 'the result')).toBe(computed)
    expect(withoutKeys('ninth-key-of-db', 'the result')).toBe('***')
    expect(redactForeign(computed)).toBe('*** ***')
  })

  it.each([
    ['STRIPE_KEY', true],
    ['KEY', true],
    ['KEYBOARD', false],
    ['HOTKEY', false],
    ['AWS_ACCESS_KEY_ID', false],
    ['AWS_SECRET_ACCESS_KEY', true],
    ['TOKEN', true],
    ['npm_token', true],
    ['CLIENT_SECRET', true],
    ['PGPASSWORD', true],
    ['GPG_PASSPHRASE', true],
    ['MYSQL_PWD', true],
    ['PWD', false],
    ['OLDPWD', false],
    ['SMTP_PASS', true],
    ['SSH_ASKPASS', false],
    ['AZURE_CREDENTIALS', true],
    ['GOOGLE_APPLICATION_CREDENTIALS', false],
    ['GITHUB_PAT', true],
    ['ZENML_SERVER_JWT_SECRET_KEY', true],
    ['ACTIONS_ID_TOKEN_REQUEST_TOKEN', true],
    ['ZENML_UPGRADE_AGE_IDENTITY', true],
    ['ZENML_UPGRADE_TIMEOUT', false],
    ['KUBECONFIG', false],
  ])('hold a secret when they are called %s: %s', (name, isSecret) => {
    const value = `<value-of-${name}>`
    registerSecretVariables({ [name]: value })
    expect(redactForeign(value)).toBe(isSecret ? '***' : value)
  })

  it('are named where their value is too short or too common to be redacted', () => {
    expect(
      registerSecretVariables({
        API_TOKEN: 'abc',
        DB_PASSWORD: '12345678',
        PORT: '1',
        EMPTY_KEY: '',
        GOOD_KEY: 'a-good-value',
        ZENML_UPGRADE_SECRET_NAMES: 'DEBUG',
        DEBUG: 'true',
        ZENML_DATABASE_URL: 'mysql://zenml:pw@db/zenml',
      }),
    ).toEqual(['API_TOKEN', 'DB_PASSWORD', 'DEBUG', 'ZENML_DATABASE_URL'])
  })
})

describe('the rules', () => {
  it('give a reason in every cell', () => {
    for (const { names, pipelines, tests, commands } of VARIABLE_RULES)
      for (const { why } of [pipelines, tests, commands])
        expect([names, why]).toEqual([names, expect.stringMatching(/^\S.{8,}$/)])
  })

  it('hand no value that is masked whole to code of pipelines or tests', () => {
    const handed = VARIABLE_RULES.filter(
      ({ mask, pipelines, tests }) => mask === 'whole' && (pipelines.gets || tests.gets),
    )
    expect(handed).toEqual([])
  })

  it('put a name before the beginning that it has in common with others', () => {
    const names = VARIABLE_RULES.flatMap((rule) => rule.names)
    const hidden = names.filter((name, index) =>
      names
        .slice(0, index)
        .some((earlier) => earlier.endsWith('*') && name.startsWith(earlier.slice(0, -1))),
    )
    expect(hidden).toEqual([])
  })
})
