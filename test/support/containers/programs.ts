// The programs of a container engine: Debian's own packages, unpacked into the cache. Nothing is
// installed on the machine.
import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { once, testCache } from '../environments.ts'
import { progress } from './progress.ts'

const execute = promisify(execFile)

const PACKAGES = ['docker.io', 'docker-registry', 'debootstrap', 'iptables', 'iproute2', 'wget']

export interface ContainerPrograms {
  /** The unpacked packages; `usr/bin` and so on are below it. */
  readonly root: string
  /** Environment in which `docker`, `dockerd`, `docker-registry`, `iptables` and `ip` are found. */
  readonly env: NodeJS.ProcessEnv
}

/** The first time on a machine it downloads 70 MB. */
export async function containerPrograms(): Promise<ContainerPrograms> {
  const home = join(testCache(), 'container-programs')
  await once(home, unpack)
  const root = join(home, 'root')
  const folders = [join(home, 'bin'), join(root, 'usr', 'bin'), join(root, 'usr', 'sbin')]
  const path = [...folders, process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter)
  return { root, env: { ...process.env, PATH: path } }
}

/** apt gets folders of its own, so that it changes nothing on the machine. */
async function unpack(home: string): Promise<void> {
  progress('downloading the programs of a container engine')
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
  // What they need and this machine lacks …
  await run(['--no-install-recommends', '--download-only', 'install', ...PACKAGES])
  // … and the packages themselves, also where the machine has one of them already.
  await run(['download', ...PACKAGES], archives)
  const root = join(home, 'root')
  for (const name of (await readdir(archives)).filter((file) => file.endsWith('.deb')))
    await execute('dpkg', ['-x', join(archives, name), root])
  await rm(apt, { recursive: true, force: true })
  await mkdir(join(home, 'bin'))
  for (const program of ['iptables', 'ip6tables'])
    await writeStarter(join(home, 'bin', program), program)
}

/** These have libraries and plugins of their own. */
async function writeStarter(path: string, program: string): Promise<void> {
  await writeFile(
    path,
    `#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/../root
for plugins in "$root"/usr/lib/*-linux-gnu*/xtables; do break; done
export XTABLES_LIBDIR="$plugins" LD_LIBRARY_PATH="$(dirname "$plugins")"
exec "$root/usr/sbin/xtables-nft-multi" ${program} "$@"
`,
  )
  await chmod(path, 0o755)
}
