import { isOlder, sameVersion } from '../core/versions.ts'

/** Why the server is not the one that the file is about. */
export interface VersionMismatch {
  readonly code: 'server-behind' | 'server-ahead'
  readonly message: string
  readonly next: string
}

/** Compares what the server runs with what the file says; undefined where both are the same. */
export function versionMismatch(server: string, target: string): VersionMismatch | undefined {
  if (sameVersion(server, target)) return undefined
  const message = `the server runs ZenML ${server}, the file says ${target}`
  return isOlder(server, target)
    ? {
        code: 'server-behind',
        message,
        next: `Upgrade the server first: run upgrade-workspace, on GitHub the workflow. Or set zenml to ${server} in the file.`,
      }
    : { code: 'server-ahead', message, next: `Set zenml to ${server} in the file.` }
}
