import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { Stop } from '../core/stop.ts'
import { writeFileAtomic } from './files.ts'
import type { Machine } from './runtime.ts'

/** What uv, pip, Python's own client, `requests` (ZenML), curl and git read. */
const NAMES = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'PIP_CERT',
  'GIT_SSL_CAINFO',
]

/**
 * Makes the private certificates of NODE_EXTRA_CA_CERTS hold for Python and git too. Node adds them
 * to its own list, while each of these variables replaces the list, so they get a file with both: the
 * list that the variable names already, else Node's own. A variable that cannot be combined keeps its
 * value, and a warning says so.
 * @throws Stop `preflight-failed` when the file of NODE_EXTRA_CA_CERTS cannot be read
 */
export async function certificateVariables(
  machine: Machine,
  cacheDirectory: string,
): Promise<Record<string, string>> {
  const path = machine.env['NODE_EXTRA_CA_CERTS']
  if (path === undefined || path === '') return {}
  const extra = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Stop(
      'preflight-failed',
      `The certificates of NODE_EXTRA_CA_CERTS cannot be read: ${path}`,
      { next: 'Correct the path.', cause },
    )
  })
  const combined: Record<string, string> = {}
  for (const name of NAMES) {
    const list = await certificatesOf(name, machine)
    if (list !== undefined) combined[name] = await writeBundle(`${list}\n${extra}`, cacheDirectory)
  }
  return combined
}

/** The certificates that a program trusts by a variable; undefined where that cannot be read. */
async function certificatesOf(name: string, { env, log }: Machine): Promise<string | undefined> {
  const path = env[name] ?? ''
  if (path === '') return rootCertificates.join('\n')
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (!warned.has(name))
      log.warn(
        `${name} (${path}) is not a file that can be read (${codeOf(error)}), so it is left as it is: programs that use it do not trust the certificates of NODE_EXTRA_CA_CERTS. Remove ${name}, or let it name a file.`,
      )
    warned.add(name)
    return undefined
  })
}

/** Each variable is warned of once: many programs are started with the same ones. */
const warned = new Set<string>()

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}

/** Writes certificates to a file that is named by its content. Returns its path. */
async function writeBundle(bundle: string, cacheDirectory: string): Promise<string> {
  const digest = createHash('sha256').update(bundle).digest('hex').slice(0, 16)
  const file = join(cacheDirectory, `certificates-${digest}.pem`)
  await writeFileAtomic(file, bundle)
  return file
}
