import { resolve } from 'node:path'
import { prepareClient } from '../client/environment.ts'
import { startForkServer } from '../client/fork-server.ts'
import type { Uv } from '../client/uv.ts'
import type { Source } from '../config/schema.ts'
import type { Machine } from '../runner/machine.ts'
import { run } from '../runner/process.ts'
import type { SnapshotsDeps, SourceRoot } from './deps.ts'

export interface ClientsOptions {
  readonly machine: Machine
  readonly uv: Uv
  /** Version of the client in every environment. */
  readonly target: string
  readonly cacheDirectory: string
  readonly forkServerPath: string
  readonly parallel: number
}

/** The Python side of the room, from the real machine. */
export function clientsOf({ machine, uv, target, cacheDirectory, forkServerPath, parallel }: ClientsOptions): Pick<SnapshotsDeps, 'prepareClient' | 'startForkServer'> {
  return {
    prepareClient: ({ source, root, python, integrations, planning }) =>
      prepareClient({
        machine,
        uv,
        zenmlVersion: target,
        python,
        requirements: source.install.requirements.map((file) => resolve(root.directory, file)),
        integrations,
        extras: planning ? ['local'] : [],
        indexEnv: source.install['index-env'],
        cacheDirectory
      }),
    startForkServer: (environment) => startForkServer({ machine, environment, forkServerPath, parallel })
  }
}

/** Where a source is, given the directory its repository is checked out in. */
export async function sourceRootIn(checkout: string, source: Source, machine: Machine): Promise<SourceRoot> {
  const directory = resolve(checkout, source.path)
  const head = await run({ argv: ['git', '-C', directory, 'rev-parse', 'HEAD'], env: machine.env, timeoutSeconds: 30 })
  return { directory, commit: head.exitCode === 0 ? head.stdout.trim() : undefined }
}
