// A secret of every kind, what a program prints that spells them in every way, and the search for
// them in what was written.

const PASSWORD = 'p@ss/w"ord of the database'
const LICENCE = 'licence & "text"\\of a dotenv secret'
const PEM = [
  '-----BEGIN KEY-----',
  'c2VjcmV0IGxpbmUgb25l',
  'c2VjcmV0IGxpbmUgdHdv',
  '-----END KEY-----',
]

interface Planted {
  /** The variables of the job that hold it. */
  readonly env: Readonly<Record<string, string>>
  /** What must not be found anywhere. */
  readonly values: readonly string[]
}

const variable = (name: string, value: string): Planted => ({
  env: { [name]: value },
  values: [value],
})

/** By kind. The token of the job is the one that the fake GitHub must know. */
export const PLANTED: Readonly<Record<string, Planted>> = {
  'API key': variable('ZENML_STORE_API_KEY', 'api-key-of-the-server'),
  'API key of Pro': variable('ZENML_PRO_API_KEY', 'opens-the-control-plane'),
  'token of GitHub': variable('INPUT_GITHUB-TOKEN', 'ghs_token_of_the_job'),
  'key of the app': { env: { ZENML_UPGRADE_APP_KEY: PEM.join('\n') }, values: PEM.slice(1, 3) },
  'token for sources': variable('ZENML_UPGRADE_SOURCES_TOKEN', 'token-for-the-sources'),
  'identity of age': variable('ZENML_UPGRADE_AGE_IDENTITY', 'AGE-SECRET-KEY-1PLANTED'),
  'database password': {
    env: { ZENML_DATABASE_URL: `mysql://zenml:${encodeURIComponent(PASSWORD)}@127.0.0.1:9/zenml` },
    values: [PASSWORD],
  },
  'value of a dotenv secret': {
    env: { ZENML_UPGRADE_SECRET_NAMES: 'LICENCE', LICENCE },
    values: [LICENCE],
  },
  'variable called like a secret': variable('MONITORING_TOKEN', 'token-of-the-monitoring'),
  'password in an address': {
    env: { MIRROR_URL: 'https://mirror:password-of-the-mirror@127.0.0.1:9/' },
    values: ['password-of-the-mirror'],
  },
  'short secret': variable('CACHE_PASSWORD', 'w0rdy'),
}

export const PLANTED_ENV: Readonly<Record<string, string>> = Object.assign(
  {},
  ...Object.values(PLANTED).map(({ env }) => env),
) as Record<string, string>

const LONG = 8
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** What a program prints that spells the secrets of some kinds in every way, a line each. */
export function plantedText(kinds: readonly string[] = Object.keys(PLANTED)): string {
  const values = kinds.flatMap((kind) => PLANTED[kind]?.values ?? [])
  return values.flatMap(linesWith).join('\n')
}

function linesWith(value: string): string[] {
  const encoded = ['', 'u', 'us'].map((before) => `base64 ${base64(`${before}${value}:rest`)}`)
  return [
    `plain ${value} end`,
    `json ${JSON.stringify({ value })}`,
    `url https://user:${encodeURIComponent(value)}@host/`,
    ...(value.length < LONG ? [] : encoded),
  ]
}

/** Lists the kinds of the planted secrets that a text contains in some spelling. */
export function leaksIn(text: string): string[] {
  return Object.entries(PLANTED)
    .filter(([, { values }]) =>
      values.some((value) => spelled(value).some((one) => text.includes(one))),
    )
    .map(([kind]) => kind)
}

/** Enough of each spelling to know it by: the middle of base64, wherever its groups begin. */
function spelled(value: string): string[] {
  const parts = [0, 1, 2].map((before) => base64(`${'x'.repeat(before)}${value}`).slice(4, 4 + 8))
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    ...(value.length < LONG ? [] : parts),
  ]
}
