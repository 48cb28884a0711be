import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Stop } from '../core/stop.ts'
import type { JsonObject } from '../zenml-client/protocol.ts'
import { readRequirementFiles } from '../zenml-client/requirement-files.ts'

/** A file of the source that docker settings name. */
export interface DockerFile {
  /** As the docker settings write it. */
  readonly path: string
  readonly settings: FileSetting
  /** Every requirement and image in it. */
  readonly lines: readonly string[]
}

type FileSetting = (typeof FILE_SETTINGS)[number]
const FILE_SETTINGS = ['requirements', 'pyproject_path', 'dockerfile'] as const

/** The files that docker settings name, and the paths of those that cannot be read. */
export async function readDockerFiles(
  settings: readonly JsonObject[],
  root: string,
): Promise<{ readonly files: DockerFile[]; readonly unreadable: string[] }> {
  const files: DockerFile[] = []
  const unreadable: string[] = []
  const named = settings.flatMap((docker) =>
    FILE_SETTINGS.flatMap((setting) => {
      const path = docker[setting]
      return typeof path === 'string' ? [{ path, setting }] : []
    }),
  )
  for (const { path, setting } of new Map(named.map((one) => [one.path, one])).values()) {
    const lines = await linesOf(setting, resolve(root, path))
    if (lines === undefined) unreadable.push(path)
    else files.push({ path, settings: setting, lines })
  }
  return { files, unreadable }
}

async function linesOf(setting: FileSetting, path: string): Promise<string[] | undefined> {
  if (setting === 'requirements') {
    const files = await readRequirementFiles([path]).catch((error: unknown) => {
      if (error instanceof Stop) return undefined
      throw error
    })
    return files?.flatMap(({ content }) => content.split('\n'))
  }
  const content = await readFile(path, 'utf8').catch(() => undefined)
  return content === undefined
    ? undefined
    : setting === 'dockerfile'
      ? content.split(/[\s"']+/)
      : [...content.matchAll(/["']([^"'\n]+)["']/g)].map(([, text = '']) => text)
}
