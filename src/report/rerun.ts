import type { Result } from '../result/result.ts'
import { shellLine } from '../core/shell-words.ts'
import { DEFAULT_CONFIG } from '../inputs/inputs.ts'

/** The command line that does just this part again; the API key comes from the environment. */
export function rerunCommand(result: Result, configPath: string): string {
  return shellLine([
    'node',
    'dist/main.cjs',
    result.command,
    ...(result.environment === null ? [] : ['--environment', result.environment]),
    ...own(result),
    ...(configPath === DEFAULT_CONFIG ? [] : ['--config', configPath]),
  ])
}

function own(result: Result): string[] {
  switch (result.command) {
    case 'rebuild-snapshots':
      return result.details === null
        ? []
        : [
            '--mode',
            result.details.mode,
            ...(result.details.shard === null ? [] : ['--shard', result.details.shard]),
          ]
    case 'promote':
      return result.details === null ? [] : ['--step', result.details.step]
    case 'acknowledge':
      return result.details === null
        ? []
        : ['--attempt', result.details.attempt, '--reason', result.details.reason]
    case 'upgrade-workspace':
    case 'run-smoke-suite':
    case 'plan':
    case 'check-stacks':
    case 'check-out-sources':
    case 'report':
    case 'init':
    case 'demo':
      return []
  }
}
