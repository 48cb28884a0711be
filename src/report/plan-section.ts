import type { PlanDetails, PlannedSnapshot } from '../result/plan.ts'
import type { Result, ResultOf } from '../result/result.ts'
import { plural } from '../core/text.ts'
import { failingFirst, type Row, type Section, type Value } from './section.ts'
import { bareSection, checkSection } from './upgrade-sections.ts'

type PlanResult = ResultOf<'plan'>

/** What a merge would do: the newest plan of each environment. */
export function plansOf(results: readonly Result[]): PlanResult[] {
  const plans = results
    .filter((result): result is PlanResult => result.command === 'plan')
    .sort((a, b) => Date.parse(a.ended) - Date.parse(b.ended))
  return plans.filter(
    (plan, index) =>
      !plans.slice(index + 1).some(({ environment }) => environment === plan.environment),
  )
}

export function planSections(plan: PlanResult): Section[] {
  const { details } = plan
  if (details === null) return bareSection(plan)
  return [
    ...checkSection('checks of the plan', details.checks),
    ...snapshots(details),
    ...changes(details),
    ...breaks(details),
    facts(details),
  ]
}

function snapshots({ snapshots: list, inventory }: PlanDetails): Section[] {
  if (list === null) {
    const text =
      inventory?.count == null
        ? 'No snapshot of this environment is recorded yet; the first run finds them.'
        : `${plural(inventory.count, 'snapshot')} were there on ${day(inventory.recorded)}; which, is not recorded.`
    return [{ title: 'snapshots, not known yet', failing: false, blocks: [{ kind: 'text', text }] }]
  }
  const [rebuilt, executed] = [
    list.filter(({ rebuild }) => rebuild !== false).length,
    list.filter(({ execute }) => execute).length,
  ]
  const rows: Row[] = list.map((snapshot) => ({
    cells: [
      { name: snapshot.name },
      { name: `${snapshot.project}/${snapshot.pipeline}` },
      snapshot['version-before'],
      work(snapshot),
      withWhat(snapshot),
    ],
    failing: snapshot.status === 'failed',
  }))
  return [
    {
      title: `snapshots, ${rebuilt} of ${list.length} to rebuild, ${executed} to run${inventory === null ? '' : `, as recorded on ${day(inventory.recorded)}`}`,
      failing: rows.some((row) => row.failing),
      blocks: [
        {
          kind: 'table',
          header: ['Snapshot', 'Project and pipeline', 'ZenML', 'What happens', 'How it is run'],
          rows: failingFirst(rows),
        },
      ],
    },
  ]
}

function work({ rebuild, execute, message }: PlannedSnapshot): string {
  if (message !== null) return message
  const first =
    rebuild === null
      ? 'rebuilt if it carries another version'
      : rebuild
        ? 'rebuilt'
        : 'already current'
  return execute ? `${first}, run` : first
}

function withWhat({ execute, parameters, steps, config }: PlannedSnapshot): Value {
  if (!execute) return config === null ? '' : `configuration ${config}`
  const parts = [
    ...(config === null ? [] : [`configuration ${config}`]),
    ...(parameters === null ? [] : [`parameters ${JSON.stringify(parameters)}`]),
    ...(steps === null ? [] : [`steps ${JSON.stringify(steps)}`]),
  ]
  return parts.join(', ') || 'as recorded'
}

function changes({ changes: list }: PlanDetails): Section[] {
  const named = (value: string | null): Value => (value === null ? '' : { name: value })
  const rows = list.map(({ path, before, after }) => ({
    cells: [{ name: path }, named(before), named(after)],
    failing: false,
  }))
  return rows.length === 0
    ? []
    : [
        {
          title: `changes of the file, ${plural(rows.length, 'value')}`,
          failing: false,
          blocks: [{ kind: 'table', header: ['Where', 'Before', 'After'], rows }],
        },
      ]
}

function breaks({ breaks: list }: PlanDetails): Section[] {
  const rows = list.map(({ version, sentence, source }) => ({
    cells: [{ label: version, url: source }, sentence],
    failing: false,
  }))
  return rows.length === 0
    ? []
    : [
        {
          title: `what ZenML's release notes say on the way, ${plural(rows.length, 'version')}`,
          failing: false,
          blocks: [{ kind: 'table', header: ['Version', 'What changes'], rows }],
        },
      ]
}

function facts(details: PlanDetails): Section {
  const rows: [string, Value][] = [
    ['The server reports', details['live-version']],
    ['The file of the branch says', details['base-version'] ?? 'there is no file yet'],
    ['This file says', details['target-version']],
    ['Deployed by', { name: details.driver }],
    ['Backed up by', details.backup === null ? 'nothing' : { name: details.backup }],
    ...details.suites.map(({ source, command }): [string, Value] => [
      `Smoke suite${source === null ? '' : ` of ${source}`}`,
      { name: command },
    ]),
  ]
  return {
    title: 'versions and settings',
    failing: false,
    blocks: [
      {
        kind: 'table',
        header: ['What', 'Value'],
        rows: rows.map((cells) => ({ cells, failing: false })),
      },
    ],
  }
}

const day = (time: string) => new Date(time).toISOString().slice(0, 10)
