import { outcomeOf } from '../core/reasons.ts'
import { snapshotBaseline } from '../state/evidence.ts'
import { lastRebuild } from '../state/results.ts'
import {
  executeSnapshots,
  planSnapshots,
  rebuildAndExecuteSnapshots,
  rebuildSnapshots as rebuild,
  type SnapshotsOutcome,
} from '../snapshots/modes.ts'
import type { SnapshotsDeps } from '../snapshots/deps.ts'
import { shardsFor, shardToWork } from '../snapshots/shard.ts'
import { sameVersion } from '../core/versions.ts'
import { snapshotsDeps } from '../session/client.ts'
import type { CommandContext, Conclusion } from './command.ts'
import { demandTip, findingsThatCount } from '../state/backend.ts'
import { pinsOf } from '../session/source-commits.ts'
import { keepFinding, openWorkspace } from '../session/session.ts'

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
  const sources = pinsOf((await workspace.testedIn(workspace.environment)).sources)
  const info = await workspace.server.info()
  // A dry run and a plan are for the version to come; everything else is for the server as it is.
  const mode = inputs['dry-run'] === 'true' ? 'plan' : inputs.mode
  const target = mode === 'plan' ? workspace.target : info.version
  if (!sameVersion(target, workspace.target))
    machine.log.warn(
      `the server reports ZenML ${target}, the file says ${workspace.target}; snapshots follow the server`,
    )

  const attempts = await findingsThatCount(workspace.place, machine, { measuring: true }).list(
    workspace.environment,
  )
  const deps = await snapshotsDeps(workspace, {
    target,
    shard,
    parallel: Number(inputs['max-parallel']),
    baseline: snapshotBaseline(attempts),
  })
  const { code, summary, next, details } = await machine.log.chapter(
    `${MODES[mode].title} with ZenML ${target}`,
    () => MODES[mode].run(deps),
  )
  const finding = {
    command: 'rebuild-snapshots' as const,
    mode,
    reasonCode: code,
    summary,
    zenmlVersion: target,
    discovered: details.discovered,
    snapshots: details,
  }
  // A part of the snapshots is no evidence for the whole, and a plan changes nothing that could be
  // green.
  const whole =
    shard === undefined && mode !== 'plan' && sameVersion(info.version, workspace.target)
  const attempt = whole ? await keepFinding(workspace, info, finding) : undefined
  return {
    reasonCode: inputs['dry-run'] === 'true' && code === 'snapshots-planned' ? 'dry-run' : code,
    summary: `${workspace.environment}: ${summary}`,
    next: next ?? undefined,
    attempt,
    details,
    ...(outcomeOf(code) === 'noop' ? { lastWork: lastRebuild(attempts, info.id) } : {}),
    outputs: { sources, ...outputsOf(details, Number(inputs.shards)) },
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
