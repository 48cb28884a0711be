import { REASONS, type ReasonCode } from '../core/reasons.ts'
import { capitalised, listed, minute, oneLine, plural, short, took } from '../core/text.ts'
import type {
  GateDecision,
  GateFact,
  MissingFact,
  MovedSource,
  RequiredPart,
  StatusFact,
} from './gate-fact.ts'

// The words of the gate: its conditions, its summary, and the commit status. Nothing here is escaped.

type FactOf<K extends GateFact['kind']> = Extract<GateFact, { readonly kind: K }>

/** Says which condition is not met, as the part of a sentence. */
export function gateReasonWords(fact: GateFact): string {
  switch (fact.kind) {
    case 'never-upgraded':
      return 'no upgrade of staging is recorded'
    case 'content-never-tested':
    case 'tested-before':
      return otherContentWords(fact)
    case 'not-green':
      return `staging is not green: ${missingWords(fact.missing)}`
    case 'loss-not-acknowledged':
      return `${fact.environment} lost data in attempt ${fact.attempt}, and the loss is not acknowledged: ${short(fact.losses.join(' '), 300)}`
    case 'loss-not-measured':
      return `attempt ${fact.attempt} changed ${fact.environment} and ended before its data was compared with the inventory from before the upgrade`
    case 'staging-unknown':
    case 'staging-replaced':
    case 'staging-version':
      return stagingServerWords(fact)
    case 'blocked':
      return `the upgrade of ${fact.environment} to ZenML ${fact.target} was rolled back in attempt ${fact.attempt}, and none of its inputs has changed since`
    case 'ahead':
      return `${fact.environment} runs ZenML ${fact.version}, the file says ${fact.target}`
    case 'downgrade':
      return `${fact.environment} runs ZenML ${fact.version}, which was deployed from this file; the file now asks for the older ${fact.target}`
    case 'labels-unknown':
      return `the labels of the pull request could not be read: ${fact.why}`
    case 'label':
      return `pull request #${fact.pullRequest} carries the label ${fact.label}`
    case 'frozen':
    case 'soaking':
    case 'soak-not-measured':
      return timeWords(fact)
  }
}

function otherContentWords(fact: FactOf<'content-never-tested' | 'tested-before'>): string {
  const { newest, parts, sources } = fact
  const what =
    fact.kind === 'tested-before'
      ? `staging was tested with this content in attempt ${fact.attempt}, but its newest attempt ${newest.id} tested something else`
      : `staging was never tested with this content; its newest attempt ${newest.id} tested other content or another version (${newest.version})`
  const differing = parts.length === 0 ? [] : [`what differs: ${listed(parts)}`]
  return [what, ...differing, ...sources.map(movedSourceWords)].join('; ')
}

function movedSourceWords({ name, tested, now }: MovedSource): string {
  return `source ${name} was tested at ${tested.slice(0, 8)}, and production would get ${now.slice(0, 8)}`
}

function stagingServerWords(
  fact: FactOf<'staging-unknown' | 'staging-replaced' | 'staging-version'>,
): string {
  switch (fact.kind) {
    case 'staging-unknown':
      return `the staging server could not be asked for its version: ${fact.why}`
    case 'staging-replaced':
      return `the staging server has the id ${fact.id}, but the newest attempt tested another server, ${fact.tested}`
    case 'staging-version':
      return `the staging server runs ZenML ${fact.version}, not the tested ${fact.target}`
  }
}

function timeWords(fact: FactOf<'frozen' | 'soaking' | 'soak-not-measured'>): string {
  switch (fact.kind) {
    case 'frozen': {
      const windows = fact.windows.join('; ')
      return fact.until === null
        ? `production is frozen (${windows}), and the windows in the file leave no gap, so this does not end by itself`
        : `production is frozen (${windows}) until ${fullMinute(fact.until)}`
    }
    case 'soaking':
      return `staging must stay green for ${took(fact.seconds)}, until ${fullMinute(fact.until)}`
    case 'soak-not-measured':
      return `staging must stay green for ${took(fact.seconds)}, but how long it has been green is not known: the record says since ${fullMinute(fact.since)}, which is in the future by the clock of this machine`
  }
}

const PARTS: Readonly<Record<RequiredPart, string>> = {
  'smoke-suite': 'the smoke suite',
  rebuild: 'the rebuild of the snapshots',
  execution: 'the execution of the snapshots',
}

