import type { StoppingCode } from '../core/reasons.ts'
import { acknowledgeLine, commandLine, retryLine } from '../inputs/command-line.ts'
import { modeOf, shardOf, stepOf } from '../result/asked-for.ts'
import type { Result } from '../result/result.ts'

/**
 * Returns the command line that does just this part again; undefined where the result does not say
 * everything that the command was given.
 */
export function rerunCommand(result: Result, configPath: string): string | undefined {
  const rest = own(result)
  const about = { environment: result.environment, config: configPath }
  const isDryRun = result['dry-run'] === true || result['reason-code'] === 'dry-run'
  return rest === undefined
    ? undefined
    : commandLine(result.command, about, [...rest, ...(isDryRun ? ['--dry-run'] : [])])
}

function own(result: Result): readonly string[] | undefined {
  switch (result.command) {
    case 'rebuild-snapshots': {
      const mode = modeOf(result)
      const shard = shardOf(result)
      return mode === undefined
        ? undefined
        : ['--mode', mode, ...(shard === null ? [] : ['--shard', shard])]
    }
    case 'promote': {
      const step = stepOf(result)
      return step === undefined ? undefined : ['--step', step]
    }
    case 'acknowledge':
      return result.details === null
        ? undefined
        : ['--attempt', result.details.attempt, '--reason', result.details.reason]
    // Its result does not say where the repositories were put.
    case 'check-out-sources':
      return undefined
    case 'upgrade-workspace':
    case 'run-smoke-suite':
    case 'plan':
    case 'check-stacks':
    case 'report':
    case 'init':
    case 'demo':
      return []
  }
}

/** Which command does the next step of a code: the same one again, or another one. */
type Doing =
  | 'again'
  | 'upgrade'
  | 'upgrade-staging'
  | 'stacks-of-staging'
  | 'acknowledge'
  /** The upgrade, with a reason. */
  | 'retry'

/** The command that the next step of a code names; null where it names none of ours. */
const COMMAND_OF: Readonly<Record<StoppingCode, Doing | null>> = {
  'preflight-failed': 'again',
  'version-not-found': null,
  'backup-failed': 'again',
  'rolled-back': 'retry',
  'rollback-refused': null,
  'rollback-impossible': null,
  'rollback-failed': 'again',
  'upgrade-failed': 'again',
  'smoke-failed': 'again',
  'no-tests': null,
  'junit-missing': null,
  'smoke-timeout': null,
  'smoke-cached': null,
  'snapshots-failed': 'again',
  'snapshots-lost': null,
  'stacks-differ': null,
  'secret-in-output': null,
  'internal-error': 'again',
  'invalid-input': null,
  'invalid-file': null,
  'source-missing': null,
  'not-built-yet': null,
  'gate-first': 'upgrade',
  locked: 'again',
  'server-behind': 'upgrade',
  'server-ahead': null,
  'downgrade-requested': null,
  'version-blocked': 'retry',
  'loss-open': 'acknowledge',
  'staging-not-green': null,
  'staging-moved': 'upgrade-staging',
  'waiting-for-soak': 'upgrade',
  frozen: 'upgrade',
  'hold-label': null,
  'stacks-not-mirrored': null,
  'approval-rejected': null,
  'proposal-forbidden': null,
  'credentials-refused': null,
  'server-unreachable': 'again',
  'not-a-zenml-server': null,
  'unexpected-answer': 'again',
  'file-access-failed': 'again',
  'github-unreachable': 'again',
  'source-unreachable': 'again',
  'index-unreachable': 'again',
  'parity-unknown': 'stacks-of-staging',
  incomplete: null,
  'job-failed': null,
  'counts-decreased': 'acknowledge',
  cancelled: 'again',
  'job-cancelled': null,
  interrupted: 'again',
}

/** Returns the command line that the next step of a stopping code names; undefined for none. */
export function commandAfter(
  result: Result,
  code: StoppingCode,
  configPath: string,
): string | undefined {
  const about = { environment: result.environment, config: configPath }
  const staging = { ...about, environment: 'staging' } as const
  switch (COMMAND_OF[code]) {
    case 'again':
      return rerunCommand(result, configPath)
    case 'upgrade':
      return commandLine('upgrade-workspace', about)
    case 'upgrade-staging':
      return commandLine('upgrade-workspace', staging)
    case 'stacks-of-staging':
      return commandLine('check-stacks', staging)
    case 'acknowledge':
      // A gate may speak of a loss in the other environment.
      return result.command === 'upgrade-workspace' && result.attempt !== null
        ? acknowledgeLine(about, result.attempt)
        : undefined
    case 'retry':
      return retryLine(about)
    case null:
      return undefined
  }
}
