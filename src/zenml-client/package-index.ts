import { Stop } from '../core/stop.ts'
import type { Machine } from '../runtime/runtime.ts'
import { run } from '../runtime/process.ts'
import { registerSecret } from '../runtime/secrets.ts'
import { urlPasswords } from '../runtime/url-passwords.ts'

/**
 * Where packages come from. Addresses may carry passwords: they go to programs by environment or
 * standard input only.
 */
export interface PackageIndex {
  /** The index that is asked last in uv's order and first in ours: the default one. */
  readonly primary: string
  readonly extra: readonly string[]
  /** For uv, which does not read pip's settings. */
  readonly env: Readonly<Record<string, string>>
}

const PUBLIC_INDEX = 'https://pypi.org/simple/'
const PRIMARY_NAMES = ['UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'PIP_INDEX_URL']
const EXTRA_NAMES = ['UV_INDEX', 'UV_EXTRA_INDEX_URL', 'PIP_EXTRA_INDEX_URL']

/**
 * The configured index: uv's variables, else pip's, else pip's configuration files, else the public
 * one. `indexEnv` names more variables that hold addresses. Throws Stop('preflight-failed') for one
 * that is not set.
 */
export async function packageIndex(
  machine: Machine,
  indexEnv: readonly string[],
): Promise<PackageIndex> {
  const { env } = machine
  const own = indexEnv.filter(
    (name) => !PRIMARY_NAMES.includes(name) && !EXTRA_NAMES.includes(name),
  )
  const unset = indexEnv.filter((name) => (env[name] ?? '') === '')
  if (unset.length > 0) {
    throw new Stop(
      'preflight-failed',
      `The file names ${unset.join(', ')} in \`index-env\`, and the environment does not have ${unset.length === 1 ? 'it' : 'them'}.`,
      {
        next: 'Set the variable in the job, or remove its name from the file.',
      },
    )
  }
  const value = (names: readonly string[]) => names.flatMap((name) => words(env[name]))
  const configured = value([...PRIMARY_NAMES, ...EXTRA_NAMES]).length > 0
  const pip = configured ? { primary: [], extra: [] } : await pipSettings(machine)
  const primary = address(value(PRIMARY_NAMES)[0] ?? pip.primary[0] ?? PUBLIC_INDEX)
  const extra = [...value([...EXTRA_NAMES, ...own]), ...pip.extra]
  for (const url of [primary, ...extra.map(address)]) registerIndexSecrets(url)
  return {
    primary,
    extra: extra.map(address),
    env: {
      ...(value(['UV_DEFAULT_INDEX', 'UV_INDEX_URL']).length > 0 || primary === PUBLIC_INDEX
        ? {}
        : { UV_DEFAULT_INDEX: primary }),
      ...(extra.length === 0 ? {} : { UV_INDEX: extra.join(' ') }),
    },
  }
}

/**
 * Values of `python -m pip config list`, whose lines are `section.key='value'`. Exported for its
 * test.
 */
export function parsePipConfig(listing: string): { primary: string[]; extra: string[] } {
  const value = (key: string) =>
    [...listing.matchAll(new RegExp(`^(?:global|install)\\.${key}=(['"])(.*)\\1$`, 'gm'))].flatMap(
      ([, , text]) => words((text ?? '').replaceAll('\\n', ' ')),
    )
  return { primary: value('index-url'), extra: value('extra-index-url') }
}

async function pipSettings(machine: Machine): Promise<{ primary: string[]; extra: string[] }> {
  // Isolated: else the working directory, which may be a pull request, would be the first place
  // that `pip` is looked for.
  const listing = await run({
    argv: ['python3', '-I', '-m', 'pip', 'config', 'list'],
    env: machine.env,
    timeoutSeconds: 60,
    signal: machine.signal,
  })
  // No Python or no pip here: then no pip settings either.
  return listing.exitCode === 0 ? parsePipConfig(listing.stdout) : { primary: [], extra: [] }
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '')
}

/** uv allows `name=https://…`. */
function address(entry: string): string {
  return entry.replace(/^[A-Za-z0-9._-]+=(?=\w+:)/, '')
}

/** The password in an address, or the user where that alone is a token. */
function registerIndexSecrets(url: string): void {
  for (const password of urlPasswords(url)) registerSecret(password)
  if (!URL.canParse(url)) return
  const { username, password } = new URL(url)
  if (password === '' && username !== '') registerSecret(decodeURIComponent(username))
}
