import { didYouMean } from '../core/did-you-mean.ts'
import type { Environment } from '../core/environments.ts'
import { firstOf, minute, plural, short } from '../core/text.ts'
import type {
  InventoryComponent,
  ParityFinding,
  ParityReport,
  StackInventory,
} from '../result/stacks.ts'
import { isNote, type NotComparedFact, type ParityFact } from './parity-fact.ts'

// The words of stack parity. Names from a server are quoted as one visible line; nothing is escaped.

const LONGEST_NAME = 80

function quoted(name: string): string {
  return `"${short(name, LONGEST_NAME)}"`
}

/** Says what differs between a stack of production and its twin. */
export function parityFindingWords(fact: ParityFact): string {
  switch (fact.kind) {
    case 'twin-missing':
    case 'name-unknown':
      return twinWords(fact)
    case 'component-missing':
      return `staging has no counterpart of the ${componentWords(fact.component)}`
    case 'component-extra':
      return `production has no counterpart of the ${componentWords(fact.component)} in staging`
    default:
      return `${typeWords(fact.type)}: ${differenceWords(fact)}`
  }
}

type Twin = Extract<ParityFact, { readonly kind: 'twin-missing' | 'name-unknown' }>

function twinWords(fact: Twin): string {
  const { stack, twin, known } = fact
  if (fact.kind === 'twin-missing') {
    const why = fact.listed
      ? `which the file names under stacks as the twin of ${quoted(stack)}`
      : 'and the file names no twin for it under stacks'
    return `staging has no stack ${quoted(twin)}, ${why}${guess(twin, known)}`
  }
  return fact.environment === 'production'
    ? `the file names ${quoted(stack)} under stacks, and production has no such stack${guess(stack, known)}`
    : `the file names ${quoted(twin)} under stacks as the twin of ${quoted(stack)}, and staging has no such stack${guess(twin, known)}`
}

/** Suggests only a name that can be shown as it is. */
function guess(name: string, candidates: readonly string[]): string {
  return didYouMean(
    name,
    candidates.filter((candidate) => quoted(candidate) === `"${candidate}"`),
  )
}

type Component = Pick<InventoryComponent, 'type' | 'name' | 'flavor'>

function componentWords({ type, name, flavor }: Component): string {
  return `${typeWords(type)} ${quoted(name)} (flavor ${quoted(flavor)})`
}

/** `artifact_store` as people say it. */
function typeWords(type: string): string {
  return short(type, LONGEST_NAME).replaceAll('_', ' ')
}

function differenceWords(fact: Extract<ParityFact, { readonly type: string }>): string {
  switch (fact.kind) {
    case 'flavor':
      return `flavor ${both(fact)}`
    case 'flavor-source':
      return `the custom flavor ${quoted(fact.flavor)} is ${both(fact)}`
    case 'integration':
      return `the integration of ${quoted(fact.flavor)} is ${both(fact)}`
    case 'connector-on-one-side': {
      const type = fact.connector === null ? '' : ` of type ${quoted(fact.connector)}`
      return `a service connector${type} is attached in ${fact.environment}, none in ${other(fact.environment)}`
    }
    case 'connector-type':
      return `the service connector is of type ${both(fact)}`
    case 'connector-not-read':
      return `the key may not read the service connector in ${fact.environment}, so its type was not compared`
    case 'configuration':
      return `only ${fact.environment} sets ${keyWords(fact.keys)} of ${quoted(fact.flavor)}`
  }
}

const other = (environment: Environment) => (environment === 'staging' ? 'production' : 'staging')

interface Both {
  readonly production: string | null
  readonly staging: string | null
}

function both({ production, staging }: Both): string {
  const name = (value: string | null) => (value === null ? 'none' : quoted(value))
  return `${name(production)} in production and ${name(staging)} in staging`
}

const MOST_KEYS = 10

function keyWords(keys: readonly string[]): string {
  const more = keys.length > MOST_KEYS ? ` and ${keys.length - MOST_KEYS} more` : ''
  return `${keys.slice(0, MOST_KEYS).map(quoted).join(', ')}${more}`
}

