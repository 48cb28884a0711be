import type { CommandName } from '../inputs/inputs.ts'
import type { Command } from '../commands/command.ts'

/** Every command; loaded only when it runs, so that `--help` and `--version` load nothing else. */
export const COMMANDS: {
  readonly [C in CommandName]: {
    readonly purpose: string
    readonly load: () => Promise<Command<C>>
  }
} = {
  'upgrade-workspace': {
    purpose:
      'Back up, upgrade and verify the ZenML server of an environment; roll back when it fails.',
    load: async () => (await import('../commands/upgrade-workspace.ts')).upgradeWorkspace,
  },
  'run-smoke-suite': {
    purpose: 'Run the smoke suite against the server and judge it by its JUnit file and its runs.',
    load: async () => (await import('../commands/run-smoke-suite.ts')).runSmokeSuite,
  },
  'rebuild-snapshots': {
    purpose: 'Plan, rebuild and execute every named snapshot with the client of the server.',
    load: async () => (await import('../commands/rebuild-snapshots.ts')).rebuildSnapshots,
  },
  promote: {
    purpose: 'Open the promotion pull request; decide whether production may follow staging.',
    load: async () => (await import('../commands/promote/promote.ts')).promote,
  },
  plan: {
    purpose:
      'Say what merging this would do, from the files, the record, the package index and what the server tells everybody; changes nothing and needs no key.',
    load: async () => (await import('../commands/plan/plan.ts')).plan,
  },
  'check-stacks': {
    purpose:
      'Read the stacks of an environment, and say whether those of production have mirrored twins in staging; changes nothing.',
    load: async () => (await import('../commands/stacks/check-stacks.ts')).checkStacks,
  },
  report: {
    purpose: 'Write the one report of both environments: comment, summary, commit status.',
    load: async () => (await import('../commands/report/report.ts')).report,
  },
  restore: {
    purpose: 'Bring a backup back, and the version it was made with. Not built yet.',
    load: async () => (await import('../commands/restore.ts')).restore,
  },
  init: {
    purpose:
      'Look at both live servers and write zenml-upgrade.yml, the workflow and a smoke suite; overwrites nothing.',
    load: async () => (await import('../commands/init.ts')).init,
  },
  demo: {
    purpose:
      'Watch two real ZenML servers go from an older release to a newer one, on this machine.',
    load: async () => (await import('../demo/demo.ts')).demo,
  },
}
