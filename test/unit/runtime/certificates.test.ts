import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certificateVariables } from '../../../src/runtime/certificates.ts'
import { testMachine } from '../../support/machine.ts'

const NAMES = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'PIP_CERT',
  'GIT_SSL_CAINFO',
]
const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`

let directory: string
let extra: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certificates-'))
  extra = join(directory, 'extra.pem')
  await writeFile(extra, pem('private'))
  await writeFile(join(directory, 'company.pem'), pem('company'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

describe('the certificates of NODE_EXTRA_CA_CERTS', () => {
  it('join the list of Node for programs whose variable is not set', async () => {
    const machine = testMachine({ NODE_EXTRA_CA_CERTS: extra })
    const variables = await certificateVariables(machine, join(directory, 'cache'))
    expect(Object.keys(variables)).toEqual(NAMES)
    const bundle = await readFile(variables['PIP_CERT'] ?? '', 'utf8')
    expect(bundle.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(50)
    expect(bundle).toContain(pem('private'))
  })

  it('join the list that a variable names already, and nothing else does', async () => {
    const machine = testMachine({
      NODE_EXTRA_CA_CERTS: extra,
      REQUESTS_CA_BUNDLE: join(directory, 'company.pem'),
    })
    const variables = await certificateVariables(machine, join(directory, 'cache'))
    expect(await readFile(variables['REQUESTS_CA_BUNDLE'] ?? '', 'utf8')).toBe(
      `${pem('company')}\n${pem('private')}`,
    )
  })

  it('do not hold where a variable names a directory, and one warning says so', async () => {
    const machine = testMachine({ NODE_EXTRA_CA_CERTS: extra, PIP_CERT: directory })
    for (let call = 0; call < 2; call += 1) {
      const variables = await certificateVariables(machine, join(directory, 'cache'))
      expect(Object.keys(variables)).not.toContain('PIP_CERT')
    }
    expect(machine.lines).toEqual([
      `PIP_CERT (${directory}) is not a file that can be read (EISDIR), so it is left as it is: programs that use it do not trust the certificates of NODE_EXTRA_CA_CERTS. Remove PIP_CERT, or let it name a file.`,
    ])
  })

  it('change no variable when there are none', async () => {
    const machine = testMachine({ REQUESTS_CA_BUNDLE: join(directory, 'company.pem') })
    expect(await certificateVariables(machine, join(directory, 'cache'))).toEqual({})
  })
})
