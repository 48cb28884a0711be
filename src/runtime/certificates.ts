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
 * to its own list, while each of these variables replaces the list, so they get a file with both. A
 * variable that is set stays as it is.
 */
export async function certificateVariables(
  machine: Machine,
  cacheDirectory: string,
): Promise<Record<string, string>> {
  const path = machine.env['NODE_EXTRA_CA_CERTS']
  const missing = NAMES.filter((name) => (machine.env[name] ?? '') === '')
  if (path === undefined || path === '' || missing.length === 0) return {}
  const extra = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Stop(
      'preflight-failed',
      `The certificates of NODE_EXTRA_CA_CERTS cannot be read: ${path}`,
      { next: 'Correct the path.', cause },
    )
  })
  const bundle = `${rootCertificates.join('\n')}\n${extra}`
  const file = join(
    cacheDirectory,
    `certificates-${createHash('sha256').update(bundle).digest('hex').slice(0, 16)}.pem`,
  )
  await writeFileAtomic(file, bundle)
  return Object.fromEntries(missing.map((name) => [name, file]))
}
