import { wentWell } from '../core/outcomes.ts'
import { outcomeOf } from '../core/reasons.ts'
import { snapshotRecord, snapshotSeconds } from '../state/recorded-snapshots.ts'
import { lastRebuild } from '../state/results.ts'
import {
  executeSnapshots,
  planSnapshots,
  rebuildAndExecuteSnapshots,
  rebuildSnapshots as rebuild,
  type SnapshotsOutcome,
} from '../snapshots/modes.ts'
import { defaultCacheDirectory } from '../runtime/cache.ts'
import type { SnapshotsDeps } from '../snapshots/deps.ts'
import { findUv } from '../zenml-client/uv.ts'
import { shardsFor, shardToWork } from '../snapshots/shard.ts'
import { snapshotsDeps } from '../session/client.ts'
import type { CommandContext, Conclusion } from './command.ts'
import { demandTip, findingsThatCount } from '../state/backend.ts'
import { pinsOf } from '../session/source-commits.ts'
import { keepFinding, openWorkspace, type Workspace } from '../session/session.ts'
import { installableChecks } from './client-checks.ts'
import { versionMismatch, type VersionMismatch } from './server-version.ts'

type Mode = CommandContext<'rebuild-snapshots'>['inputs']['mode']

const MODES: Readonly<
  Record<
    Mode,
    { readonly title: string; readonly run: (deps: SnapshotsDeps) => Promise<SnapshotsOutcome> }
  >
> = {
  plan: { title: 'Plan the snapshots', run: planSnapshots },
  rebuild: { title: 'Rebuild the snapshots', run: rebuild },
  execute: { title: 'Execute the snapshots', run: executeSnapshots },
  all: { title: 'Rebuild and execute the snapshots', run: rebuildAndExecuteSnapshots },
}

export async function rebuildSnapshots({
  inputs,
  machine,
}: CommandContext<'rebuild-snapshots'>): Promise<Conclusion<'rebuild-snapshots'>> {
  const workspace = await openWorkspace(inputs, machine)
  const shard = shardToWork(inputs.shard)
  await demandTip(workspace.place)
  const content = await workspace.testedIn(workspace.environment)
  const sources = pinsOf(content.sources)
  const info = await workspace.server.info()
  // A dry run and a plan are for the version to come; everything else is for the server as it is.
  const mode = inputs['dry-run'] === 'true' ? 'plan' : inputs.mode
  const mismatch = versionMismatch(info.version, workspace.target)
  if (mismatch?.code === 'server-behind' && mode !== 'plan')
    return heldBy(mismatch, workspace, sources)
  const target = mismatch?.code === 'server-ahead' ? info.version : workspace.target
  if (mismatch?.code === 'server-ahead')
    machine.log.warn(`${mismatch.message}; snapshots follow the server`)
  if (mode !== 'plan') await workspace.place.holdForRun(info.id)

  const attempts = await findingsThatCount(workspace.place, machine, { measuring: true }).list(
    workspace.environment,
  )
  const deps = await snapshotsDeps(workspace, {
    target,
    shard,
    knownSeconds: snapshotSeconds(attempts, {
      tested: content.tested,
      targetVersion: workspace.target,
    }),
    parallel: Number(inputs['max-parallel']),
    ...snapshotRecord(attempts),
  })
  if (mode === 'plan' && mismatch?.code === 'server-behind') {
    const refused = await refusedClient(deps, workspace.environment, sources)
    if (refused !== undefined) return refused
  }
  const found = await machine.log.chapter(`${MODES[mode].title} with ZenML ${target}`, () =>
    MODES[mode].run(deps),
  )
  // A part of the snapshots is no evidence for the whole, and a plan changes nothing that could be
  // green.
  const whole = shard === undefined && mode !== 'plan' && mismatch === undefined
  const attempt = whole
    ? await keepFinding(workspace, info, findingOf(mode, target, found))
    : undefined
  const end = mode === 'plan' ? found : endOf(found, mismatch)
  const dry = inputs['dry-run'] === 'true' && end.code === 'snapshots-planned'
  return {
    reasonCode: dry ? 'dry-run' : end.code,
    summary: `${workspace.environment}: ${end.summary}`,
    next: end.next ?? undefined,
    attempt,
    details: found.details,
    ...(outcomeOf(end.code) === 'noop' ? { lastWork: lastRebuild(attempts, info.id) } : {}),
    outputs: { sources, ...outputsOf(found.details, Number(inputs.shards)) },
  }
}

/**
 * Where the target's client cannot be installed, there is nothing to plan with; also without any
 * snapshot that would notice.
 */
async function refusedClient(
  deps: SnapshotsDeps,
  environment: string,
  sources: string | undefined,
): Promise<Conclusion<'rebuild-snapshots'> | undefined> {
  const { machine } = deps
  const uv = await findUv(machine, defaultCacheDirectory(machine))
  const failed = (await installableChecks(deps, uv)).filter(({ status }) => status === 'failed')
  const [first] = failed
  if (first === undefined) return undefined
  return {
    reasonCode: first['reason-code'] ?? 'preflight-failed',
    summary: `${environment}: ${failed.map(({ message }) => message).join('\n')}`,
    next: first.next,
    details: null,
    outputs: { sources },
  }
}

function findingOf(mode: Mode, target: string, { code, summary, details }: SnapshotsOutcome) {
  return {
    command: 'rebuild-snapshots' as const,
    mode,
    reasonCode: code,
    summary,
    zenmlVersion: target,
    discovered: details.discovered,
    snapshots: details,
  }
}

/** What went well on a server that is ahead of the file says nothing good about the file. */
function endOf(
  found: SnapshotsOutcome,
  mismatch: VersionMismatch | undefined,
): Pick<SnapshotsOutcome, 'code' | 'summary' | 'next'> {
  const outcome = outcomeOf(found.code)
  if (mismatch === undefined || !wentWell(outcome)) return found
  return { ...mismatch, summary: `${found.summary}; ${mismatch.message}` }
}

/** Snapshots that are rebuilt with the old client would have to be rebuilt again. */
function heldBy(
  { code, message, next }: VersionMismatch,
  { environment }: Workspace,
  sources: string | undefined,
): Conclusion<'rebuild-snapshots'> {
  return {
    reasonCode: code,
    summary: `${environment}: ${message}; its snapshots are rebuilt after the upgrade`,
    next,
    details: null,
    outputs: { sources },
  }
}

function outputsOf(
  { discovered, rebuilt, executed, failed, lost }: SnapshotsOutcome['details'],
  machines: number,
): Conclusion<'rebuild-snapshots'>['outputs'] {
  return {
    discovered: discovered ?? undefined,
    rebuilt: rebuilt ?? undefined,
    executed: executed ?? undefined,
    failed: failed ?? undefined,
    lost: lost ?? undefined,
    shards: discovered === null ? undefined : JSON.stringify(shardsFor(discovered, machines)),
  }
}
