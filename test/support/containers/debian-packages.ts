import { execFile } from 'node:child_process'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/**
 * Downloads packages with what they need and this machine lacks, and unpacks them into `root` below
 * `home`. apt gets folders of its own, so that it changes nothing on the machine.
 */
export async function unpackPackages(home: string, packages: readonly string[]): Promise<void> {
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
  await run(['--no-install-recommends', '--download-only', 'install', ...packages])
  // The packages themselves also where the machine has one of them already.
  await run(['download', ...packages], archives)
  for (const name of (await readdir(archives)).filter((file) => file.endsWith('.deb')))
    await execute('dpkg', ['-x', join(archives, name), join(home, 'root')])
  await rm(apt, { recursive: true, force: true })
}
