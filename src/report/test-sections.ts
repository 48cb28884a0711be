import { dependentSections } from './dependent-sections.ts'
import { isBad, type SnapshotEvidence, type SnapshotFact } from './snapshot-evidence.ts'
import { countBuilds, describeBuilds } from '../result/build-counts.ts'
import type { ResultOf } from '../result/result.ts'
import type { RunReport } from '../result/run.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import { countTests, type SuiteReport } from '../result/smoke.ts'
import { capitalised, partOf, plural, sentence, took } from '../core/text.ts'
import {
  HEADERS,
  logOf,
  logsLeftOut,
  measuredOn,
  RUNS_NOTHING,
  suiteSummary,
  testsLeftOut,
  titled,
  TITLES,
  willRun,
} from './wording.ts'
import { badCounts, CELLS, snapshotCounts } from './wording-cells.ts'
import { codeWords } from './wording-stopped.ts'
import { failingFirst, type Block, type Section, type Value } from './section.ts'

/** Logs of a section: a comment has no room for more. */
const MOST_LOGS = 10

export function smokeSections(smoke: ResultOf<'run-smoke-suite'>): Section[] {
  return (smoke.details?.suites ?? []).map((suite) => {
    const failing = suite['reason-code'] !== 'smoke-passed'
    const { failed, total } = suite.counts ?? countTests(suite.tests)
    const counts =
      failed > 0
        ? `${partOf(failed, total, 'tests')} failed`
        : failing
          ? codeWords(suite['reason-code'])
          : plural(total, 'test')
    return {
      title: titled(`${TITLES.smoke} of ${suite.source}`, counts),
      failing,
      blocks: suiteBlocks(suite, failing),
    }
  })
}

function suiteBlocks(suite: SuiteReport, failing: boolean): Block[] {
  const blocks: Block[] = [{ kind: 'text', text: suiteSummary(suite) }]
  if (suite.tests.length > 0) {
    const rows = suite.tests.map((test) => ({
      cells: [{ name: test.name }, test.status, measured(test.seconds), test.message ?? ''],
      failing: test.status === 'failed',
    }))
    blocks.push({
      kind: 'table',
      header: HEADERS.tests,
      rows: failingFirst(rows),
    })
    const left = (suite.counts?.total ?? 0) - suite.tests.length
    if (left > 0) blocks.push({ kind: 'text', text: testsLeftOut(left) })
  }
  if (suite.runs.length > 0) {
    const rows = suite.runs.map((run) => ({
      cells: [runName(run), run.status, run['zenml-version'], cached(run), runTrouble(run)],
      failing: run.status === 'failed',
    }))
    blocks.push({
      kind: 'table',
      header: HEADERS.runs,
      rows: failingFirst(rows),
    })
  }
  if (failing && suite['log-tail'].length > 0)
    blocks.push({ kind: 'log', lines: suite['log-tail'] })
  return blocks
}

const measured = (seconds: number | null): Value => (seconds === null ? null : took(seconds))

export function snapshotSections(evidence: SnapshotEvidence): Section[] {
  return [...countedSnapshots(evidence), ...dependentSections(evidence), ...goneSnapshots(evidence)]
}

function countedSnapshots({
  snapshots,
  missingShards,
  shardGaps,
  since,
}: SnapshotEvidence): Section[] {
  if (snapshots.length === 0 && missingShards.length === 0) return []
  const gaps = [
    ...(missingShards.length === 0 ? [] : [CELLS.missingShards(missingShards)]),
    ...shardGaps,
  ]
  const failing = snapshots.some(isBad) || gaps.length > 0
  const missing = gaps.map((text): Block => ({ kind: 'text', text: sentence(capitalised(text)) }))
  return [
    {
      title: titled(TITLES.snapshots, snapshotCounts(snapshots)),
      failing,
      since,
      blocks: [
        ...missing,
        ...buildsText(snapshots),
        snapshotTable(snapshots, since),
        ...runsNothing(snapshots),
        ...logBlocks(snapshots),
      ],
    },
  ]
}

