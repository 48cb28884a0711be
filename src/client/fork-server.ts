import type { Machine } from '../runner/machine.ts'
import type { ClientEnvironment } from './environment.ts'
import type { Job, JobResult } from './protocol.ts'

export interface ForkServerOptions {
  readonly machine: Machine
  readonly environment: ClientEnvironment
  /** fork_server.py; beside the bundle when shipped. */
  readonly forkServerPath: string
  /** Jobs at the same time. */
  readonly parallel: number
}

export interface RunOptions {
  /** Called when the job's process runs; before that it waits for a free place. */
  readonly onStarted?: (pid: number) => void
}

export interface ForkServer {
  readonly zenmlVersion: string
  readonly pythonVersion: string
  /** Resolves for every end of the job, also a failed one; rejects only when the server itself is gone or the command is stopped. */
  run<J extends Job>(job: J, options?: RunOptions): Promise<JobResult<J['op']>>
  /** Ends the jobs that still run, and the server. */
  close(): Promise<void>
}

/** Starts a Python process that has imported ZenML once and forks a child for each job. */
export function startForkServer(_options: ForkServerOptions): Promise<ForkServer> {
  throw new Error('not yet')
}
