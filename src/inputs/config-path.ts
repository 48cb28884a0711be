import { posix, relative, resolve } from 'node:path'
import { DEFAULT_CONFIG } from './inputs.ts'

/**
 * Gives the path by which records, statuses and comments name a configuration file: `./a.yml` and
 * `a.yml` are one file.
 */
export function normalConfigPath(path: string): string {
  return posix.normalize(path)
}

/** Gives the same path for a file that is named from a working directory, also an absolute one. */
export function configPathIn(workingDirectory: string, path: string): string {
  const root = resolve(workingDirectory)
  return normalConfigPath(relative(root, resolve(root, path)))
}

/** Tells whether a configuration file is the one that is read when no input names another. */
export function isDefaultConfig(path: string): boolean {
  return normalConfigPath(path) === DEFAULT_CONFIG
}
