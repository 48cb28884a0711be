// Podman for tests: Debian's own package, unpacked into the cache, with files of its own.
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { once, testCache } from '../environments.ts'
import type { TestContainers } from './containers.ts'
import { unpackPackages } from './debian-packages.ts'
import { progress } from './progress.ts'

/** Variables with which `podman` is found, and no Docker. Its images end with the run of the tests. */
export async function podmanVariables(
  containers: TestContainers,
): Promise<Readonly<Record<string, string>>> {
  const cached = join(testCache(), 'podman')
  await once(cached, async (temporary) => {
    progress('downloading Podman')
    await unpackPackages(temporary, ['podman', 'crun', 'conmon'])
  })
  const root = join(cached, 'root')
  const home = join(containers.directory, 'podman')
  const policies = join(home, '.config', 'containers')
  await mkdir(policies, { recursive: true })
  await cp(join(root, 'etc', 'containers', 'policy.json'), join(policies, 'policy.json'))
  const write = (name: string, text: string) => writeFile(join(home, name), text)
  await write('containers.conf', containersConfiguration(root, home))
  await write('storage.conf', storageConfiguration(home))
  await write('registries.conf', registriesConfiguration(containers))
  await writeStarter(join(home, 'podman'), root, home)
  return {
    ZENML_CONTAINER_ENGINE: 'podman',
    DOCKER_HOST: 'unix:///nowhere/docker.sock',
    PATH: [home, process.env['PATH'] ?? ''].join(delimiter),
  }
}

/** The network of the host, so that Podman needs no bridge. */
function containersConfiguration(root: string, home: string): string {
  return `[containers]
netns = "host"
default_ulimits = ["nofile=20000:20000", "nproc=16384:16384"]
seccomp_profile = "${root}/usr/share/containers/seccomp.json"
pids_limit = 0
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
conmon_path = ["${root}/usr/bin/conmon"]
tmp_dir = "${home}/tmp"
[engine.runtimes]
crun = ["${root}/usr/bin/crun"]
`
}

function storageConfiguration(home: string): string {
  return `[storage]
driver = "overlay"
graphroot = "${home}/images"
runroot = "${home}/run"
`
}

function registriesConfiguration({ hub, registry }: TestContainers): string {
  return `unqualified-search-registries = ["docker.io"]
[[registry]]
prefix = "docker.io"
location = "docker.io"
[[registry.mirror]]
location = "${hub.host}"
insecure = true
[[registry]]
location = "${registry.host}"
insecure = true
`
}

/** Podman is given its files by variables, and its libraries by their place. */
async function writeStarter(path: string, root: string, home: string): Promise<void> {
  await writeFile(
    path,
    `#!/bin/sh
for libraries in "${root}"/usr/lib/*-linux-gnu*; do break; done
export LD_LIBRARY_PATH="$libraries" HOME="${home}" PATH="${root}/usr/bin:$PATH"
export CONTAINERS_CONF="${home}/containers.conf" CONTAINERS_STORAGE_CONF="${home}/storage.conf"
export CONTAINERS_REGISTRIES_CONF="${home}/registries.conf"
exec "${root}/usr/bin/podman" "$@"
`,
  )
  await chmod(path, 0o755)
}
