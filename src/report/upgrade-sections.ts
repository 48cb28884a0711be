import type { Check } from '../result/common.ts'
import type { Result, ResultOf } from '../result/result.ts'
import { whatWasCompared } from '../result/compared.ts'
import type { UpgradeDetails } from '../result/upgrade.ts'
import { REASONS } from '../core/reasons.ts'
import { linesOf, plural, sentence, took } from '../core/text.ts'
import { markOf } from './mark.ts'
import { isPutOff } from './own-next.ts'
import { asEarlier, type Block, type Section, type Value } from './section.ts'
import {
  type Branches,
  checkCount,
  createdFrom,
  FACTS,
  failedAt,
  gateOpensAt,
  HEADERS,
  mergeBackFirst,
  NOTES,
  openedBy,
  serverDownFor,
  titled,
  TITLES,
} from './wording.ts'
import { stoppedWords } from './wording-stopped.ts'

type Upgrade = ResultOf<'upgrade-workspace'>

/**
 * What an upgrade tells beyond its cells of the table. Where it did nothing, `earlier` is the last
 * one that did something: how that ended is told too, and what the newer one does not tell of.
 */
export function upgradeSections(
  upgrade: Upgrade,
  earlier: Upgrade | undefined,
  onGithub = false,
): Section[] {
  const now = partsOf(upgrade, onGithub)
  if (earlier === undefined) return PART_NAMES.flatMap((part) => now[part])
  const before = partsOf(earlier, onGithub)
  return PART_NAMES.flatMap((part) => {
    const told = part === 'versions' ? [] : now[part]
    const isTold = told.length > 0 && part !== 'ending'
    return [...told, ...(isTold ? [] : asEarlier(before[part], earlier.ended))]
  })
}

const PART_NAMES = ['ending', 'notRestored', 'checks', 'phases', 'log', 'versions'] as const

function partsOf(
  upgrade: Upgrade,
  onGithub: boolean,
): Readonly<Record<(typeof PART_NAMES)[number], Section[]>> {
  const { details } = upgrade
  if (details === null)
    return { ending: [], notRestored: [], checks: [], phases: [], log: [], versions: [] }
  return {
    ending: ending(upgrade, details, onGithub),
    notRestored: notRestored(details),
    checks: checkSection(TITLES.preflight, details.checks),
    phases: phases(details),
    log: migrationLog(upgrade, details),
    versions: [versions(upgrade, details)],
  }
}

/** How an upgrade ended that went wrong or lost something. */
function ending(upgrade: Upgrade, details: UpgradeDetails, onGithub: boolean): Section[] {
  const blocks = lossBlocks(upgrade, details)
  if (upgrade['reason-code'] === 'deployed-before-backup') return [withoutWayBack(upgrade, blocks)]
  const isGood = upgrade.outcome === 'success' || upgrade.outcome === 'noop'
  if (isGood && blocks.length === 0) return []
  const summary = summarySection(TITLES.upgrade, upgrade, onGithub)
  // The record says of a loss that it is there again by the code of an upgrade without one.
  const title =
    upgrade['reason-code'] === 'upgraded' ? titled(TITLES.upgrade, NOTES.lossGone) : summary.title
  return [{ ...summary, title, blocks: [...summary.blocks, ...blocks] }]
}

/** A success that a person has to do something about. */
function withoutWayBack(upgrade: Upgrade, blocks: readonly Block[]): Section {
  const summary = summarySection(TITLES.upgrade, upgrade)
  return {
    title: titled(TITLES.upgrade, NOTES.noWayBack),
    failing: true,
    sign: 'warning',
    blocks: [...summary.blocks, text(sentence(upgrade.next)), ...blocks],
  }
}

/** What was, or would be, lost. */
function lossBlocks({ 'reason-code': code }: Upgrade, details: UpgradeDetails): Block[] {
  const written = details['written-since-backup']
  const rows = Object.entries(written ?? {})
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => ({ cells: [{ name }, amount.toLocaleString('en')], failing: true }))
  return [
    ...(rows.length > 0 ? [table(HEADERS.written, rows)] : []),
    ...(written === null && code === 'rollback-refused' ? [text(NOTES.notCounted)] : []),
    ...details.lost.map(({ message }) => text(sentence(message))),
  ]
}

/** What a restore left out: the tables are back, and a person has to do the rest. */
function notRestored(details: UpgradeDetails): Section[] {
  const leftOut = details['left-out'] ?? null
  if (leftOut === null) return []
  const rows = leftOut.objects.map(({ kind, name, reason }) => ({
    cells: [kind, { name }, reason],
    failing: true,
  }))
  const file: Block[] = leftOut.file === null ? [] : [text(createdFrom(leftOut.file))]
  return [
    {
      title: titled(TITLES.notRestored, plural(rows.length, 'object')),
      failing: true,
      sign: 'warning',
      blocks: [table(HEADERS.notRestored, rows), ...file],
    },
  ]
}

const WORST_CHECKS_FIRST = ['failed', 'warning', 'not-checked', 'passed'] as const

/** Checks before a change, failing ones first. */
export function checkSection(name: string, list: readonly Check[]): Section[] {
  if (list.length === 0) return []
  const amount = (status: string) => list.filter((check) => check.status === status).length
  const counts = WORST_CHECKS_FIRST.filter((status) => amount(status) > 0).map((status) =>
    checkCount(status, amount(status)),
  )
  const ordered = WORST_CHECKS_FIRST.flatMap((status) =>
    list.filter((check) => check.status === status),
  )
  const rows = ordered.map((check) => ({
    cells: [
      { name: check.name },
      check.status.replace('-', ' '),
      [check.message, check.next ?? '']
        .filter((part) => part !== '')
        .map(sentence)
        .join(' '),
    ],
    failing: check.status === 'failed',
  }))
  return [
    {
      title: titled(name, ...counts),
      failing: amount('failed') > 0,
      blocks: [table(HEADERS.checks, rows)],
    },
  ]
}

