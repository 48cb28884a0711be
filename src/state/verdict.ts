import type { Environment } from '../core/environments.ts'
import type { Config } from '../config/schema.ts'
import { outcomeOf } from '../core/reasons.ts'
import { sameVersion } from '../core/versions.ts'
import type { MissingFact, RequiredPart } from '../report/gate-fact.ts'
import { lastOf, type Attempt, type EntryOf } from './attempt.ts'
import { openLosses } from './losses.ts'

export type Verdict =
  { readonly green: true } | { readonly green: false; readonly missing: readonly MissingFact[] }

/** What the file asks of an environment, so that an attempt can be judged. */
export interface Expectations {
  readonly smokeSuite: boolean
  readonly executeSnapshots: boolean
}

/** Production is not smoke-tested: staging was, with the same content. */
export function expectationsOf(
  config: Pick<Config, 'smoke' | 'execute'>,
  environment: Environment,
): Expectations {
  return {
    smokeSuite: environment === 'staging' && config.smoke.length > 0,
    executeSnapshots: config.execute[environment] !== 'none',
  }
}

/**
 * An attempt is green when everything that the file asks for was done in it and measured, with the
 * newest evidence of each.
 */
export function judgeAttempt(attempt: Attempt, expectations: Expectations): Verdict {
  const problem = upgradeProblem(attempt)
  const missing: MissingFact[] = [
    ...(lastOf(attempt, 'unreadable') === undefined
      ? []
      : [{ kind: 'record-unreadable' as const }]),
    ...(problem === undefined ? [] : [problem]),
    ...(expectations.smokeSuite ? lack(attempt, 'smoke-suite') : []),
    ...lack(attempt, 'rebuild'),
    ...(expectations.executeSnapshots ? lack(attempt, 'execution') : []),
    ...(expectations.executeSnapshots && isRebuiltSince(attempt)
      ? [{ kind: 'rebuilt-after-execution' as const }]
      : []),
  ]
  return missing.length === 0 ? { green: true } : { green: false, missing }
}

/**
 * Finds why the upgrade of an attempt is not green; undefined when it is. One that lost something
 * is, once everything is back or a person has acknowledged the loss.
 */
export function upgradeProblem(attempt: Attempt): MissingFact | undefined {
  const code = lastOf(attempt, 'closed')?.['reason-code']
  if (code === undefined) return { kind: 'upgrade-unfinished' }
  const lost = openLosses(attempt).length
  if (lost > 0) return { kind: 'losses-open', amount: lost }
  const isResolved = code === 'counts-decreased' && lastOf(attempt, 'compared') !== undefined
  return passed(code) || isResolved ? undefined : { kind: 'upgrade-ended', code }
}

const IS_EVIDENCE_OF: Readonly<Record<RequiredPart, (entry: EntryOf<'evidence'>) => boolean>> = {
  'smoke-suite': ({ command }) => command === 'run-smoke-suite',
  rebuild: ({ command, mode }) =>
    command === 'rebuild-snapshots' && (mode === 'rebuild' || mode === 'all'),
  execution: ({ command, mode }) =>
    command === 'rebuild-snapshots' && (mode === 'execute' || mode === 'all'),
}

/** Finds why a part of the work is not green by its newest evidence; nothing when it is. */
function lack(attempt: Attempt, part: RequiredPart): MissingFact[] {
  const newest = attempt.entries
    .slice(lastChange(attempt) + 1)
    .findLast(
      (entry): entry is EntryOf<'evidence'> =>
        entry.kind === 'evidence' && IS_EVIDENCE_OF[part](entry),
    )
  if (newest === undefined) return [{ kind: 'part-not-run', part }]
  const { 'reason-code': code, 'zenml-version': version } = newest
  if (!passed(code)) return [{ kind: 'part-ended', part, code }]
  const target = attempt['target-version']
  return version === null || sameVersion(version, target)
    ? []
    : [{ kind: 'part-of-other-version', part, version, target }]
}

/** Index of the last entry that changed the server: what was found out before says nothing after. */
function lastChange({ entries }: Attempt): number {
  return entries.findLastIndex(
    (entry) =>
      entry.kind === 'phase' &&
      entry.state === 'started' &&
      (entry.phase === 'deploy' || entry.phase === 'restore' || entry.phase === 'rollback'),
  )
}

/** Tells whether snapshots were rebuilt after they were executed last: the new ones never ran. */
function isRebuiltSince({ entries }: Attempt): boolean {
  const lastIndex = (matches: (entry: EntryOf<'evidence'>) => boolean) =>
    entries.findLastIndex((entry) => entry.kind === 'evidence' && matches(entry))
  const executed = lastIndex(({ mode }) => mode === 'execute' || mode === 'all')
  const rebuilt = lastIndex((entry) => entry['reason-code'] === 'snapshots-rebuilt')
  return executed >= 0 && rebuilt > executed
}

function passed(code: Parameters<typeof outcomeOf>[0]): boolean {
  const outcome = outcomeOf(code)
  // A dry run measured nothing that counts.
  return (outcome === 'success' || outcome === 'noop') && code !== 'dry-run'
}
