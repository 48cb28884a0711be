import type { Check } from '../result/common.ts'
import type { Result, ResultOf } from '../result/result.ts'
import { whatWasCompared } from '../result/compared.ts'
import type { UpgradeDetails } from '../result/upgrade.ts'
import { linesOf, minute, plural, sentence, took } from '../core/text.ts'
import { asEarlier, type Block, type Section, type Value } from './section.ts'

type Upgrade = ResultOf<'upgrade-workspace'>

/**
 * What an upgrade tells beyond its cells of the table. Where it did nothing, `earlier` is the last
 * one that did something; what both tell of is told by the newer one.
 */
export function upgradeSections(upgrade: Upgrade, earlier: Upgrade | undefined): Section[] {
  const now = partsOf(upgrade)
  if (earlier === undefined) return PART_NAMES.flatMap((part) => now[part])
  const before = partsOf(earlier)
  return PART_NAMES.flatMap((part) =>
    now[part].length > 0 && part !== 'versions'
      ? now[part]
      : asEarlier(before[part], earlier.ended),
  )
}

const PART_NAMES = ['loss', 'notRestored', 'checks', 'phases', 'log', 'versions'] as const

function partsOf(upgrade: Upgrade): Record<(typeof PART_NAMES)[number], Section[]> {
  const { details } = upgrade
  if (details === null)
    return { loss: [], notRestored: [], checks: [], phases: [], log: [], versions: [] }
  return {
    loss: loss(upgrade, details),
    notRestored: notRestored(details),
    checks: checkSection('preflight checks', details.checks),
    phases: phases(details),
    log: migrationLog(upgrade, details),
    versions: [versions(upgrade, details)],
  }
}

function loss(upgrade: Upgrade, details: UpgradeDetails): Section[] {
  const written = details['written-since-backup']
  const rows = Object.entries(written ?? {}).filter(([, amount]) => amount > 0)
  const refused = upgrade['reason-code'] === 'rollback-refused'
  if (rows.length === 0 && details.lost.length === 0 && !refused) return []
  const total = rows.reduce((sum, [, amount]) => sum + amount, 0)
  const blocks: Block[] = []
  if (rows.length > 0)
    blocks.push(
      table(
        ['Table', 'Rows written since the backup'],
        rows.map(([name, amount]) => ({
          cells: [{ name }, amount.toLocaleString('en')],
          failing: true,
        })),
      ),
    )
  else if (refused && written === null)
    blocks.push({ kind: 'text', text: 'What was written since the backup could not be counted.' })
  blocks.push(...details.lost.map(({ message }): Block => ({ kind: 'text', text: message })))
  const isResolved = upgrade.outcome === 'success'
  if (isResolved) blocks.unshift({ kind: 'text', text: upgrade.summary })
  const lost =
    details.lost.length > 0 && rows.length === 0
      ? `${lossTitle(upgrade)}, ${plural(details.lost.length, 'kind')}`
      : 'what going back would lose'
  return [
    {
      title: `${lost}${total > 0 ? `, ${plural(total, 'row')}` : ''}`,
      failing: !isResolved,
      blocks,
    },
  ]
}

/** The record knows what became of a loss later. */
function lossTitle({ 'reason-code': code }: Upgrade): string {
  if (code === 'loss-acknowledged') return 'acknowledged loss'
  return code === 'upgraded' ? 'what was missing and is there again' : 'what is missing'
}

/** What a restore left out: the tables are back, and a person has to do the rest. */
function notRestored(details: UpgradeDetails): Section[] {
  const leftOut = details['left-out'] ?? null
  if (leftOut === null) return []
  const rows = leftOut.objects.map(({ kind, name, reason }) => ({
    cells: [kind, { name }, reason],
    failing: true,
  }))
  const file: Block[] =
    leftOut.file === null
      ? []
      : [{ kind: 'text', text: `A user with more rights can create them from ${leftOut.file}.` }]
  return [
    {
      title: `not restored, ${plural(rows.length, 'object')}`,
      failing: true,
      sign: 'warning',
      blocks: [table(['Kind', 'Name', 'Reason'], rows), ...file],
    },
  ]
}

