// A real MySQL server for tests: Debian's own, unpacked with everything it needs down to the C
// library. No root, nothing installed.
import { execFile, spawn } from 'node:child_process'
import { once as event } from 'node:events'
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { once, testCache } from './environments.ts'
import type { TestMariadb } from './mariadb.ts'
import { freePort } from './zenml.ts'

const execute = promisify(execFile)

export interface TestMysql extends TestMariadb {
  /** Folder of its `mysql` and `mysqldump`. */
  readonly programs: string
}

/**
 * Starts a server with an empty database `zenml`; the first time on a machine it downloads 65 MB.
 */
export async function startMysql(): Promise<TestMysql> {
  const home = join(testCache(), 'mysql')
  await once(home, unpack)
  const programs = join(home, 'programs')
  const directory = await mkdtemp(join(tmpdir(), 'zenml-mysql-'))
  const [data, files] = [join(directory, 'data'), join(directory, 'files')]
  for (const folder of [data, files]) await mkdir(folder)
  const share = join(home, 'root', 'usr', 'share', 'mysql')
  const common = [
    '--no-defaults',
    `--user=${userInfo().username}`,
    `--datadir=${data}`,
    `--tmpdir=${directory}`,
    `--secure-file-priv=${files}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    `--plugin-dir=${join(home, 'root', 'usr', 'lib', 'mysql', 'plugin')}`,
    '--mysqlx=OFF',
  ]
  const server = join(home, 'mysqld')
  await execute(server, [...common, '--initialize-insecure'], { maxBuffer: 16 * 1024 ** 2 })
  const port = await freePort()
  const socket = join(directory, 's.sock')
  const log = await open(join(directory, 'server.log'), 'a')
  const child = spawn(
    server,
    [
      ...common,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${socket}`,
      `--pid-file=${join(directory, 'pid')}`,
    ],
    { detached: true, stdio: ['ignore', log.fd, log.fd] },
  )
  await log.close()
  const ended = event(child, 'exit')
  const pid = child.pid
  if (pid === undefined) throw new Error(`${server} cannot be started`)
  const kill = (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(pid, signal)
  }
  const endWithTests = () => {
    kill('SIGKILL')
  }
  process.on('exit', endWithTests)
  const stop = async () => {
    process.off('exit', endWithTests)
    kill('SIGTERM')
    await Promise.race([ended, sleep(30_000, undefined, { ref: false })])
    kill('SIGKILL')
    await ended
    await rm(directory, { recursive: true, force: true })
  }
  const sql = async (statements: string, database = '') => {
    const { stdout } = await execute(
      join(programs, 'mysql'),
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
      { maxBuffer: 64 * 1024 ** 2 },
    )
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'))
  }
  while (
    !(await sql('SELECT 1').then(
      () => true,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) {
      const text = await readFile(join(directory, 'server.log'), 'utf8')
      await stop()
      throw new Error(`MySQL ended with exit code ${child.exitCode}:\n${text.slice(-3000)}`)
    }
    await sleep(200)
  }
  const [user, password] = ['zenml', 'p@ss/w#rd?%25 1']
  await sql(
    `CREATE DATABASE zenml; CREATE USER ${user}@'%' IDENTIFIED BY '${password}'; GRANT ALL ON \`zenml%\`.* TO ${user}@'%'`,
  )
  return {
    port,
    user,
    password,
    programs,
    url: (database) =>
      `mysql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    env: { PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` },
    sql,
    stop,
  }
}

/** The mirror that this machine installs from. */
async function debianMirror(): Promise<string> {
  const { stdout } = await execute('apt-get', ['indextargets', '--format', '$(REPO_URI)'])
  const mirror = stdout.split('\n').find((uri) => /\/debian\/?$/.test(uri))
  if (mirror === undefined) throw new Error('apt knows no mirror of Debian here')
  return mirror
}

/**
 * Debian keeps MySQL only in its development suite, so its whole closure is unpacked and run with
 * its own dynamic linker.
 */
async function unpack(home: string): Promise<void> {
  const apt = join(home, 'apt')
  const archives = join(apt, 'cache', 'archives')
  for (const folder of [join(apt, 'lists', 'partial'), join(archives, 'partial')])
    await mkdir(folder, { recursive: true })
  await writeFile(join(apt, 'status'), '')
  await writeFile(
    join(apt, 'sources.list'),
    `deb [check-valid-until=no signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${await debianMirror()} sid main\n`,
  )
  const options = [
    ['Dir::State::lists', join(apt, 'lists')],
    ['Dir::State::status', join(apt, 'status')],
    ['Dir::State::extended_states', join(apt, 'extended_states')],
    ['Dir::Cache', join(apt, 'cache')],
    ['Dir::Etc::sourcelist', join(apt, 'sources.list')],
    ['Dir::Etc::sourceparts', '/nonexistent'],
    ['Debug::NoLocking', '1'],
    ['APT::Sandbox::User', userInfo().username],
  ].flatMap(([name, value]) => ['-o', `${name ?? ''}=${value ?? ''}`])
  const run = (argv: readonly string[]) =>
    execute('apt-get', [...options, '-q', '-y', ...argv], { maxBuffer: 16 * 1024 ** 2 })
  await run(['update'])
  await run([
    '--no-install-recommends',
    '--download-only',
    'install',
    'mysql-server-core',
    'mysql-client-core',
  ])
  const root = join(home, 'root')
  for (const name of (await readdir(archives)).filter((file) => file.endsWith('.deb')))
    await execute('dpkg', ['-x', join(archives, name), root])
  await rm(apt, { recursive: true, force: true })
  await mkdir(join(home, 'programs'))
  // The home is renamed when it is complete, so a starter finds its place when it is run.
  const starter = (program: string, up: string) => `#!/bin/bash
root=$(dirname "$(readlink -f "$0")")/${up}root
for linker in "$root"/usr/lib/*-linux-gnu*/ld-linux*.so.*; do break; done
exec "$linker" --library-path "$(dirname "$linker"):$root/usr/lib/mysql/private" "$root/${program}" "$@"
`
  for (const [path, program, up] of [
    ['mysqld', 'usr/sbin/mysqld', ''],
    ['programs/mysql', 'usr/bin/mysql', '../'],
    ['programs/mysqldump', 'usr/bin/mysqldump', '../'],
  ] as const) {
    await writeFile(join(home, path), starter(program, up))
    await chmod(join(home, path), 0o755)
  }
}
