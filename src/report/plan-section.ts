import type { PlanDetails, PlannedSnapshot } from '../result/plan.ts'
import type { Result, ResultOf } from '../result/result.ts'
import { plural } from '../core/text.ts'
import { isOfWork } from './evidence.ts'
import { markOf } from './mark.ts'
import { failingFirst, type Row, type Section, type Value } from './section.ts'
import { summarySection } from './summary-section.ts'
import { checkSection } from './upgrade-sections.ts'
import { FACTS, HEADERS, NOTES, suiteTitle, titled, TITLES } from './wording.ts'
import { plannedSnapshotWords, plannedWork, recordedOn, snapshotsOn } from './wording-plan.ts'

type PlanResult = ResultOf<'plan'>

/** What a merge would do: the newest plan of each environment that no work is newer than. */
export function plansOf(results: readonly Result[]): PlanResult[] {
  const plans = results
    .filter((result): result is PlanResult => result.command === 'plan')
    .sort((a, b) => Date.parse(a.ended) - Date.parse(b.ended))
  return plans.filter(
    (plan, index) =>
      !plans.slice(index + 1).some(({ environment }) => environment === plan.environment) &&
      !results.some((result) => isOfWork(result) && isNewer(result, plan)),
  )
}

function isNewer(result: Result, { environment, ended }: PlanResult): boolean {
  return (
    result.environment === environment &&
    result.command !== 'plan' &&
    Date.parse(result.ended) > Date.parse(ended)
  )
}

export function planSections(plan: PlanResult): Section[] {
  const { details } = plan
  if (details === null) return [summarySection(TITLES.planChecks, plan)]
  return [
    ...snapshots(details),
    ...checkSection(TITLES.planChecks, details.checks).map(openWarnings(plan, details)),
    ...changes(details),
    ...breaks(details),
    facts(details),
  ]
}

/** A warning of a plan is read before the merge; what stops it has the mark of its headline. */
const openWarnings =
  (plan: PlanResult, { checks }: PlanDetails) =>
  (section: Section): Section => {
    if (section.failing) return { ...section, sign: markOf(plan) }
    return checks.some(({ status }) => status === 'warning')
      ? { ...section, failing: true, sign: 'warning' }
      : section
  }

function snapshots({ snapshots: list, inventory }: PlanDetails): Section[] {
  if (list === null) {
    const text =
      inventory?.count == null
        ? NOTES.noSnapshots
        : snapshotsOn(inventory.count, inventory.recorded)
    return [
      {
        title: titled(TITLES.planSnapshots, 'not known yet'),
        failing: false,
        blocks: [{ kind: 'text', text }],
      },
    ]
  }
  const rows: Row[] = list.map((snapshot) => ({
    cells: [
      { name: snapshot.name },
      { name: `${snapshot.project}/${snapshot.pipeline}` },
      snapshot['version-before'],
      plannedWork(snapshot),
      withWhat(snapshot),
    ],
    failing: snapshot.status === 'failed',
  }))
  return [
    {
      title: titled(
        TITLES.planSnapshots,
        ...plannedSnapshotWords({ snapshots: list, inventory }),
        inventory === null ? '' : recordedOn(inventory.recorded),
      ),
      failing: rows.some((row) => row.failing),
      blocks: [
        {
          kind: 'table',
          header: HEADERS.planned,
          rows: failingFirst(rows),
        },
      ],
    },
  ]
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
          title: titled(TITLES.planChanges, plural(rows.length, 'value')),
          failing: false,
          blocks: [{ kind: 'table', header: HEADERS.changes, rows }],
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
          title: titled(TITLES.planBreaks, `breaking changes in ${plural(rows.length, 'version')}`),
          failing: true,
          sign: 'warning',
          blocks: [{ kind: 'table', header: HEADERS.breaks, rows }],
        },
      ]
}

function facts(details: PlanDetails): Section {
  const rows: [string, Value][] = [
    [FACTS.live, details['live-version']],
    [FACTS.baseFile, details['base-version'] ?? FACTS.noFile],
    [FACTS.file, details['target-version']],
    [FACTS.deployedBy, { name: details.driver }],
    [FACTS.backedUpBy, details.backup === null ? FACTS.noBackup : { name: details.backup }],
    ...details.suites.map(({ source, command }): [string, Value] => [
      suiteTitle(source),
      { name: command },
    ]),
  ]
  return {
    title: TITLES.planFacts,
    failing: false,
    blocks: [
      {
        kind: 'table',
        header: HEADERS.facts,
        rows: rows.map((cells) => ({ cells, failing: false })),
      },
    ],
  }
}
