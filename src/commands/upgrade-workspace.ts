import { checkInstallable } from '../zenml-client/availability.ts'
import { localPython } from '../zenml-client/local-python.ts'
import { findUv, type Uv } from '../zenml-client/uv.ts'
import { defaultCacheDirectory } from '../runtime/cache.ts'
import { once } from '../core/once.ts'
import { secondsOf } from '../inputs/inputs.ts'
import { outcomeOf, type ReasonCode } from '../core/reasons.ts'
import type { AttemptStore } from '../state/attempt.ts'
import { acknowledgeWith, goBackWithLoss, retryWith } from '../state/by-hand.ts'
import { expectationsOf } from '../state/verdict.ts'
import { changedSnapshots, snapshotBaseline } from '../state/evidence.ts'
import { lastUpgrade } from '../state/results.ts'
import type { Check } from '../result/common.ts'
import type { SnapshotsDeps } from '../snapshots/deps.ts'
import { discoverSnapshots } from '../snapshots/discover.ts'
import { planSnapshots } from '../snapshots/modes.ts'
import { namedPythons, snapshotsCheck } from '../snapshots/preflight-check.ts'
import { createBackup } from '../backup/backup.ts'
import { createDriver } from '../deploy/create-driver.ts'
import { upgrade } from '../upgrade/upgrade.ts'
import type { UpgradeTools } from '../upgrade/work.ts'
import { readInventory } from '../zenml/inventory.ts'
import { snapshotsDeps } from '../session/client.ts'
import type { CommandContext, Conclusion } from './command.ts'
import { gateBeforeUpgrade, overrideFor } from './promote/ask-gate.ts'
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
    gate,
  }: Pick<UpgradeTools, 'gate'> & {
    readonly parity: CommandContext<'upgrade-workspace'>['inputs']['parity']
  },
): UpgradeTools {
  const { machine, environment, settings, place, server, workingDirectory, reportDirectory } =
    workspace
  const uv = once(() => findUv(machine, defaultCacheDirectory(machine)))
  return {
    machine,
    server,
    store,
    driver: createDriver(settings.deploy, {
      machine,
      environment,
      workspace: workingDirectory,
      serverUrl: server.url,
      uv,
    }),
    backup:
      settings.backup === undefined
        ? undefined
        : createBackup(settings.backup, {
            machine,
            environment,
            workingDirectory,
            reportDirectory,
          }),
    lock: (serverId) => place.lock(serverId),
    checks: async ({ target }) => [
      ...(await placeholdersCheck(workspace)),
      ...(await clientChecks(workspace, store, target, uv)),
    ],
    parity: () => parityCheck(workspace, parity),
    gate,
    inventory: () => readInventory(server, workspace.config.projects),
  }
}

/**
 * Can the target's client be installed for every Python among the builds, and does every snapshot
 * import with it?
 */
async function clientChecks(
  workspace: Workspace,
  store: AttemptStore,
  target: string,
  uv: () => Promise<Uv>,
): Promise<Check[]> {
  const attempts = await store.list(workspace.environment)
  const deps = await snapshotsDeps(workspace, {
    target,
    shard: undefined,
    parallel: 2,
    baseline: snapshotBaseline(attempts),
    changed: changedSnapshots(attempts),
  })
  const pythonVersions = await buildPythons(deps)
  const installable = await checkInstallable({
    machine: workspace.machine,
    uv: await uv(),
    zenmlVersion: target,
    pythonVersions,
    cacheDirectory: defaultCacheDirectory(workspace.machine),
  })
  // Without the client there is nothing to plan with; its own check says why.
  if (installable.some(({ status }) => status === 'failed')) return installable
  return [...installable, snapshotsCheck(await planSnapshots(deps))]
}

/** Python versions to try the client with; one of this machine where none is named. */
async function buildPythons({ server, file, machine, target }: SnapshotsDeps): Promise<string[]> {
  const snapshots = (await discoverSnapshots(server, file.projects)) ?? []
  const named = namedPythons(file.sources, snapshots)
  return named.length === 0 ? [await localPython(machine, target)] : named
}
