import type { CommandName } from '../inputs/inputs.ts'
import type { Load } from './run-command.ts'

/** One sentence for each command, shown by `--help`. */
export const PURPOSES: Readonly<Record<CommandName, string>> = {
  'upgrade-workspace':
    'Back up, upgrade and verify the ZenML server of an environment; roll back when it fails.',
  'run-smoke-suite':
    'Run the smoke suite against the server and judge it by its JUnit file and its runs.',
  'rebuild-snapshots':
    'Plan, rebuild and execute every named snapshot with the client of the server.',
  promote: 'Open the promotion pull request; decide whether production may follow staging.',
  plan: 'Say what merging this would do, from the files, the record, the package index and what the server tells everybody; changes nothing and needs no key.',
  'check-stacks':
    'Read the stacks of an environment, and say whether those of production have mirrored twins in staging; changes nothing.',
  report: 'Write the one report of both environments: comment, summary, commit status.',
  init: 'Look at both live servers and write zenml-upgrade.yml, the workflow and a smoke suite; overwrites nothing.',
  demo: 'Watch two real ZenML servers go from an older release to a newer one, on this machine.',
}

/**
 * How each command is loaded: only when it runs, so that `--help` and `--version` load nothing
 * else. The demo is in a bundle of its own.
 */
export const LOADS: { readonly [C in Exclude<CommandName, 'demo'>]: Load<C> } = {
  'upgrade-workspace': async () =>
    (await import('../commands/upgrade-workspace.ts')).upgradeWorkspace,
  'run-smoke-suite': async () => (await import('../commands/run-smoke-suite.ts')).runSmokeSuite,
  'rebuild-snapshots': async () =>
    (await import('../commands/rebuild-snapshots.ts')).rebuildSnapshots,
  promote: async () => (await import('../commands/promote/promote.ts')).promote,
  plan: async () => (await import('../commands/plan/plan.ts')).plan,
  'check-stacks': async () => (await import('../commands/stacks/check-stacks.ts')).checkStacks,
  report: async () => (await import('../commands/report/report.ts')).report,
  init: async () => (await import('../commands/init.ts')).init,
}