/** Says why the stacks were not compared, as the part of a sentence. */
export function notComparedWords(fact: NotComparedFact): string {
  switch (fact.kind) {
    case 'same-server':
      return 'both environments have the same server, so there is nothing to compare'
    case 'not-read-yet':
      return `check-stacks has not read the stacks of ${fact.environment} into this report directory`
    case 'result-unreadable':
      return `${fact.path} cannot be read: ${fact.error}`
    case 'result-damaged':
      return `${fact.path} is damaged, or was written by another version of zenml-upgrade`
    case 'read-failed':
      return `the stacks of ${fact.environment} could not be read on ${minute(fact.ended)}: ${firstOf(fact.summary, 300)}`
    case 'too-old':
      return `the stacks of ${fact.environment} were read on ${minute(fact.read)}, more than ${fact.hours} hours ago`
    case 'in-future':
      return `the stacks of ${fact.environment} were read on ${minute(fact.read)}, which is in the future by the clock of this machine`
    case 'other-target':
      return `the stacks of ${fact.environment} were read for ZenML ${fact.read}, not ${fact.asked}`
    case 'other-file':
      return `the stacks of ${fact.environment} were read for another configuration file than is checked out`
  }
}

/** `4 stacks mirrored`, `1 difference`. */
export function parityWords({ compared, differences }: ParityReport): string {
  if (differences > 0) return plural(differences, 'difference')
  return compared === 0 ? 'no stack in use' : `${plural(compared, 'stack')} mirrored`
}

/** The counts as a sentence that says of what. */
export function paritySummary(report: ParityReport): string {
  const unused = report['not-in-use']
  const left =
    unused === 0
      ? ''
      : `; ${plural(unused, 'stack')} of production not compared, because no named snapshot uses ${unused === 1 ? 'it' : 'them'}`
  const of =
    report.differences > 0
      ? ` between the two environments, ${plural(report.compared, 'stack')} compared`
      : ''
  return `${parityWords(report)}${of}${left}`
}

/** One line for a log. */
export function parityLine({ stack, message }: ParityFinding): string {
  return `${short(stack, LONGEST_NAME)}: ${message}`
}

const MOST_MESSAGES = 10

/** The first differences, for a check. */
export function parityMessages({ findings, differences }: ParityReport): string[] {
  const shown = findings
    .filter((finding) => !isNote(finding))
    .slice(0, MOST_MESSAGES)
    .map(parityLine)
  return [
    ...shown,
    ...(differences > shown.length ? [`and ${differences - shown.length} more`] : []),
  ]
}

export function findingsLeftOut(amount: number): string {
  return `${amount.toLocaleString('en')} more are not kept.`
}

/** Says how many stacks of one environment were read. */
export function stacksRead(environment: Environment, { stacks }: StackInventory): string {
  const used = stacks.filter((stack) => stack['in-use']).length
  return `${environment}: ${plural(stacks.length, 'stack')} read, ${used} in use by named snapshots`
}

/** Says when the other environment was read, whose key this run does not have. */
export function otherRead(environment: string, time: string): string {
  return `${environment} was read on ${minute(time)}`
}

const LET_READ = 'Let the service account read service connectors, on both servers'

export const PARITY_NEXT = {
  /** After stacks were read and not compared. */
  compare: (other: Environment) =>
    `Run check-stacks --environment ${other} with the key of that server and the same report directory: it compares.`,
  /** Before an upgrade that needs the stacks of the other environment. */
  readOther: (other: Environment) =>
    `Run check-stacks --environment ${other} with the key of that server and the same report directory, then run this again. In the workflow, give each GitHub environment a key of its own and the repository none, then re-run all jobs.`,
  noneInUse:
    'Nothing to do: no stack has to be mirrored while no named snapshot of production uses one.',
  letRead: `${LET_READ}.`,
  letReadAndRepeat: `${LET_READ}, then run this again.`,
  makeAlike: 'Make the stacks alike, or name the right twins under stacks: in the file.',
  correctAddresses: 'Correct the addresses of the two servers in the file.',
  repeat: 'Run it again.',
} as const
