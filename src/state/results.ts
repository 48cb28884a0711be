import { ENVIRONMENTS, type Environment } from '../core/environments.ts'
import type { Result } from '../result/result.ts'
import { nextOf, outcomeOf } from '../core/reasons.ts'
import {
  recordedUpgradeWords,
  resolvedLossWords,
  UNFINISHED_NEXT,
  type RecordedUpgrade,
} from '../report/wording-record.ts'
import { detailsOfJournal, detailsWithoutUpgrade } from './journal-details.ts'
import { attemptFor } from './evidence.ts'
import { acknowledgement } from './losses.ts'
import { upgradeProblem } from './verdict.ts'
import { lastOf, type Attempt, type EntryOf } from './attempt.ts'

/**
 * What an attempt says, in the form of the results that its commands wrote: the report is made of
 * both. `tool` is the version that reads.
 */
export function recordedResults(attempt: Attempt, tool: string): Result[] {
  const evidence = attempt.entries.filter(
    (entry): entry is EntryOf<'evidence'> => entry.kind === 'evidence',
  )
  return [
    upgradeResult(attempt, tool),
    ...evidence.flatMap((entry) => evidenceResult(attempt, entry, tool)),
  ]
}

/**
 * Gives what the record says about one content, in both environments. The digest of an environment
 * whose other repositories cannot be read is taken to be that of the other one.
 */
export function resultsAbout(
  attempts: Readonly<Record<Environment, readonly Attempt[]>>,
  {
    digests,
    target,
    tool,
  }: {
    readonly digests: Readonly<Partial<Record<Environment, string>>>
    readonly target: string
    readonly tool: string
  },
): Result[] {
  return ENVIRONMENTS.flatMap((environment) => {
    const tested = digests[environment] ?? digests.staging ?? digests.production
    const attempt =
      tested === undefined
        ? undefined
        : attemptFor(attempts[environment], { tested, targetVersion: target })
    return attempt === undefined ? [] : recordedResults(attempt, tool)
  })
}

/**
 * Gives everything that the record says about the server of the newest attempt, whatever the content
 * was: facts to show with their time, and no evidence.
 */
export function historyOf(attempts: readonly Attempt[], tool: string): Result[] {
  return resultsOn(attempts, attempts.at(-1)?.['server-id'] ?? null, tool)
}

/**
 * What a record adds to result files: a finding that a file tells about was recorded while its
 * command ran.
 */
export function beyondFiles(recorded: readonly Result[], files: readonly Result[]): Result[] {
  return recorded.filter(
    (result) =>
      !files.some(
        (file) =>
          file.environment === result.environment &&
          file.command === result.command &&
          file.attempt === result.attempt &&
          Date.parse(file.started) <= Date.parse(result.ended) &&
          Date.parse(result.ended) <= Date.parse(file.ended),
      ),
  )
}

/**
 * Finds the newest upgrade in the record that did something to this server: its facts are those that
 * a run which finds nothing to do shows. null where the record has none.
 */
export function lastUpgrade(attempts: readonly Attempt[], serverId: string | null) {
  return newestWork(
    resultsOn(attempts, serverId, '').filter((result) => result.command === 'upgrade-workspace'),
  )
}

/** The same of the snapshots. */
export function lastRebuild(attempts: readonly Attempt[], serverId: string | null) {
  return newestWork(
    resultsOn(attempts, serverId, '').filter((result) => result.command === 'rebuild-snapshots'),
  )
}

function resultsOn(attempts: readonly Attempt[], serverId: string | null, tool: string): Result[] {
  return attempts
    .filter((attempt) => attempt['server-id'] === serverId)
    .flatMap((attempt) => recordedResults(attempt, tool))
}

interface Recorded<D> extends Pick<Result, 'outcome' | 'reason-code' | 'summary' | 'ended'> {
  readonly details: D | null
}

interface Work<D> extends Pick<Result, 'reason-code' | 'summary' | 'ended'> {
  readonly details: D
}

function newestWork<D>(results: readonly Recorded<D>[]): Work<D> | null {
  for (const { outcome, details, 'reason-code': code, summary, ended } of results.toReversed())
    if (details !== null && ['success', 'failure', 'inconclusive'].includes(outcome))
      return { 'reason-code': code, summary, ended, details }
  return null
}

function common(
  attempt: Attempt,
  entry: {
    readonly 'reason-code': Result['reason-code']
    readonly summary: string
    readonly at: string
  },
  tool: string,
) {
  return {
    'schema-version': 1 as const,
    tool,
    environment: attempt.environment,
    outcome: outcomeOf(entry['reason-code']),
    'reason-code': entry['reason-code'],
    // When a command began is not recorded.
    summary: entry.summary,
    next: nextOf(entry['reason-code']),
    attempt: attempt.id,
    started: entry.at,
    ended: entry.at,
  }
}

function upgradeResult(attempt: Attempt, tool: string): Result {
  const closed = lastOf(attempt, 'closed')
  return closed === undefined ? openUpgrade(attempt, tool) : closedUpgrade(attempt, closed, tool)
}

function closedUpgrade(attempt: Attempt, closed: EntryOf<'closed'>, tool: string): Result {
  const { environment, 'from-version': from, 'target-version': to } = attempt
  const summary =
    closed.summary ?? recordedUpgradeWords(environment, { kind: 'finished', from, to })
  return {
    ...common(attempt, { ...closed, ...resolved(attempt, { ...closed, summary }) }, tool),
    started: attempt.started,
    next: nextOf(closed['reason-code'], closed.next),
    command: 'upgrade-workspace',
    details: closed.details ?? detailsWithoutUpgrade(attempt),
  }
}

function openUpgrade(attempt: Attempt, tool: string): Result {
  const last = lastOf(attempt, 'phase')
  const about = { attempt: attempt.id, phase: last?.phase ?? null }
  const code = last?.['reason-code']
  const fact: RecordedUpgrade =
    code === undefined
      ? { kind: 'unfinished', ...about }
      : { kind: 'failed', ...about, message: last?.message ?? null }
  const entry = {
    'reason-code': code ?? ('locked' as const),
    summary: recordedUpgradeWords(attempt.environment, fact),
    at: attempt.entries.at(-1)?.at ?? attempt.started,
  }
  return {
    ...common(attempt, entry, tool),
    started: attempt.started,
    next: code === undefined ? UNFINISHED_NEXT : nextOf(code),
    command: 'upgrade-workspace',
    details: detailsOfJournal(attempt),
  }
}

/** An upgrade that lost something shows what became of the loss. */
function resolved(
  attempt: Attempt,
  closed: { readonly 'reason-code': Result['reason-code']; readonly summary: string },
): { readonly 'reason-code': Result['reason-code']; readonly summary: string } {
  if (closed['reason-code'] !== 'counts-decreased' || upgradeProblem(attempt) !== undefined)
    return closed
  const accepted = acknowledgement(attempt)
  return {
    'reason-code': accepted === undefined ? 'upgraded' : 'loss-acknowledged',
    summary: resolvedLossWords(closed.summary, accepted),
  }
}

function evidenceResult(attempt: Attempt, entry: EntryOf<'evidence'>, tool: string): Result[] {
  switch (entry.command) {
    case 'run-smoke-suite':
      return [
        {
          ...common(attempt, entry, tool),
          command: 'run-smoke-suite',
          details: entry.smoke ?? null,
        },
      ]
    case 'rebuild-snapshots':
      return [
        {
          ...common(attempt, entry, tool),
          command: 'rebuild-snapshots',
          details: entry.snapshots ?? null,
        },
      ]
    case 'upgrade-workspace':
      return []
  }
}
