import type { SnapshotReport } from '../result/snapshots.ts'
import { ApiError } from '../zenml/api-error.ts'
import type { Candidate, ExecuteContext } from './execute-context.ts'
import { failed } from './reports.ts'
import { onlyFromSource, serverRunConfiguration } from './run-configuration.ts'
import { toReport } from './run-end.ts'

/** Runs a snapshot on the server; `from source` where the server cannot run it. */
export async function executeOnServer(
  context: ExecuteContext,
  { selected, report }: Candidate,
): Promise<SnapshotReport | 'from source'> {
  const { deps, runs, tally } = context
  const { snapshot, declaration } = selected
  const { log, signal } = deps.machine
  const obstacle = onlyFromSource(snapshot.record, declaration?.smoke)
  if (obstacle !== undefined) {
    log.info(`${snapshot.name} runs from source: ${obstacle}`)
    return 'from source'
  }
  signal.throwIfAborted()
  try {
    const outcome = await runs.startOnServer(
      snapshot,
      serverRunConfiguration(snapshot.record, declaration?.smoke),
      {
        onBusy: () => {
          tally.waits(snapshot)
        },
      },
    )
    if (outcome.kind === 'unsupported') {
      log.info(`${snapshot.name} runs from source: ${outcome.why}`)
      return 'from source'
    }
    tally.began(snapshot)
    const started = performance.now()
    return await toReport(
      context,
      { selected, report: { ...report, 'executed-on': 'server' } },
      { id: outcome.run.id, name: outcome.run.name, started },
    )
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 429)
      return failed(report, 'execute', {
        message: 'The server had no free slot for a run of it within an hour.',
        next: 'Let fewer snapshots run at once (`max-parallel`, `snapshot-shards`), or let the server run more (ZENML_SERVER_MAX_CONCURRENT_SNAPSHOT_RUNS).',
      })
    return failed(report, 'execute', {
      message: `The server would not run it: ${error.detail}`,
      next: error.next ?? 'Run it once by hand to see more.',
    })
  }
}
