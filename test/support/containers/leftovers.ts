import { execFile } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isAlive, type ProcessIdentity } from '../../../src/runtime/process-identity.ts'
import { processesOf } from './background.ts'
import { removeNetwork } from './network.ts'
import type { ContainerPrograms } from './programs.ts'

const execute = promisify(execFile)

/**
 * Removes all that a run left: its processes, containers, mounts, bridge and files. Safe for a
 * directory whose run was killed at any point.
 */
export async function removeLeftovers(
  programs: ContainerPrograms,
  directory: string,
): Promise<void> {
  for (const name of await readdir(processesOf(directory)).catch(() => []))
    await endRecorded(join(processesOf(directory), name))
  await endContainers(directory)
  await removeNetwork(programs, directory)
  await unmountBelow(directory)
  // A process that was just ended may still close its files.
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
}

async function endRecorded(record: string): Promise<void> {
  // Another run may be removing them too.
  const text = await readFile(record, 'utf8').catch(() => 'null')
  const identity = JSON.parse(text) as ProcessIdentity | null
  if (identity === null || !(await isAlive(identity))) return
  kill(identity.pid)
  while (await isAlive(identity)) await sleep(50)
}

/**
 * Ends every container of a run. Containers outlive their daemon: each has a shim of its own, which
 * names the directory of the run.
 */
export async function endContainers(directory: string): Promise<void> {
  const tasks = join(directory, 'exec/containerd/daemon/io.containerd.runtime.v2.task/moby')
  for (const id of await readdir(tasks).catch(() => [])) {
    const pid = await readFile(join(tasks, id, 'init.pid'), 'utf8').catch(() => '')
    // After a reboot another process may have the number.
    const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')
    if (groups.includes(id)) kill(Number(pid))
  }
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (/containerd-shim/.test(command) && command.includes(`${directory}/`)) kill(Number(pid))
  }
}

async function unmountBelow(directory: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${directory}/`))
  // The last mount first.
  for (const path of mounts.reverse()) await execute('umount', ['--lazy', path])
}

function kill(pid: number): void {
  if (!(pid > 1)) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
