import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { keepKey, keptLines } from '../../../src/demo/kept.ts'
import type { DemoServer } from '../../../src/demo/servers.ts'

const server = (
  environment: 'staging' | 'production',
  port: number,
  folder = '/tmp/demo',
): DemoServer => ({
  environment,
  url: `http://127.0.0.1:${port}`,
  directory: join(folder, environment),
  port,
  apiKey: `ZENKEY_of_${environment}`,
})

describe('what stays of the demo', () => {
  const text = keptLines(
    '/tmp/demo',
    [server('staging', 8237), server('production', 8238)],
    '/opt/main.cjs',
  ).join('\n')

  it('is told with address, login, key file and repository', () => {
    for (const part of [
      'staging: http://127.0.0.1:8237',
      'production: http://127.0.0.1:8238',
      'user default without a password',
      '/tmp/demo/staging/api-key',
      '/tmp/demo/production/api-key',
      '/tmp/demo/repository',
      'node /opt/main.cjs upgrade-workspace --environment staging',
      'rm -r /tmp/demo',
    ])
      expect(text).toContain(part)
  })

  it('is told without a key', () => {
    expect(text).not.toContain('ZENKEY')
  })

  it('is the folder alone where no server was ready yet', () => {
    expect(keptLines('/tmp/demo', [], '/opt/main.cjs')).toEqual([
      'What was started stays in /tmp/demo.',
    ])
  })

  it('has each key in a file that only its owner can read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kept-'))
    await keepKey(server('staging', 1, folder))
    const file = join(folder, 'staging', 'api-key')
    expect([await readFile(file, 'utf8'), ((await stat(file)).mode & 0o777).toString(8)]).toEqual([
      'ZENKEY_of_staging',
      '600',
    ])
    await rm(folder, { recursive: true })
  })
})
