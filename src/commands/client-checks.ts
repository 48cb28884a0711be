import { defaultCacheDirectory } from '../runtime/cache.ts'
import type { Check } from '../result/common.ts'
import { snapshotsDeps } from '../session/client.ts'
import type { Workspace } from '../session/session.ts'
import type { SnapshotsDeps } from '../snapshots/deps.ts'
import { discoverSnapshots } from '../snapshots/discover.ts'
import { planSnapshots } from '../snapshots/modes.ts'
import { namedPythons, snapshotsCheck } from '../snapshots/preflight-check.ts'
import type { AttemptStore } from '../state/attempt.ts'
import { snapshotRecord } from '../state/recorded-snapshots.ts'
import { checkInstallable } from '../zenml-client/availability.ts'
import { localPython } from '../zenml-client/local-python.ts'
import type { Uv } from '../zenml-client/uv.ts'

/**
 * Checks whether the target's client can be installed for every Python among the builds, and whether
 * every snapshot imports with it. Pipeline code runs.
 */
export async function clientChecks(
  workspace: Workspace,
  store: AttemptStore,
  target: string,
  uv: () => Promise<Uv>,
): Promise<Check[]> {
  const attempts = await store.list(workspace.environment)
  const deps = await snapshotsDeps(workspace, {
    target,
    shard: undefined,
    knownSeconds: new Map(),
    parallel: 2,
    ...snapshotRecord(attempts),
  })
  const installable = await installableChecks(deps, await uv())
  // Without the client there is nothing to plan with; its own check says why.
  if (installable.some(({ status }) => status === 'failed')) return installable
  return [...installable, snapshotsCheck(await planSnapshots(deps))]
}

/** Checks whether the target's client can be installed for every Python among the builds. */
export async function installableChecks(deps: SnapshotsDeps, uv: Uv): Promise<Check[]> {
  const { machine, target } = deps
  return checkInstallable({
    machine,
    uv,
    zenmlVersion: target,
    pythonVersions: await buildPythons(deps),
    cacheDirectory: defaultCacheDirectory(machine),
  })
}

/** Python versions to try the client with; one of this machine where none is named. */
async function buildPythons({ server, file, machine, target }: SnapshotsDeps): Promise<string[]> {
  const snapshots = (await discoverSnapshots(server, file.projects)) ?? []
  const named = namedPythons(file.sources, snapshots)
  return named.length === 0 ? [await localPython(machine, target)] : named
}
