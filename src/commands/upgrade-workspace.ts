import { otherDatabaseVariables } from '../config/declared-variables.ts'
import { logDirectory } from '../runtime/files.ts'
import type { Machine } from '../runtime/runtime.ts'
import { findUv } from '../zenml-client/uv.ts'
import { defaultCacheDirectory } from '../runtime/cache.ts'
import { once } from '../core/once.ts'
import { runUrl } from '../github/context.ts'
import { secondsOf } from '../inputs/inputs.ts'
import { outcomeOf, type ReasonCode } from '../core/reasons.ts'
import type { AttemptStore } from '../state/attempt.ts'
import { acknowledgeWith, goBackWithLoss, retryWith } from '../state/by-hand.ts'
import { expectationsOf } from '../state/verdict.ts'
import { lastUpgrade } from '../state/results.ts'
import { checkOfEarlierPlan } from '../snapshots/preflight-check.ts'
import { createBackup } from '../backup/backup.ts'
import { createDriver } from '../deploy/create-driver.ts'
import { upgrade } from '../upgrade/upgrade.ts'
import type { UpgradeTools } from '../upgrade/work.ts'
import { readInventory } from '../zenml/inventory.ts'
import type { CommandContext, Conclusion } from './command.ts'
import { gateBeforeUpgrade, overrideFor } from './promote/ask-gate.ts'
import { clientChecks } from './client-checks.ts'
import { placeholdersCheck } from './placeholders-check.ts'
import { raiseSentence } from './raise-sentence.ts'
import { parityCheck } from './stacks/preflight-check.ts'
import { parityOutput } from '../stacks/comparison.ts'
import { demandTip, storeThatCounts } from '../state/backend.ts'
import { pinsOf } from '../session/source-commits.ts'
import { openWorkspace, type Workspace } from '../session/session.ts'

/** For the server to report the target after the deployment, in seconds. */
const ARRIVAL_SECONDS = 900

export async function upgradeWorkspace({
  inputs,
  machine,
}: CommandContext<'upgrade-workspace'>): Promise<Conclusion<'upgrade-workspace'>> {
  const workspace = await openWorkspace(inputs, machine)
  const { environment, place } = workspace
  const override = overrideFor(workspace, inputs)
  const store = storeThatCounts(place, { measuring: true })
  await demandTip(place)
  const content = await workspace.testedIn(environment)
  const end = await upgrade(
    {
      environment,
      target: workspace.target,
      onFailure: inputs['on-failure'],
      backup: inputs.backup,
      dryRun: inputs['dry-run'] === 'true',
      timeoutSeconds: secondsOf(inputs.timeout) ?? ARRIVAL_SECONDS,
      ...content,
      retry: override,
      retryWith: retryWith(place.github?.context, { environment, config: inputs.config }),
      goBackWithLoss: goBackWithLoss(place.github?.context, { environment, config: inputs.config }),
      sha: workspace.sha,
      expectations: expectationsOf(workspace.config, environment),
      acknowledgeWith: (attempt) =>
        acknowledgeWith(place.github?.context, { environment, attempt, config: inputs.config }),
    },
    toolsFor(workspace, store, {
      parity: inputs.parity,
      plan: inputs['snapshots-plan'],
      gate: once(() =>
        environment === 'staging'
          ? Promise.resolve({ kind: 'open', override: null }) // Staging has no gate.
          : gateBeforeUpgrade(workspace, content, { ...inputs, override }),
      ),
    }),
  )
  const { details } = end
  const nextUpgrade = inputs['dry-run'] === 'true' && foundItDone(end.reasonCode)
  return {
    ...end,
    ...(nextUpgrade ? { next: await raiseSentence(workspace) } : {}),
    ...(outcomeOf(end.reasonCode) === 'noop'
      ? { lastWork: lastUpgrade(await store.list(environment), details['server-id']) }
      : {}),
    outputs: {
      sources: pinsOf(content.sources),
      'from-version': details['from-version'] ?? undefined,
      'to-version': details['to-version'] ?? undefined,
      changed: details.changed ?? undefined,
      'backup-id': details.backup?.id,
      'rolled-back': details['rolled-back'] ?? undefined,
      'downtime-seconds':
        details['downtime-seconds'] === null ? undefined : Math.round(details['downtime-seconds']),
      parity: parityOutput(details.parity),
    },
  }
}

function foundItDone(code: ReasonCode): boolean {
  return code === 'already-at-target' || code === 'already-green'
}

/** Wires what an upgrade works with; uv is looked for once, when something needs it. */
function toolsFor(
  workspace: Workspace,
  store: AttemptStore,
  {
    parity,
    plan,
    gate,
  }: Pick<UpgradeTools, 'gate'> & {
    readonly parity: CommandContext<'upgrade-workspace'>['inputs']['parity']
    /** Reason code of the plan of an earlier job. */
    readonly plan: string | undefined
  },
): UpgradeTools {
  const { machine, environment, settings, place, server, workingDirectory, reportDirectory } =
    workspace
  const ownMachine = withoutVariables(
    machine,
    otherDatabaseVariables(workspace.config, environment),
  )
  const uv = once(() => findUv(machine, defaultCacheDirectory(machine)))
  return {
    machine,
    server,
    store,
    driver: createDriver(settings.deploy, {
      machine: ownMachine,
      environment,
      workspace: workingDirectory,
      logDirectory: logDirectory(reportDirectory, environment),
      serverUrl: server.url,
      uv,
    }),
    backup:
      settings.backup === undefined
        ? undefined
        : createBackup(settings.backup, {
            machine: ownMachine,
            environment,
            workingDirectory,
            reportDirectory,
          }),
    lock: (serverId) => place.lock(serverId),
    checks: async ({ target }) => [
      ...(await placeholdersCheck(workspace)),
      ...(plan === undefined
        ? await clientChecks(workspace, store, target, uv)
        : [checkOfEarlierPlan(plan, runUrl(machine.env))]),
    ],
    parity: () => parityCheck(workspace, parity),
    gate,
    inventory: () => readInventory(server, workspace.config.projects),
  }
}

/** The machine as it is seen without some variables of its environment. */
function withoutVariables(machine: Machine, names: readonly string[]): Machine {
  const env = Object.entries(machine.env).filter(([name]) => !names.includes(name))
  return { ...machine, env: Object.fromEntries(env) }
}
