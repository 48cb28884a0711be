// A headless Chromium for tests: one from PATH, else Debian's own, unpacked into the cache with the
// libraries and fonts that it needs. No root, nothing installed.
import { execFile } from 'node:child_process'
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser } from 'playwright-core'
import { once, testCache } from './environments.ts'

const execute = promisify(execFile)

const PROGRAMS = ['chromium-headless-shell', 'chromium', 'google-chrome']
/** The first is the browser; the fonts have the letters and the emoji of the cases. */
const PACKAGES = ['chromium-headless-shell', 'fonts-dejavu-core', 'fonts-noto-color-emoji']

/** Starts the browser; the first time on a machine without one it downloads about 200 MB. */
export async function startChromium(): Promise<Browser> {
  const found = await onPath()
  if (found !== undefined) return chromium.launch({ executablePath: found, args: ARGUMENTS })
  const home = join(testCache(), 'chromium')
  await once(home, unpack)
  const root = join(home, 'root')
  const libraries = (await readdir(join(root, 'usr', 'lib')))
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(root, 'usr', 'lib', name))
  return chromium.launch({
    executablePath: join(root, 'usr', 'lib', 'chromium', 'chromium-headless-shell'),
    args: ARGUMENTS,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: libraries.join(delimiter),
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
    },
  })
}

/** Tests run as root too, and each machine rounds text alike. */
const ARGUMENTS = ['--no-sandbox', '--font-render-hinting=none', '--disable-lcd-text']

async function onPath(): Promise<string | undefined> {
  for (const name of PROGRAMS)
    for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
      const program = join(directory, name)
      if (await isReadable(program)) return program
    }
  return undefined
}

function isReadable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Unpacks the browser and everything below it, as the package lists of this machine have them. */
async function unpack(home: string): Promise<void> {
  const archives = join(home, 'archives')
  await mkdir(join(archives, 'partial'), { recursive: true })
  await writeFile(join(home, 'status'), '')
  const options = [
    `Dir::State::status=${join(home, 'status')}`,
    `Dir::State::extended_states=${join(home, 'extended')}`,
    `Dir::Cache::archives=${archives}`,
    'Debug::NoLocking=1',
    `APT::Sandbox::User=${userInfo().username}`,
  ].flatMap((option) => ['-o', option])
  await execute(
    'apt-get',
    [...options, '-q', '-y', '--no-install-recommends', '--download-only', 'install', ...PACKAGES],
    { maxBuffer: 16 * 1024 ** 2 },
  )
  const root = join(home, 'root')
  for (const name of (await readdir(archives)).filter((file) => file.endsWith('.deb')))
    await execute('dpkg', ['-x', join(archives, name), root])
  await rm(archives, { recursive: true })
  // The home is renamed when it is complete, so the file names the place of then.
  await writeFile(
    join(home, 'fonts.conf'),
    `<fontconfig><dir prefix="relative">root/usr/share/fonts</dir><cachedir prefix="relative">fonts</cachedir></fontconfig>\n`,
  )
}
