import { readFile } from 'node:fs/promises'

/** @throws with what this machine lacks to run containers, and what to do */
export async function assertMachineCan(): Promise<void> {
  const lacks: string[] = []
  if (process.platform !== 'linux') lacks.push('it is not Linux')
  if (process.getuid?.() !== 0) lacks.push('the tests do not run as root')
  const filesystems = await readFile('/proc/filesystems', 'utf8').catch(() => '')
  if (!/\boverlay\b/.test(filesystems)) lacks.push('its kernel has no overlay file system')
  const groups = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  if (!/ - cgroup2? /.test(groups)) lacks.push('no control groups are mounted')
  if (lacks.length > 0)
    throw new Error(
      `This machine cannot run containers: ${lacks.join('; ')}. Run \`npm run test:containers\` as root on a Linux with overlay and control groups.`,
    )
}
