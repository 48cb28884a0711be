import { sameVersion } from '../core/versions.ts'
import type { Result, ResultOf } from '../result/result.ts'
import { smokeWork, upgradeWork, type WorkOf } from '../result/work.ts'

/** What is only shown, with its time, because the newest run of the command measured nothing. */
export interface Earlier {
  readonly upgrade: WorkOf<'upgrade-workspace'> | undefined
  readonly smoke: WorkOf<'run-smoke-suite'> | undefined
}

/** Finds it in what is `known`, among it what was found out about other content. */
export function earlierWork(
  { upgrade, smoke }: EnvironmentResults,
  known: readonly Result[],
): Earlier {
  const last = earlierUpgrade(upgrade, known)
  const version = (upgrade?.details ?? last?.details)?.['to-version'] ?? ''
  return { upgrade: last, smoke: earlierSmoke(smoke, version, known) }
}

/** The newest results of one environment. */
interface EnvironmentResults {
  readonly upgrade: ResultOf<'upgrade-workspace'> | undefined
  readonly smoke: ResultOf<'run-smoke-suite'> | undefined
}

/** The last upgrade that did something, where the newest run of the command did not. */
function earlierUpgrade(
  newest: ResultOf<'upgrade-workspace'> | undefined,
  known: readonly Result[],
): Earlier['upgrade'] {
  if (newest === undefined || upgradeWork(newest)?.ended === newest.ended) return undefined
  return newestBefore(
    newest,
    known.map((result) =>
      result.command === 'upgrade-workspace' ? upgradeWork(result) : undefined,
    ),
  )
}

/** The last suites that were counted with the version that the server has, where the newest were not. */
function earlierSmoke(
  newest: ResultOf<'run-smoke-suite'> | undefined,
  version: string,
  known: readonly Result[],
): Earlier['smoke'] {
  if (newest === undefined || newest.outcome === 'noop' || smokeWork(newest) !== undefined)
    return undefined
  return newestBefore(
    newest,
    known
      .map((result) => (result.command === 'run-smoke-suite' ? smokeWork(result) : undefined))
      .filter((work) => sameVersion(work?.details['zenml-version'] ?? '', version)),
  )
}

function newestBefore<R extends Pick<Result, 'ended'>>(
  newest: Pick<Result, 'ended'>,
  works: readonly (R | undefined)[],
): R | undefined {
  return works
    .filter((work) => work !== undefined)
    .filter(({ ended }) => Date.parse(ended) < Date.parse(newest.ended))
    .sort((a, b) => Date.parse(a.ended) - Date.parse(b.ended))
    .at(-1)
}