/** Says what keeps an attempt from being green, as the part of a sentence. */
function missingWords(fact: MissingFact): string {
  switch (fact.kind) {
    case 'record-unreadable':
      return 'a line of its record cannot be read'
    case 'upgrade-unfinished':
      return 'the upgrade did not end'
    case 'losses-open':
      return `${plural(fact.amount, 'loss', 'losses')} of the upgrade ${fact.amount === 1 ? 'is' : 'are'} open`
    case 'upgrade-ended':
      return `the upgrade ended with ${fact.code}`
    case 'part-not-run':
      return `${PARTS[fact.part]} did not run`
    case 'part-ended':
      return `${PARTS[fact.part]} ended with ${fact.code}`
    case 'part-of-other-version':
      return `${PARTS[fact.part]} ran against ZenML ${fact.version}, not ${fact.target}`
    case 'rebuilt-after-execution':
      return 'snapshots were rebuilt after the last execution'
  }
}

/** Says in one line what the gate decided. */
export function gateSummary(decision: GateDecision): string {
  switch (decision.kind) {
    case 'nothing-to-do':
      return `production already runs ZenML ${decision.target} and no work is left, so the gate was not asked`
    case 'green':
      return `staging is green for exactly this content at ZenML ${decision.target}`
    case 'unfinished':
      return `attempt ${decision.attempt} left the upgrade of production unfinished; it is finished first, whatever the other conditions are`
    case 'overridden':
      return `opened by ${short(decision.by.actor, 100)}: ${short(decision.by.reason, 300)} (${plural(decision.conditions, 'condition')} not met)`
    case 'closed':
      return `the gate to production is closed: ${decision.facts.map(gateReasonWords).join('; ')}`
  }
}

/** Says before a merge what the gate would decide after it; `assumed` are sources that were not read. */
export function gatePreview(decision: GateDecision, assumed: readonly string[]): string {
  const unread =
    assumed.length === 0
      ? ''
      : `; not read in a run for a pull request, and assumed to be as staging was tested with it: ${assumed.join(', ')}`
  return `what the gate would say after the merge: ${gateSummary(decision)}${unread}`
}

/** Says what to do next; a closed gate with a time opens by itself. */
export function gateNext(code: ReasonCode, opensAt: Date | null): string {
  return opensAt === null
    ? REASONS[code].next
    : `Nothing to do: the first scheduled run after ${fullMinute(opensAt)} continues.`
}

/** Adds to the next step of an upgrade that the gate held how a person opens it. */
export function overrideHint(next: string): string {
  return `${next} To upgrade all the same, give --override-reason; on GitHub dispatch the workflow with one.`
}

/** Of more files only the number is named. */
const MOST_FILES = 5

/** What a person changes so that the version is tried again, as one imperative sentence. */
export function changeToTryAgain({ files }: { readonly files: readonly string[] }): string {
  const more = files.length - MOST_FILES
  const named =
    files.length === 0
      ? ''
      : `, a file that deploys it (${files.slice(0, MOST_FILES).join(', ')}${more > 0 ? ` and ${more} more` : ''})`
  return `Change an input of the upgrade: the version, a setting${named}, or pipeline code`
}

/** Says in at most `limit` code points what the commit status is about. */
export function statusDescription(fact: StatusFact, limit: number): string {
  switch (fact.kind) {
    case 'unchanged':
      return 'Nothing here changes the upgrade.'
    case 'nothing-to-do':
      return 'Production already has this version.'
    case 'green':
      return 'Staging is green for exactly this content.'
    case 'assumed':
      return short(
        `Staging is green; not read here and assumed to be as tested: ${fact.sources.join(', ')}.`,
        limit,
      )
    case 'waiting': {
      const why = fact.facts.map(({ kind }) => (kind === 'frozen' ? 'frozen' : 'soaking'))
      return short(
        `Staging is green; ${why.join(' and ')} until ${fullMinute(fact.opensAt)}.`,
        limit,
      )
    }
    case 'job':
      return short(capitalised(oneLine(fact.summary)), limit)
    case 'closed': {
      const more = fact.more > 0 ? ` (and ${fact.more} more)` : ''
      const reason = capitalised(oneLine(gateReasonWords(fact.fact)))
      return `${short(reason, limit - more.length)}${more}`
    }
  }
}

/**
 * `2026-11-30 06:00 UTC`: the first full minute that is not before `at`, so that no one comes too
 * early.
 */
function fullMinute(at: Date): string {
  return minute(new Date(Math.ceil(at.getTime() / 60_000) * 60_000).toISOString())
}
