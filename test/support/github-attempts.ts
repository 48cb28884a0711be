import { deploymentLog, type DeploymentLog } from '../../src/state/github/rows.ts'
import { githubAttempts, type GithubAttempts } from '../../src/state/github/attempts.ts'
import { githubRunLock, type RunLock } from '../../src/state/github/lock.ts'
import type { Attempt, Entry } from '../../src/state/attempt.ts'
import type { Job } from './github-place.ts'

export interface JobRecords extends Job {
  readonly log: DeploymentLog
  readonly attempts: GithubAttempts
  readonly lock: RunLock
}

/** What a job reads and writes of the record of one configuration file. */
export function recordsOf(job: Job, config = 'zenml-upgrade.yml'): JobRecords {
  const { github, context } = job
  const log = deploymentLog({
    github,
    config,
    sha: context.event.kind === 'push' ? context.event.sha : '',
  })
  return {
    ...job,
    log,
    attempts: githubAttempts({ github, context, config, log }),
    lock: githubRunLock({ github, context, log }),
  }
}

export const AT = '2026-11-23T12:00:00.000Z'

export function attempt(id: string, more: Partial<Attempt> = {}): Attempt {
  return {
    'schema-version': 1,
    id,
    environment: 'staging',
    started: AT,
    sha: 'a'.repeat(40),
    tested: 'tested',
    inputs: 'inputs',
    'server-id': 'server-1',
    'server-url': 'https://staging.example.com',
    'from-version': '0.94.1',
    'target-version': '0.98.0',
    entries: [],
    ...more,
  }
}

export const phase = (
  name: 'preflight' | 'backup' | 'deploy' | 'restore' | 'verify' | 'rollback',
  state: 'started' | 'done' | 'failed',
): Entry => ({ kind: 'phase', at: AT, phase: name, state })

export const backup: Entry = {
  kind: 'backup',
  at: AT,
  counts: { pipelines: 3, runs: 12 },
  report: {
    id: 'b-1',
    kind: 'sqlite',
    location: '/backups/b-1',
    bytes: 1234,
    sha256: 'f'.repeat(64),
    verified: 'checksum',
    completed: AT,
    seconds: 1.5,
  },
}

export const closed: Entry = {
  kind: 'closed',
  at: AT,
  'reason-code': 'upgraded',
  details: {
    'from-version': '0.94.1',
    'to-version': '0.98.0',
    'server-id': 'server-1',
    changed: true,
    'rolled-back': false,
    'downtime-seconds': 12,
    driver: 'local',
    backup: backup.report,
    checks: [{ name: 'disk', status: 'passed', message: 'enough' }],
    counts: { before: { runs: 12 }, after: { runs: 12 } },
    lost: [],
    'written-since-backup': null,
    phases: [{ name: 'deploy', status: 'done', started: AT, seconds: 3 }],
    'migration-log': ['one', 'two'],
  },
}

export const evidence: Entry = {
  kind: 'evidence',
  at: AT,
  command: 'run-smoke-suite',
  mode: null,
  'reason-code': 'smoke-passed',
  summary: '12 tests passed',
  'zenml-version': '0.98.0',
  discovered: null,
}
