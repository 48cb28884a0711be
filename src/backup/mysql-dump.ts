import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { runPiped, type PipedProcessResult } from '../runtime/piped-process.ts'
import { tail } from '../runtime/process.ts'
import { MysqlError, type MysqlConnection } from './mysql-connection.ts'
import { connectionArguments, connectionEnvironment } from './mysql-programs.ts'
import { nameOf } from './mysql-url.ts'

const TIMEOUT_SECONDS = 6 * 3600

/**
 * Dumps a database into a file, packed and on the disk when this resolves. Judging its content is
 * the reader's work. @throws MysqlError
 */
export async function dumpToFile(connection: MysqlConnection, path: string): Promise<void> {
  await dump(connection, [], async (stdout) => {
    await pipeline(
      stdout,
      createGzip({ level: 6 }),
      createWriteStream(path, { flags: 'wx', mode: 0o600 }),
    )
  })
  const file = await open(path, 'r+')
  await file.sync().finally(() => file.close())
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
  const argv: [string, ...string[]] = [
    programs.dump,
    ...connectionArguments(address, programs.vendor, programs.help.dump),
    ...dumpOptions(programs.help.dump),
    ...extra,
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
function dumpOptions(help: string): string[] {
  const known = (option: string) => help.includes(option)
  return [
    '--single-transaction',
    '--quick',
    '--routines',
    '--triggers',
    '--hex-blob',
    // Needs a right of the whole server otherwise, for something that ZenML does not use.
    '--no-tablespaces',
    // The last line proves that the program came to its end, and option files are not read.
    '--comments',
    // The same content is the same text, so that two dumps can be compared.
    '--order-by-primary',
    // MySQL with GTIDs would write `SET @@GLOBAL.GTID_PURGED`: loading that into the same server
    // fails after the tables are dropped.
    ...(known('set-gtid-purged') ? ['--set-gtid-purged=OFF'] : []),
    // MySQL's program asks older servers and MariaDB for statistics that they do not have.
    ...(known('column-statistics') ? ['--column-statistics=0'] : []),
  ]
}

/** Loads a dump into a database that is empty of its tables. @throws MysqlError */
export async function loadFile(connection: MysqlConnection, path: string): Promise<void> {
  const { address, programs, machine } = connection
  const argv: [string, ...string[]] = [
    programs.client,
    ...connectionArguments(address, programs.vendor, programs.help.client),
    '--batch',
    address.database,
  ]
  const result = await runPiped({
    argv,
    env: connectionEnvironment(address, machine),
    source: withoutSandboxLine(path),
    timeoutSeconds: TIMEOUT_SECONDS,
    signal: machine.signal,
  })
  machine.signal.throwIfAborted()
  judge(result, `${programs.client} loading into ${nameOf(address)}`)
}

/**
 * New versions of mariadb-dump begin with a line that other clients, and older ones, do not
 * understand.
 */
async function* withoutSandboxLine(path: string): AsyncGenerator<Buffer> {
  let first = true
  for await (const chunk of createReadStream(path).pipe(createGunzip())) {
    const bytes = chunk as Buffer
    const sandbox = first && bytes.subarray(0, 20).toString('latin1').startsWith('/*M!999999\\-')
    first = false
    yield sandbox ? bytes.subarray(bytes.indexOf('\n') + 1) : bytes
  }
}

function judge(result: PipedProcessResult, what: string): void {
  if (result.startError !== undefined)
    throw new MysqlError(`${what}: it cannot be started: ${result.startError.message}`, {
      cause: result.startError,
    })
  if (result.pipeError !== undefined)
    throw new MysqlError(`${what}: ${result.pipeError.message}`, { cause: result.pipeError })
  if (result.timedOut)
    throw new MysqlError(`${what}: it did not end in ${TIMEOUT_SECONDS / 3600} hours`)
  if (result.exitCode !== 0)
    throw new MysqlError(
      `${what}: exit code ${String(result.exitCode)}: ${tail(result.stderr, 3).join(' ')}`,
    )
}
