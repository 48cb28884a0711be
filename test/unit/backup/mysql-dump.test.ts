import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDumpStream } from '../../../src/backup/dump-reader.ts'
import type { MysqlConnection } from '../../../src/backup/mysql-connection.ts'
import { dumpToReader } from '../../../src/backup/mysql-dump.ts'
import { testMachine } from '../../support/machine.ts'

describe('a dump', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'zenml-dump-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  /** Reads a dump that a shell script writes in the place of the real program. */
  async function dumpBy(script: string): Promise<void> {
    const program = join(directory, 'mysqldump')
    await writeFile(program, `#!/bin/bash\n${script}\n`)
    await chmod(program, 0o755)
    const connection: MysqlConnection = {
      address: {
        host: '127.0.0.1',
        port: 1,
        user: 'app',
        password: 'secret',
        database: 't1',
        tls: { mode: 'off', ca: undefined, cert: undefined, key: undefined },
      },
      programs: {
        vendor: 'mysql',
        client: 'mysql',
        dump: program,
        version: '',
        help: { client: '', dump: '' },
      },
      machine: testMachine(process.env),
      serverVersion: '9.7.4',
      maxAllowedPacket: 64 * 1024 ** 2,
      query: () => Promise.resolve([['dashboard', 'VIEW']]),
      eachRow: () => Promise.resolve(),
    }
    await dumpToReader(connection, { rows: false }, (stdout) =>
      readDumpStream(stdout, { table: () => undefined, row: () => undefined }),
    )
  }

  it('reports the error of a program that fails, not the missing end of the dump', async () => {
    const error =
      "mysqldump: Got error: 1449: The user specified as a definer ('x'@'%') does not exist"
    await expect(dumpBy(`echo "-- MySQL dump"; echo "${error}" >&2; exit 2`)).rejects.toThrow(error)
    await expect(dumpBy(`echo "${error}" >&2; exit 2`)).rejects.not.toThrow(/Dump completed/)
  })

  it('reports both where a program ends early and says that all is well', async () => {
    await expect(dumpBy('echo "a warning" >&2')).rejects.toThrow(/Dump completed.*a warning/)
    await expect(dumpBy('true')).rejects.toThrow(/Dump completed/)
  })

  it('asks the program for no views, for rows of any length, and for INSERTs that the server takes', async () => {
    await expect(dumpBy('echo "$@" >&2; exit 1')).rejects.toThrow(
      /--max-allowed-packet=1G --net-buffer-length=1047551 .*--ignore-table=t1\.dashboard t1/,
    )
  })
})
