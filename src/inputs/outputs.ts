import type { CommandName } from './inputs.ts'

/** Written by every command, on every path. */
export const COMMON_OUTPUTS = {
  outcome: 'How it ended: success, noop, failure, invalid, held, inconclusive or cancelled.',
  'reason-code':
    'Why it ended so, from the list in docs/outcomes.md; new codes may come with a new version.',
  result: 'Path of the result file (JSON).',
  summary: 'What happened, in one line.',
} as const

const SOURCES = {
  sources:
    'Commits of the sources in other repositories, as JSON, for the input of the same name of later jobs; empty when all code is in this one.',
} as const
const PARITY =
  'Whether the stacks of production that named snapshots use have mirrored twins in staging: mirrored or differs; empty when that was not measured.'

/**
 * What each command tells besides the common outputs: the contract of the actions. Booleans are
 * `true` or `false`, lists are compact JSON; what was not measured is empty.
 */
export const OUTPUTS = {
  'upgrade-workspace': {
    'from-version': 'ZenML version that the server reported before.',
    'to-version': 'ZenML version that the server reports now.',
    changed: 'Whether anything was deployed.',
    'backup-id':
      'The backup that was made and read back; empty when there is none, or when it is not ours.',
    'rolled-back': 'Whether the old version was brought back.',
    'downtime-seconds': 'How long the server did not answer.',
    parity: PARITY,
    ...SOURCES,
  },
  'run-smoke-suite': {
    total: 'Number of tests in the JUnit files.',
    passed: 'Number of tests that passed.',
    failed: 'Number of tests that failed.',
    skipped: 'Number of tests that were skipped.',
    flaky: 'Number of tests that failed and passed in a later try.',
    ...SOURCES,
  },
  'rebuild-snapshots': {
    discovered: 'Number of named snapshots on the server.',
    rebuilt: 'Number of snapshots that were rebuilt.',
    executed: 'Number of snapshots that ran to their end.',
    failed: 'Number of snapshots that could not be planned, rebuilt or executed.',
    lost: 'Number of snapshots that existed before and are gone.',
    shards: 'The parts for a matrix, such as ["1/2","2/2"]; never more than there are snapshots.',
    ...SOURCES,
  },
  promote: {
    gate: 'Step gate: open or closed; empty when production has nothing to do.',
    reasons: 'Step gate: reason codes that close it, as a list.',
    'pull-request': 'Number of the promotion pull request.',
    ...SOURCES,
  },
  plan: {},
  'check-stacks': { parity: PARITY },
  'check-out-sources': { ...SOURCES },
  acknowledge: {},
  report: {
    'flow-outcome': 'How all the commands ended that the report is about.',
    'flow-reason-code': 'Why they ended so.',
    'pull-request': 'Number of the pull request that the report belongs to.',
  },
  init: {},
  demo: {},
} as const satisfies Record<CommandName, Readonly<Record<string, string>>>

/** What a command hands over to be written; undefined is written as empty. */
export type Outputs<C extends CommandName> = C extends CommandName
  ? { readonly [N in keyof (typeof OUTPUTS)[C]]?: string | number | boolean | undefined }
  : never
