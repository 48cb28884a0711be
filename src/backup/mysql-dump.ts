import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { size } from '../core/text.ts'
import { runPiped, type PipedProcessResult } from '../runtime/piped-process.ts'
import { tail } from '../runtime/process.ts'
import { BrokenDump } from './dump-lines.ts'
import { tablesIn } from './dump-load.ts'
import { objectsSection, type DatabaseObject } from './dump-objects.ts'
import { MysqlError, type MysqlConnection } from './mysql-connection.ts'
import { connectionArguments, connectionEnvironment } from './mysql-programs.ts'
import { tableNames } from './mysql-tables.ts'
import { nameOf } from './mysql-url.ts'

const TIMEOUT_SECONDS = 6 * 3600
/** Both programs' own default, in bytes. */
const MOST_OF_AN_INSERT = 1024 * 1024 - 1025

/**
 * Dumps a database into a file, packed and on the disk when this resolves: the tables as the dump
 * program writes them, then a section of other objects. Judging its content is the reader's work.
 * @throws MysqlError
 */
export async function dumpToFile(
  connection: MysqlConnection,
  path: string,
  objects: readonly DatabaseObject[],
): Promise<void> {
  const { machine, address } = connection
  await machine.log.progress(`dump ${nameOf(address)}`, (show) =>
    dump(connection, [], async (stdout) => {
      const written = createWriteStream(path, { flags: 'wx', mode: 0o600 })
      show(() => `${size(written.bytesWritten)}, packed`)
      await pipeline(stdout, createGzip({ level: 6 }), written)
    }),
  )
  const file = await open(path, 'a')
  try {
    // What is appended to a packed file is unpacked with it.
    if (objects.length > 0) await file.appendFile(gzipSync(objectsSection(objects)))
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Dumps into a reader, with nothing on the disk. @throws MysqlError */
export async function dumpToReader(
  connection: MysqlConnection,
  options: { readonly rows: boolean },
  reader: (stdout: Readable) => Promise<void>,
): Promise<void> {
  await dump(connection, options.rows ? [] : ['--no-data'], reader)
}

async function dump(
  connection: MysqlConnection,
  extra: readonly string[],
  sink: (stdout: Readable) => Promise<void>,
): Promise<void> {
  const { address, programs, machine } = connection
  // The program ends at a view that is broken, and at a routine of another user.
  const { views } = await tableNames(connection)
  const argv: [string, ...string[]] = [
    programs.dump,
    ...connectionArguments(address, programs.vendor, programs.help.dump),
    ...dumpOptions(programs.help.dump, connection.maxAllowedPacket),
    ...extra,
    ...views.map((view) => `--ignore-table=${address.database}.${view}`),
    address.database,
  ]
  const result = await runPiped({
    argv,
    env: connectionEnvironment(address, machine),
    sink,
    timeoutSeconds: TIMEOUT_SECONDS,
    signal: machine.signal,
  })
  machine.signal.throwIfAborted()
  judge(result, `${programs.dump} of ${nameOf(address)}`)
}

/**
 * What makes a dump one moment of the whole database, complete, and loadable where it came from.
 */
function dumpOptions(help: string, maxAllowedPacket: number): string[] {
  const known = (option: string) => help.includes(option)
  return [
    '--single-transaction',
    '--quick',
    // They follow in a section of ours.
    '--skip-triggers',
    '--hex-blob',
    // Needs a right of the whole server otherwise, for something that ZenML does not use.
    '--no-tablespaces',
    // The last line proves that the program came to its end, and option files are not read.
    '--comments',
    // The same content is the same text, so that two dumps can be compared.
    '--order-by-primary',
    // While a restore loads, the server is stopped: these would only be more rights to need.
    '--skip-add-locks',
    '--skip-disable-keys',
    // The program's own limit of a row.
    '--max-allowed-packet=1G',
    // An INSERT of several rows is never longer than this.
    `--net-buffer-length=${Math.max(4096, Math.min(MOST_OF_AN_INSERT, maxAllowedPacket))}`,
    // MySQL with GTIDs would write `SET @@GLOBAL.GTID_PURGED`: loading that into the same server
    // fails after the tables are dropped.
    ...(known('set-gtid-purged') ? ['--set-gtid-purged=OFF'] : []),
    // MySQL's program asks older servers and MariaDB for statistics that they do not have.
    ...(known('column-statistics') ? ['--column-statistics=0'] : []),
  ]
}

/** Loads the tables of a dump into a database that is empty of them. @throws MysqlError */
export async function loadTables(connection: MysqlConnection, path: string): Promise<void> {
  const { address, programs, machine } = connection
  const argv: [string, ...string[]] = [
    programs.client,
    ...connectionArguments(address, programs.vendor, programs.help.client),
    '--batch',
    '--max-allowed-packet=1G',
    // What a dump holds must not reach a shell of this machine.
    ...(programs.help.client.includes('--sandbox') ? ['--sandbox'] : []),
    address.database,
  ]
  const result = await machine.log.progress(`load ${nameOf(address)}`, (show) =>
    runPiped({
      argv,
      env: connectionEnvironment(address, machine),
      source: tablesIn(path, show),
      timeoutSeconds: TIMEOUT_SECONDS,
      signal: machine.signal,
    }),
  )
  machine.signal.throwIfAborted()
  judge(result, `${programs.client} loading into ${nameOf(address)}`)
}

/** Reports what the program says before what is missing in its output, which follows from it. */
function judge(result: PipedProcessResult, what: string): void {
  const { startError, pipeError, timedOut, exitCode, stderr } = result
  if (startError !== undefined)
    throw new MysqlError(`${what}: it cannot be started: ${startError.message}`, {
      cause: startError,
    })
  const said = tail(stderr, 3).join(' ')
  if (pipeError !== undefined && (!(pipeError instanceof BrokenDump) || said === ''))
    throw new MysqlError(`${what}: ${pipeError.message}`, { cause: pipeError })
  if (timedOut) throw new MysqlError(`${what}: it did not end in ${TIMEOUT_SECONDS / 3600} hours`)
  if (pipeError !== undefined && exitCode === 0)
    throw new MysqlError(`${what}: ${pipeError.message}; the program said: ${said}`, {
      cause: pipeError,
    })
  if (pipeError !== undefined || exitCode !== 0)
    throw new MysqlError(`${what}: ${exitCode === null ? '' : `exit code ${exitCode}: `}${said}`, {
      cause: pipeError,
    })
}
