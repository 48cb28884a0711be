import { readFile } from 'node:fs/promises'

/** Variables of uv that decide which versions it takes. */
const CHOICES = ['UV_EXCLUDE_NEWER', 'UV_PRERELEASE', 'UV_RESOLUTION'] as const
/** The same; each names files, separated by spaces. */
const FILES = ['UV_BUILD_CONSTRAINT', 'UV_CONSTRAINT'] as const

/**
 * Returns what the variables of uv say about the versions to install, with the text of the files that
 * they name; empty where none is set. A file that cannot be read is left to uv, which reports it.
 */
export async function uvChoices(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const set = (name: string) => env[name]?.trim() ?? ''
  const values = CHOICES.filter((name) => set(name) !== '').map((name) => `${name}=${set(name)}`)
  const paths = FILES.flatMap((name) =>
    set(name)
      .split(/\s+/)
      .filter((path) => path !== '')
      .map((path) => ({ name, path })),
  )
  const texts = paths.map(
    async ({ name, path }) => `${name} ${path} ${await readFile(path, 'utf8').catch(() => '')}`,
  )
  return [...values, ...(await Promise.all(texts))]
}
