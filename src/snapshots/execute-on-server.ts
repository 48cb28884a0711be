import type { SnapshotReport } from '../result/snapshots.ts'
import type { StartOutcome } from '../runs/start.ts'
import { ApiError } from '../zenml/api-error.ts'
import type { Problem } from './blueprint.ts'
import type { Candidate, ExecuteContext } from './execute-context.ts'
import { failed } from './reports.ts'
import { onlyFromSource, serverRunConfiguration } from './run-configuration.ts'
import { toReport } from './run-end.ts'
import { orUnread } from './unread-run.ts'

/** Runs a snapshot on the server; `from source` where the server cannot run it. */
export async function executeOnServer(
  context: ExecuteContext,
  { selected, report }: Candidate,
): Promise<SnapshotReport | 'from source'> {
  const { deps, tally } = context
  const { snapshot, declaration } = selected
  const { log, signal } = deps.machine
  const obstacle = onlyFromSource(snapshot.record, declaration?.smoke)
  if (obstacle !== undefined) {
    log.info(`${snapshot.name} runs from source: ${obstacle}`)
    return 'from source'
  }
  signal.throwIfAborted()
  const outcome = await startRun(context, { selected, report })
  if (outcome.kind === 'refused') return outcome.report
  if (outcome.kind === 'unsupported') {
    log.info(`${snapshot.name} runs from source: ${outcome.why}`)
    return 'from source'
  }
  tally.began(snapshot)
  const begun: SnapshotReport = { ...report, 'executed-on': 'server' }
  const { id, name } = outcome.run
  const started = performance.now()
  return orUnread(context, { name, report: begun }, () =>
    toReport(context, { selected, report: begun }, { id, name, started }),
  )
}

type Start = StartOutcome | { readonly kind: 'refused'; readonly report: SnapshotReport }

async function startRun(
  { runs, tally }: ExecuteContext,
  { selected: { snapshot, declaration }, report }: Candidate,
): Promise<Start> {
  const refused = (problem: Problem): Start => ({
    kind: 'refused',
    report: failed(report, 'execute', problem),
  })
  try {
    return await runs.startOnServer(
      snapshot,
      serverRunConfiguration(snapshot.record, declaration?.smoke),
      {
        onBusy: () => {
          tally.waits(snapshot)
        },
      },
    )
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 429)
      return refused({
        message: 'The server had no free slot for a run of it within an hour.',
        next: 'Let fewer snapshots run at once (`max-parallel`, `snapshot-shards`), or let the server run more (ZENML_SERVER_MAX_CONCURRENT_SNAPSHOT_RUNS).',
      })
    return refused({
      message: `The server would not run it: ${error.detail}`,
      next: error.next ?? 'Run it once by hand to see more.',
    })
  }
}