function buildsText(snapshots: readonly SnapshotFact[]): Block[] {
  const builds = describeBuilds(countBuilds(snapshots))
  return builds === undefined ? [] : [{ kind: 'text', text: sentence(builds) }]
}

/** Says of a plan that it runs no snapshot. */
function runsNothing(snapshots: readonly SnapshotFact[]): Block[] {
  const planned = snapshots.flatMap(({ 'will-run': run }) => (run === undefined ? [] : [run]))
  return planned.length > 0 && planned.every((run) => run === null)
    ? [{ kind: 'text', text: RUNS_NOTHING }]
    : []
}

/** The last lines of what failed, of some: the others are in the result file. */
function logBlocks(snapshots: readonly SnapshotFact[]): Block[] {
  const logged = snapshots.flatMap((snapshot) => {
    const lines = snapshot['log-tail'] ?? []
    return isBad(snapshot) && lines.length > 0 ? [{ snapshot, lines }] : []
  })
  const left = logged.length - MOST_LOGS
  return [
    ...logged.slice(0, MOST_LOGS).flatMap(({ snapshot, lines }): Block[] => [
      { kind: 'text', text: logOf(snapshot) },
      { kind: 'log', lines },
    ]),
    ...(left > 0 ? [{ kind: 'text', text: logsLeftOut(left) } as const] : []),
  ]
}

/** What an earlier run missed and the newest one did not look for: to read, and no verdict. */
function goneSnapshots({ gone }: SnapshotEvidence): Section[] {
  if (gone.length === 0) return []
  const since = gone
    .map((snapshot) => snapshot.since)
    .sort()
    .at(-1)
  const title = titled(TITLES.goneSnapshots, badCounts(gone))
  return [{ title, failing: false, since, blocks: [snapshotTable(gone, since)] }]
}

function snapshotTable(snapshots: readonly SnapshotFact[], since: string | undefined): Block {
  const rows = snapshots.map((snapshot) => ({
    cells: [
      { name: snapshot.name },
      { name: `${snapshot.project}/${snapshot.pipeline}` },
      status(snapshot),
      versions(snapshot),
      snapshot.run === null ? '' : runName(snapshot.run),
      trouble(snapshot, since === undefined ? snapshot.since : undefined),
    ],
    failing: isBad(snapshot),
  }))
  return { kind: 'table', header: HEADERS.snapshots, rows: failingFirst(rows) }
}

function versions(snapshot: SnapshotReport): string {
  return snapshot['version-after'] === null
    ? snapshot['version-before']
    : `${snapshot['version-before']} → ${snapshot['version-after']}`
}

function status(snapshot: SnapshotReport): string {
  return snapshot['failed-at'] === null ? snapshot.status : `failed at ${snapshot['failed-at']}`
}

/** What is wrong, what to do, what success does not cover, and since when that is known. */
function trouble(snapshot: SnapshotFact, since: string | undefined): string {
  const run = snapshot.run === null ? '' : runTrouble(snapshot.run)
  const unchecked =
    snapshot['not-checked'].length === 0
      ? ''
      : `Not checked: ${snapshot['not-checked'].map(sentence).join(' ')}`
  const code = snapshot['code-changed'] === null ? '' : `Code changed: ${snapshot['code-changed']}.`
  const time = since === undefined ? '' : measuredOn(since)
  const planned = snapshot['will-run'] == null ? '' : willRun(snapshot['will-run'])
  const warnings = snapshot.warnings ?? []
  return [
    snapshot.message ?? '',
    run,
    snapshot.next ?? '',
    planned,
    code,
    ...warnings,
    unchecked,
    time,
  ]
    .filter((part) => part !== '')
    .map(sentence)
    .join(' ')
}

function runTrouble(run: RunReport): string {
  const step = run['failed-step'] === null ? '' : `Step ${run['failed-step']} failed.`
  return [step, run.exception ?? '']
    .filter((part) => part !== '')
    .map(sentence)
    .join(' ')
}

const cached = (run: RunReport): Value =>
  run['all-cached'] === null ? null : run['all-cached'] ? 'all steps' : 'no'
const runName = (run: RunReport): Value =>
  run.url === null ? { name: run.name } : { label: run.name, url: run.url }
