import type { Environment } from '../core/environments.ts'
import type { Config } from '../config/schema.ts'
import { outcomeOf } from '../core/reasons.ts'
import { plural } from '../core/text.ts'
import { sameVersion } from '../core/versions.ts'
import { lastOf, type Attempt, type EntryOf } from './attempt.ts'
import { openLosses } from './losses.ts'

export type Verdict =
  { readonly green: true } | { readonly green: false; readonly missing: readonly string[] }

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
  const missing: string[] = []
  const problem = upgradeProblem(attempt)
  if (lastOf(attempt, 'unreadable') !== undefined)
    missing.push('a line of its record cannot be read')
  if (problem !== undefined) missing.push(problem)
  if (expectations.smokeSuite)
    missing.push(
      ...lack(attempt, 'the smoke suite', (entry) => entry.command === 'run-smoke-suite'),
    )
  missing.push(
    ...lack(
      attempt,
      'the rebuild of the snapshots',
      (entry) =>
        entry.command === 'rebuild-snapshots' && (entry.mode === 'rebuild' || entry.mode === 'all'),
    ),
  )
  if (expectations.executeSnapshots) {
    missing.push(
      ...lack(
        attempt,
        'the execution of the snapshots',
        (entry) =>
          entry.command === 'rebuild-snapshots' &&
          (entry.mode === 'execute' || entry.mode === 'all'),
      ),
    )
    if (isRebuiltSince(attempt)) missing.push('snapshots were rebuilt after the last execution')
  }
  return missing.length === 0 ? { green: true } : { green: false, missing }
}

/**
 * Why the upgrade of an attempt is not green; undefined when it is. One that lost something is, once
 * everything is back or a person has acknowledged the loss.
 */
export function upgradeProblem(attempt: Attempt): string | undefined {
  const code = lastOf(attempt, 'closed')?.['reason-code']
  if (code === undefined) return 'the upgrade did not end'
  const lost = openLosses(attempt).length
  if (lost > 0)
    return `${plural(lost, 'loss', 'losses')} of the upgrade ${lost === 1 ? 'is' : 'are'} open`
  const isResolved = code === 'counts-decreased' && lastOf(attempt, 'compared') !== undefined
  return passed(code) || isResolved ? undefined : `the upgrade ended with ${code}`
}

function lack(
  attempt: Attempt,
  what: string,
  matches: (entry: EntryOf<'evidence'>) => boolean,
): string[] {
  const newest = attempt.entries
    .slice(lastChange(attempt) + 1)
    .findLast((entry): entry is EntryOf<'evidence'> => entry.kind === 'evidence' && matches(entry))
  if (newest === undefined) return [`${what} did not run`]
  if (!passed(newest['reason-code'])) return [`${what} ended with ${newest['reason-code']}`]
  if (
    newest['zenml-version'] !== null &&
    !sameVersion(newest['zenml-version'], attempt['target-version'])
  ) {
    return [
      `${what} ran against ZenML ${newest['zenml-version']}, not ${attempt['target-version']}`,
    ]
  }
  return []
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
