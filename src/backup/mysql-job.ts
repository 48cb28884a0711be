import type { BackupContext } from './types.ts'
import type { MysqlConnection } from './mysql-connection.ts'

export interface MysqlOptions {
  readonly to: string
  readonly 'url-env': string
  readonly verify: 'checksum' | 'restore'
  readonly 'scratch-url-env'?: string | undefined
}

/** What the parts of this kind share. */
export interface MysqlJob {
  readonly to: string
  readonly verify: 'checksum' | 'restore'
  readonly context: BackupContext
  /** Connects to the live database. */
  readonly live: () => Promise<MysqlConnection>
  /** Connects to the database that `verify: restore` fills. */
  readonly scratch: () => Promise<MysqlConnection>
}
