// The programs of a container engine: Debian's own packages, unpacked into the cache. Nothing is
// installed on the machine.
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { once, testCache } from '../environments.ts'
import { unpackPackages } from './debian-packages.ts'
import { progress } from './progress.ts'

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

async function unpack(home: string): Promise<void> {
  progress('downloading the programs of a container engine')
  await unpackPackages(home, PACKAGES)
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
