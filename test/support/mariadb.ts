// A real MariaDB server for tests: from PATH, else unpacked from Debian's packages; no root,
// nothing installed, all on 127.0.0.1.
import { execFile, spawn } from 'node:child_process'
import { once as event } from 'node:events'
import { mkdir, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { exists } from '../../src/runtime/files.ts'
import { once, testCache } from './environments.ts'
import { freePort } from './zenml.ts'

const execute = promisify(execFile)

export interface TestMariadb {
  readonly port: number
  /** `mysql://` URL of a database, as ZenML and the tool under test take it. */
  url(database: string): string
  /** A user with the rights of a ZenML server on the databases `zenml%`, and no more. */
  readonly user: string
  readonly password: string
  /** Environment in which the client programs (`mariadb`, `mariadb-dump`) are found and run. */
  readonly env: Readonly<Record<string, string>>
  /** Runs SQL with all rights and returns rows of columns as text. */
  sql(statements: string, database?: string): Promise<string[][]>
  /** Ends the server and removes its data. Can be called twice. */
  stop(): Promise<void>
}

interface Programs {
  readonly server: string
  readonly client: string
  /** Extra arguments for a server that runs from an unpacked package. */
  readonly serverArguments: readonly string[]
  /** Folder with the SQL that makes the system tables. */
  readonly share: string
  readonly env: Readonly<Record<string, string>>
}

/** Starts a server with an empty database `zenml` (and others that a test creates with `sql`). */
export async function startMariadb(): Promise<TestMariadb> {
  const programs = await findPrograms()
  const directory = await mkdtemp(join(tmpdir(), 'zenml-mariadb-'))
  const data = join(directory, 'data')
  await mkdir(data)
  const log = await open(join(directory, 'server.log'), 'a')
  const common = [
    '--no-defaults',
    `--datadir=${data}`,
    `--user=${userInfo().username}`,
    `--tmpdir=${directory}`,
    '--skip-log-bin',
    '--innodb-buffer-pool-size=64M',
    ...programs.serverArguments,
  ]
  const env = { ...process.env, ...programs.env }
  await bootstrap(programs, common, env, log.fd)
  const port = await freePort()
  const socket = join(directory, 's.sock')
  const child = spawn(
    programs.server,
    [
      ...common,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${socket}`,
      `--pid-file=${join(directory, 'pid')}`,
    ],
    {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env,
    },
  )
  await log.close()
  const ended = event(child, 'exit')
  const pid = child.pid
  if (pid === undefined) throw new Error(`${programs.server} cannot be started`)
  const endWithTests = () => {
    kill(pid, 'SIGKILL')
  }
  process.on('exit', endWithTests)
  const stop = async () => {
    process.off('exit', endWithTests)
    kill(pid, 'SIGTERM')
    await Promise.race([ended, sleep(20_000, undefined, { ref: false })])
    kill(pid, 'SIGKILL')
    await ended
    await rm(directory, { recursive: true, force: true })
  }
  const sql = async (statements: string, database = '') => {
    const { stdout } = await execute(
      programs.client,
      [
        '--no-defaults',
        '-uroot',
        `--socket=${socket}`,
        '--default-character-set=utf8mb4',
        '--batch',
        '--skip-column-names',
        '-e',
        statements,
        database,
      ].filter((part) => part !== ''),
      { env, maxBuffer: 64 * 1024 ** 2 },
    )
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))
  }
  const user = 'zenml'
  const password = 'p@ss/w#rd?%25 1'
  for (;;) {
    if (
      await sql('SELECT 1').then(
        () => true,
        () => false,
      )
    )
      break
    if (child.exitCode !== null || child.signalCode !== null) {
      const text = await readFile(join(directory, 'server.log'), 'utf8')
      await stop()
      throw new Error(
        `MariaDB ended with exit code ${String(child.exitCode)}:\n${text.slice(-3000)}`,
      )
    }
    await sleep(100)
  }
  await sql(`CREATE DATABASE zenml; CREATE USER ${user}@'127.0.0.1' IDENTIFIED BY '${password}'; CREATE USER ${user}@localhost IDENTIFIED BY '${password}';
    GRANT ALL ON \`zenml%\`.* TO ${user}@'127.0.0.1'; GRANT ALL ON \`zenml%\`.* TO ${user}@localhost;`)
  return {
    port,
    user,
    password,
    url: (database) =>
      `mysql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    env: programs.env,
    sql,
    stop,
  }
}

/**
 * Makes the system tables the way `mariadb-install-db` does; that script cannot run from an
 * unpacked package.
 */
async function bootstrap(
  programs: Programs,
  common: readonly string[],
  env: NodeJS.ProcessEnv,
  log: number,
): Promise<void> {
  const parts = [
    'mysql_system_tables.sql',
    'mysql_performance_tables.sql',
    'mysql_system_tables_data.sql',
    'maria_add_gis_sp_bootstrap.sql',
  ]
  const texts = await Promise.all(parts.map((part) => readFile(join(programs.share, part), 'utf8')))
  const child = spawn(
    programs.server,
    [...common, '--bootstrap', '--skip-networking', '--enforce-storage-engine='],
    { stdio: ['pipe', log, log], env },
  )
  child.stdin?.on('error', () => undefined) // the exit code tells
  // Without this variable root has no password.
  child.stdin?.end(
    `CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n${texts.join('\n')}\n`,
  )
  const [code] = (await event(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`mariadbd --bootstrap ended with exit code ${String(code)}`)
}

async function findPrograms(): Promise<Programs> {
  const server = await onPath('mariadbd')
  const client = await onPath('mariadb')
  if (
    server !== undefined &&
    client !== undefined &&
    (await exists('/usr/share/mysql/mysql_system_tables.sql'))
  ) {
    return { server, client, serverArguments: [], share: '/usr/share/mysql', env: {} }
  }
  const home = join(testCache(), 'mariadb')
  await once(home, unpack)
  const libraries = await folders(join(home, 'usr', 'lib'))
  const share = join(home, 'usr', 'share', 'mysql')
  return {
    server: join(home, 'usr', 'sbin', 'mariadbd'),
    client: join(home, 'usr', 'bin', 'mariadb'),
    serverArguments: [
      `--basedir=${join(home, 'usr')}`,
      `--lc-messages-dir=${share}`,
      `--character-sets-dir=${join(share, 'charsets')}`,
      `--plugin-dir=${join(home, 'usr', 'lib', 'mysql', 'plugin')}`,
    ],
    share,
    env: {
      PATH: `${join(home, 'usr', 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      // For servers that ask for another way to log in than MariaDB's.
      MARIADB_PLUGIN_DIR: join(libraries.at(-1) ?? '', 'libmariadb3', 'plugin'),
      LD_LIBRARY_PATH: [...libraries, process.env['LD_LIBRARY_PATH']]
        .filter((path) => path !== undefined && path !== '')
        .join(delimiter),
    },
  }
}

/**
 * Downloads what is missing on this machine and unpacks it; apt gets folders of its own, so that it
 * needs no rights and changes nothing.
 */
async function unpack(home: string): Promise<void> {
  const apt = join(home, 'apt')
  const archives = join(apt, 'cache', 'archives')
  for (const folder of [join(apt, 'lists', 'partial'), join(archives, 'partial')])
    await mkdir(folder, { recursive: true })
  const options = [
    ['Dir::State::lists', join(apt, 'lists')],
    ['Dir::State::extended_states', join(apt, 'extended_states')],
    ['Dir::Cache', join(apt, 'cache')],
    ['Debug::NoLocking', '1'],
    ['APT::Sandbox::User', userInfo().username],
    ['APT::Update::Post-Invoke', ''],
  ].flatMap(([name, value]) => ['-o', `${name ?? ''}=${value ?? ''}`])
  const run = (argv: readonly string[], cwd?: string) =>
    execute('apt-get', [...options, '-q', '-y', ...argv], { cwd, maxBuffer: 16 * 1024 ** 2 })
  await run(['update'])
  // With everything they need and this machine lacks …
  await run([
    '--no-install-recommends',
    '--download-only',
    'install',
    'mariadb-server-core',
    'mariadb-client-core',
  ])
  // … and one for its programs alone: it would pull in Perl.
  await run(['download', 'mariadb-client'], archives)
  const packages = (await readdir(archives)).filter((name) => name.endsWith('.deb'))
  for (const name of packages) await execute('dpkg', ['-x', join(archives, name), home])
  await rm(apt, { recursive: true, force: true })
}

async function folders(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  return [
    root,
    ...entries
      .filter((entry) => entry.isDirectory() && entry.name.includes('linux-gnu'))
      .map((entry) => join(root, entry.name)),
  ]
}

async function onPath(program: string): Promise<string | undefined> {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
    if (await exists(join(folder, program))) return join(folder, program)
  }
  return undefined
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