/** Checks before a change, failing ones first. */
export function checkSection(name: string, list: readonly Check[]): Section[] {
  if (list.length === 0) return []
  const amount = (status: string) => list.filter((check) => check.status === status).length
  const words = [
    ['failed', 'failed'],
    ['warning', 'warned'],
    ['not-checked', 'not checked'],
    ['passed', 'passed'],
  ] as const
  const counts = words
    .filter(([status]) => amount(status) > 0)
    .map(([status, word]) => `${amount(status)} ${word}`)
  const ordered = words.flatMap(([status]) => list.filter((check) => check.status === status))
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
      title: `${name}, ${counts.join(', ')}`,
      failing: amount('failed') > 0,
      blocks: [table(['Check', 'Result', 'What was found'], rows)],
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
  const down = downtime === null ? '' : `, server down for ${took(downtime)}`
  return [
    {
      title: `timeline${failed === undefined ? '' : `, failed at ${failed.name}`}${down}`,
      failing: failed !== undefined,
      blocks: [table(['Phase', 'Result', 'Began (UTC)', 'Took'], rows)],
    },
  ]
}

function migrationLog(upgrade: Upgrade, details: UpgradeDetails): Section[] {
  const lines = details['migration-log']
  return lines.length === 0
    ? []
    : [
        {
          title: 'end of the migration log',
          failing: upgrade.outcome === 'failure',
          blocks: [{ kind: 'log', lines }],
        },
      ]
}

function versions(upgrade: Upgrade, details: UpgradeDetails): Section {
  const facts: [string, Value][] = [
    ['Version before', details['from-version']],
    ['Version asked for', details['to-version']],
    ['Server id', named(details['server-id'])],
    ['Driver', { name: details.driver }],
    ['Tool', upgrade.tool],
    ...(details.backup === null
      ? []
      : ([
          ['Backup', { name: details.backup.id }],
          ['Where the backup is', { name: details.backup.location }],
        ] satisfies [string, Value][])),
    ...(details.compared == null
      ? []
      : ([['What was compared', whatWasCompared(details.compared)]] satisfies [string, Value][])),
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
      ['What', 'Value'],
      facts.map((cells) => ({ cells, failing: false })),
    ),
  ]
  if (counts.length > 0) blocks.push(table(['Kind', 'Before', 'After'], counts))
  return { title: 'versions and counts', failing: counts.some((row) => row.failing), blocks }
}

/** Why an environment waits, where a gate said so, or who opened it all the same. */
export function gateSections(gate: ResultOf<'promote'>): Section[] {
  const { reasons = [], override = null, 'opens-at': opensAt = null } = gate.details ?? {}
  const rows = reasons.map((reason) => ({
    cells: [{ name: reason['reason-code'] }, reason.message],
    failing: override === null,
  }))
  if (rows.length === 0) return []
  const blocks: Block[] = [table(['Reason', 'What was found'], rows)]
  if (override !== null)
    blocks.unshift({
      kind: 'text',
      text: `Opened by ${override.actor}: ${sentence(override.reason)}`,
    })
  if (opensAt !== null)
    blocks.push({
      kind: 'text',
      text: `It opens by itself at ${minute(opensAt)}.`,
    })
  const title =
    override === null
      ? `gate, ${plural(rows.length, 'reason')} to wait`
      : `gate, opened by ${override.actor} against ${plural(rows.length, 'reason')}`
  return [{ title, failing: gate.outcome !== 'success', blocks }]
}

/**
 * What people must know about the promotion pull request: the way back after a hotfix or a squash,
 * and the limits of the token.
 */
export function proposalSections(proposal: ResultOf<'promote'>): Section[] {
  const { 'back-merge': commands = null, notes = [] } = proposal.details ?? {}
  const blocks: Block[] = notes.map((text) => ({ kind: 'text', text }))
  if (commands !== null) blocks.push({ kind: 'log', lines: commands })
  const failing = commands !== null || proposal.outcome === 'held'
  return blocks.length === 0
    ? []
    : [
        {
          title: `promotion, ${commands === null ? 'what to know' : 'a branch must be merged back'}`,
          failing,
          blocks,
        },
      ]
}

/** A result without details still has something to say; what it lists line by line stays a list. */
export function bareSection({ command, outcome, summary, details }: Result): Section[] {
  if (details !== null) return []
  const [head = '', ...list] = linesOf(summary)
  const blocks: Block[] = [
    { kind: 'text', text: head },
    ...(list.length === 0 ? [] : [{ kind: 'log', lines: list } as const]),
  ]
  return [{ title: command, failing: outcome !== 'success' && outcome !== 'noop', blocks }]
}

const named = (name: string | null): Value => (name === null ? null : { name })
const clock = (time: string) => new Date(time).toISOString().slice(11, 19)
const table = (
  header: readonly string[],
  rows: Extract<Block, { kind: 'table' }>['rows'],
): Block => ({ kind: 'table', header, rows })
