import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Machine } from '../runtime/runtime.ts'
import { runPiped } from '../runtime/piped-process.ts'
import { run, tail } from '../runtime/process.ts'
import {
  choosePrograms,
  connectionArguments,
  connectionEnvironment,
  findPrograms,
  vendorOf,
  type Programs,
} from './mysql-programs.ts'
import { nameOf, type MysqlAddress } from './mysql-url.ts'

/** The database or its program refused something; the message is the program's own. */
export class MysqlError extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'MysqlError'
  }
}

/** A way to one database by the command line programs. Every call is a connection of its own. */
export interface MysqlConnection {
  readonly address: MysqlAddress
  readonly programs: Programs
  readonly machine: Machine
  readonly serverVersion: string
  /** Bytes of the longest statement that the server takes. */
  readonly maxAllowedPacket: number
  /** Rows of columns; SQL's NULL is the text `NULL`. For small answers. @throws MysqlError */
  query(sql: string): Promise<string[][]>
  /** The same line by line, for answers of any size. @throws MysqlError */
  eachRow(sql: string, row: (columns: string[]) => void): Promise<void>
}

const QUERY_SECONDS = 600
const LONG_SECONDS = 6 * 3600

/**
 * Connects once to learn the vendor. @throws MysqlError; Stop `preflight-failed` when no programs
 * are found
 */
export async function connect(address: MysqlAddress, machine: Machine): Promise<MysqlConnection> {
  const found = await findPrograms(machine)
  const any = connection(address, choosePrograms(found, undefined), machine, '', 0)
  const [[version = '', packet = ''] = []] = await any.query(
    'SELECT VERSION(), @@max_allowed_packet',
  )
  return connection(
    address,
    choosePrograms(found, vendorOf(version)),
    machine,
    version,
    Number(packet),
  )
}

function connection(
  address: MysqlAddress,
  programs: Programs,
  machine: Machine,
  serverVersion: string,
  maxAllowedPacket: number,
): MysqlConnection {
  const argv: [string, ...string[]] = [
    programs.client,
    ...connectionArguments(address, programs.vendor, programs.help.client),
    '--connect-timeout=15',
    '--batch',
    '--skip-column-names',
    address.database,
  ]
  const env = connectionEnvironment(address, machine)
  return {
    address,
    programs,
    machine,
    serverVersion,
    maxAllowedPacket,
    async query(sql) {
      const result = await run({ argv, env, input: sql, timeoutSeconds: QUERY_SECONDS })
      if (result.exitCode !== 0)
        throw new MysqlError(
          `${nameOf(address)}: ${result.timedOut ? `no answer in ${QUERY_SECONDS} s` : tail(result.stderr, 3).join(' ')}`,
        )
      return result.stdout.split('\n').slice(0, -1).map(columnsOf)
    },
    async eachRow(sql, row) {
      const sink = async (stdout: Readable) => {
        for await (const line of createInterface({ input: stdout, crlfDelay: Infinity }))
          row(columnsOf(line))
      }
      const result = await runPiped({
        argv: [...argv, '--quick'],
        env,
        source: once(sql),
        sink,
        timeoutSeconds: LONG_SECONDS,
        signal: machine.signal,
      })
      machine.signal.throwIfAborted()
      if (result.pipeError !== undefined)
        throw new MysqlError(`${nameOf(address)}: ${result.pipeError.message}`, {
          cause: result.pipeError,
        })
      if (result.exitCode !== 0)
        throw new MysqlError(`${nameOf(address)}: ${tail(result.stderr, 3).join(' ')}`)
    },
  }
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* once(text: string): AsyncGenerator<string> {
  yield text
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', 0: '\0', '\\': '\\' }

function columnsOf(line: string): string[] {
  return line
    .split('\t')
    .map((column) =>
      column.replaceAll(/\\([nt0\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter),
    )
}
