import { wentWell } from '../core/outcomes.ts'
import { plural, sentence, took } from '../core/text.ts'
import type { Check } from '../result/common.ts'
import { whatWasCompared } from '../result/compared.ts'
import type { ResultOf } from '../result/result.ts'
import type { UpgradeDetails } from '../result/upgrade.ts'
import {
  asEarlier,
  tableBlock,
  textBlock,
  type Block,
  type Section,
  type Value,
} from './section.ts'
import { summarySection } from './summary-section.ts'
import {
  checkCount,
  createdFrom,
  FACTS,
  failedAt,
  HEADERS,
  NOTES,
  serverDownFor,
  titled,
  TITLES,
} from './wording.ts'

type Upgrade = ResultOf<'upgrade-workspace'>

/**
 * Returns what an upgrade says beyond its cells of the table. Where it did nothing, `earlier` is the
 * last one that did something: shows how that ended too, and what the newer one does not say.
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
    const shown = part === 'versions' ? [] : now[part]
    const isShown = shown.length > 0 && part !== 'ending'
    return [...shown, ...(isShown ? [] : asEarlier(before[part], earlier.ended))]
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
  if (wentWell(upgrade.outcome) && blocks.length === 0) return []
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
    blocks: [...summary.blocks, textBlock(sentence(upgrade.next)), ...blocks],
  }
}

/** What was, or would be, lost. */
function lossBlocks({ 'reason-code': code }: Upgrade, details: UpgradeDetails): Block[] {
  const written = details['written-since-backup']
  const rows = Object.entries(written ?? {})
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => ({ cells: [{ name }, amount.toLocaleString('en')], failing: true }))
  return [
    ...(rows.length > 0 ? [tableBlock(HEADERS.written, rows)] : []),
    ...(written === null && code === 'rollback-refused' ? [textBlock(NOTES.notCounted)] : []),
    ...details.lost.map(({ message }) => textBlock(sentence(message))),
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
  const file: Block[] = leftOut.file === null ? [] : [textBlock(createdFrom(leftOut.file))]
  return [
    {
      title: titled(TITLES.notRestored, plural(rows.length, 'object')),
      failing: true,
      sign: 'warning',
      blocks: [tableBlock(HEADERS.notRestored, rows), ...file],
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
      blocks: [tableBlock(HEADERS.checks, rows)],
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
      blocks: [tableBlock(HEADERS.phases, rows)],
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
    tableBlock(
      HEADERS.facts,
      facts.map((cells) => ({ cells, failing: false })),
    ),
  ]
  if (counts.length > 0) blocks.push(tableBlock(HEADERS.counts, counts))
  return { title: TITLES.versions, failing: counts.some((row) => row.failing), blocks }
}

const named = (name: string | null): Value => (name === null ? null : { name })
const clock = (time: string) => new Date(time).toISOString().slice(11, 19)
