import type { Attempt, Entry } from '../../../src/state/attempt.ts'
import type { ReasonCode } from '../../../src/core/reasons.ts'

const AT = '2026-01-01T00:00:00.000Z'

/** An attempt that went well in everything the file can ask for; change what a test is about. */
export function greenAttempt(changes: Partial<Attempt> = {}): Attempt {
  return {
    'schema-version': 1,
    id: '20260101T000000.000Z-0.98.0',
    environment: 'staging',
    started: AT,
    sha: null,
    tested: 'tested',
    inputs: 'inputs',
    'server-id': 'id',
    'server-url': 'http://zenml.test',
    'from-version': '0.94.1',
    'target-version': '0.98.0',
    entries: [
      closed('upgraded'),
      evidence('run-smoke-suite', null, 'smoke-passed'),
      evidence('rebuild-snapshots', 'all', 'snapshots-executed'),
    ],
    ...changes,
  }
}

export function closed(reasonCode: ReasonCode): Entry {
  return { kind: 'closed', at: AT, 'reason-code': reasonCode, details: null }
}

export function evidence(
  command: 'run-smoke-suite' | 'rebuild-snapshots',
  mode: 'plan' | 'rebuild' | 'execute' | 'all' | null,
  reasonCode: ReasonCode,
  zenmlVersion = '0.98.0',
): Entry {
  return {
    kind: 'evidence',
    at: AT,
    command,
    mode,
    'reason-code': reasonCode,
    summary: '',
    'zenml-version': zenmlVersion,
    discovered: 3,
  }
}