function phases({ phases: list, 'downtime-seconds': downtime }: UpgradeDetails): Section[] {
  if (list.length === 0) return []
  const rows = list.map((phase) => ({
    cells: [phase.name, phase.status, clock(phase.started), took(phase.seconds)],
    failing: phase.status === 'failed',
  }))
  const failed = list.find((phase) => phase.status === 'failed')
  return [
    {
      title: titled(
        TITLES.timeline,
        failed === undefined ? '' : failedAt(failed.name),
        serverDownFor(downtime),
      ),
      failing: failed !== undefined,
      blocks: [table(HEADERS.phases, rows)],
    },
  ]
}

function migrationLog(upgrade: Upgrade, details: UpgradeDetails): Section[] {
  const lines = details['migration-log']
  return lines.length === 0
    ? []
    : [
        {
          title: TITLES.migrationLog,
          failing: upgrade.outcome === 'failure',
          blocks: [{ kind: 'log', lines }],
        },
      ]
}

function versions(upgrade: Upgrade, details: UpgradeDetails): Section {
  const facts: [string, Value][] = [
    [FACTS.from, details['from-version']],
    [FACTS.to, details['to-version']],
    [FACTS.server, named(details['server-id'])],
    [FACTS.driver, { name: details.driver }],
    [FACTS.tool, upgrade.tool],
    ...(details.backup === null
      ? []
      : ([
          [FACTS.backup, { name: details.backup.id }],
          [FACTS.location, { name: details.backup.location }],
        ] satisfies [string, Value][])),
    ...(details.compared == null
      ? []
      : ([[FACTS.compared, whatWasCompared(details.compared)]] satisfies [string, Value][])),
  ]
  const kinds = [
    ...new Set([
      ...Object.keys(details.counts.before ?? {}),
      ...Object.keys(details.counts.after ?? {}),
    ]),
  ]
  const counts = kinds.map((kind) => {
    const [before, after] = [
      details.counts.before?.[kind] ?? null,
      details.counts.after?.[kind] ?? null,
    ]
    return {
      cells: [kind, before?.toLocaleString('en') ?? null, after?.toLocaleString('en') ?? null],
      failing: before !== null && after !== null && after < before,
    }
  })
  const blocks: Block[] = [
    table(
      HEADERS.facts,
      facts.map((cells) => ({ cells, failing: false })),
    ),
  ]
  if (counts.length > 0) blocks.push(table(HEADERS.counts, counts))
  return { title: TITLES.versions, failing: counts.some((row) => row.failing), blocks }
}

/** Why an environment waits, where a gate said so, or who opened it all the same. */
export function gateSections(gate: ResultOf<'promote'>): Section[] {
  const { reasons = [], override = null, 'opens-at': opensAt = null } = gate.details ?? {}
  const rows = reasons.map((reason) => ({
    cells: [{ name: reason['reason-code'] }, reason.message],
    failing: override === null,
  }))
  if (rows.length === 0) return []
  const blocks: Block[] = [
    ...(override === null ? [] : [text(openedBy(override))]),
    table(HEADERS.reasons, rows),
    ...(opensAt === null ? [] : [text(gateOpensAt(opensAt))]),
  ]
  const title =
    override === null
      ? titled(TITLES.gate, `closed for ${plural(rows.length, 'reason')}`)
      : titled(TITLES.gate, `opened by ${override.actor} against ${plural(rows.length, 'reason')}`)
  return [{ title, failing: gate.outcome !== 'success', sign: markOf(gate), blocks }]
}

/**
 * What people must know about the promotion pull request: the way back after a hotfix or a squash,
 * and the limits of the token.
 */
export function proposalSections(
  proposal: ResultOf<'promote'>,
  branches: Branches | undefined,
): Section[] {
  const { 'back-merge': commands = null, notes = [] } = proposal.details ?? {}
  const blocks: Block[] = notes.map(text)
  if (commands !== null) blocks.push({ kind: 'log', lines: commands })
  const failing = commands !== null || proposal.outcome === 'held'
  return blocks.length === 0
    ? []
    : [
        {
          title: titled(TITLES.promotion, commands === null ? '' : mergeBackFirst(branches)),
          failing,
          sign: 'warning',
          blocks,
        },
      ]
}

/**
 * The summary of a result under the words of its end; what it lists line by line stays a list. A next
 * step that does not lead the report is here.
 */
export function summarySection(part: string, result: Result, onGithub = false): Section {
  const [head = '', ...list] = linesOf(result.summary)
  const isGood = result.outcome === 'success' || result.outcome === 'noop'
  const isOwn = result.next !== REASONS[result['reason-code']].next
  return {
    title: titled(part, stoppedWords(result)),
    failing: !isGood,
    sign: markOf(result),
    blocks: [
      text(head.endsWith(':') ? head : sentence(head)),
      ...(list.length === 0 ? [] : [{ kind: 'log', lines: list } as const]),
      ...(!isGood && isOwn && isPutOff(result.next, onGithub) ? [text(result.next)] : []),
    ],
  }
}

const text = (content: string): Block => ({ kind: 'text', text: content })
const named = (name: string | null): Value => (name === null ? null : { name })
const clock = (time: string) => new Date(time).toISOString().slice(11, 19)
const table = (
  header: readonly string[],
  rows: Extract<Block, { kind: 'table' }>['rows'],
): Block => ({ kind: 'table', header, rows })
