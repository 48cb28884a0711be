import { isBad, type SnapshotEvidence, type SnapshotFact } from './snapshot-evidence.ts'
import { countBuilds, describeBuilds } from '../result/build-counts.ts'
import type { ResultOf } from '../result/result.ts'
import type { RunReport } from '../result/run.ts'
import type { SnapshotReport } from '../result/snapshots.ts'
import { countTests, type SuiteReport } from '../result/smoke.ts'
import { capitalised, partOf, plural, sentence, took } from '../core/text.ts'
import { HEADERS, measuredOn, suiteSummary, testsLeftOut, titled, TITLES } from './wording.ts'
import { badCounts, CELLS, snapshotCounts } from './wording-cells.ts'
import { codeWords } from './wording-stopped.ts'
import { failingFirst, type Block, type Section, type Value } from './section.ts'

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
  return [...countedSnapshots(evidence), ...goneSnapshots(evidence)]
}

function countedSnapshots({ snapshots, missingShards, since }: SnapshotEvidence): Section[] {
  if (snapshots.length === 0 && missingShards.length === 0) return []
  const failing = snapshots.some(isBad) || missingShards.length > 0
  const missing: Block[] =
    missingShards.length === 0
      ? []
      : [{ kind: 'text', text: sentence(capitalised(CELLS.missingShards(missingShards))) }]
  return [
    {
      title: titled(TITLES.snapshots, snapshotCounts(snapshots)),
      failing,
      since,
      blocks: [
        ...missing,
        ...buildsText(snapshots),
        snapshotTable(snapshots, since),
        ...failedLogs(snapshots),
      ],
    },
  ]
}

function buildsText(snapshots: readonly SnapshotFact[]): Block[] {
  const builds = describeBuilds(countBuilds(snapshots))
  return builds === undefined ? [] : [{ kind: 'text', text: sentence(builds) }]
}

/** Logs below the table; a snapshot that shares the failure of another one has none. */
const MOST_LOGS = 5

function failedLogs(snapshots: readonly SnapshotFact[]): Block[] {
  return snapshots
    .filter((snapshot) => isBad(snapshot) && (snapshot['log-tail'] ?? []).length > 0)
    .slice(0, MOST_LOGS)
    .flatMap((snapshot) => [
      { kind: 'text', text: `The last lines of the log of ${snapshot.name}:` },
      { kind: 'log', lines: snapshot['log-tail'] ?? [] },
    ])
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
      : `Not checked: ${snapshot['not-checked'].join(', ')}.`
  const code = snapshot['code-changed'] === null ? '' : `Code changed: ${snapshot['code-changed']}.`
  const time = since === undefined ? '' : measuredOn(since)
  return [snapshot.message ?? '', run, snapshot.next ?? '', code, unchecked, time]
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
