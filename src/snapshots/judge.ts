import { countBuilds, describeBuilds } from '../result/build-counts.ts'
import type { SnapshotReport, SnapshotsDetails, TemplateReport } from '../result/snapshots.ts'
import { partOf, plural } from '../core/text.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { SNAPSHOTS_SINCE } from './discovered.ts'
import type { Policy } from './join-deployments.ts'

export type Mode = SnapshotsDetails['mode']

export interface Verdict {
  readonly code: ReasonCode
  readonly summary: string
  readonly next: string | null
}

type Status = SnapshotReport['status']

/** Names in a sentence; the result has them all. */
const NAMED = 5

interface About {
  readonly target: string
  /** null: the server is too old to have snapshots. */
  readonly discovered: number | null
  /** How many snapshots an earlier record says there are; null when none does. */
  readonly baseline: number | null
  readonly templates?: SnapshotsDetails['templates']
  readonly deployments?: SnapshotsDetails['deployments']
  /** What the file wants to be done with deployments. */
  readonly policy: Policy
}

/** Judges what the reports of a mode mean together. Pure. */
export function judge(mode: Mode, reports: readonly SnapshotReport[], about: About): Verdict {
  return (
    lostVerdict(reports, about) ??
    failedVerdict(mode, reports, about) ??
    failedDeployments(about) ??
    unlistedDeployments(mode, about) ??
    withOldDeployments(
      mode,
      doneVerdict(mode, reports, about) ?? nothingToDo(mode, reports, about),
      about,
    )
  )
}

function withStatus(reports: readonly SnapshotReport[], status: Status): SnapshotReport[] {
  return reports.filter((report) => report.status === status)
}

function lostVerdict(
  reports: readonly SnapshotReport[],
  { discovered, baseline }: About,
): Verdict | undefined {
  const lost = withStatus(reports, 'lost')
  if (discovered === 0 && (baseline ?? 0) > 0) {
    return {
      code: 'snapshots-lost',
      summary: `The server has no named snapshot; an earlier record says there were ${baseline ?? 0}.`,
      next: 'Check `projects` and what the key can see; else restore the backup.',
    }
  }
  if (lost.length === 0) return undefined
  return {
    code: 'snapshots-lost',
    summary: `${count(lost.length)} gone: ${named(lost)}.`,
    next: 'Find out who deleted or renamed them while this ran; create them again.',
  }
}

function failedVerdict(
  mode: Mode,
  reports: readonly SnapshotReport[],
  { target }: About,
): Verdict | undefined {
  const failures = withStatus(reports, 'failed')
  if (failures.length === 0) return undefined
  const some = partOf(
    failures.length,
    reports.length - withStatus(reports, 'excluded').length,
    'snapshots',
  )
  return {
    code: 'snapshots-failed',
    summary: `${some} ${whatFailed(mode, failures, target)}: ${named(failures)}.`,
    next: failures[0]?.next ?? null,
  }
}

function whatFailed(mode: Mode, failures: readonly SnapshotReport[], target: string): string {
  const inRun = failures.filter((report) => report['failed-at'] === 'execute').length
  const notRebuilt = failures.length - inRun
  if (mode === 'all' && inRun > 0 && notRebuilt > 0)
    return `failed with ZenML ${target}, ${notRebuilt} at the rebuild and ${inRun} in the run`
  return mode === 'execute' || inRun > 0
    ? `could not run to the end with ZenML ${target}`
    : `could not be rebuilt with ZenML ${target}`
}

function failedDeployments({ deployments, target }: About): Verdict | undefined {
  const failures = deployments?.filter(({ status }) => status === 'failed') ?? []
  const [first] = failures
  if (first === undefined) return undefined
  const names = failures.map(({ name }) => name)
  return {
    code: 'snapshots-failed',
    summary: `${partOf(failures.length, deployments?.length ?? 0, 'deployments')} could not be deployed again with ZenML ${target}: ${someOf(names)}.`,
    next: first.next,
  }
}

/** What should be deployed again and cannot even be listed was not deployed again. */
function unlistedDeployments(
  mode: Mode,
  { deployments, discovered, policy, target }: About,
): Verdict | undefined {
  if (mode === 'plan' || policy !== 'redeploy' || deployments !== null || discovered === null)
    return undefined
  return {
    code: 'snapshots-failed',
    summary: `The HTTP deployments could not be listed, so it is not known whether they serve ZenML ${target}.`,
    next: 'Let the key read the deployments of all projects, or set `deployments` to `list`.',
  }
}

/** Adds what goes on to serve an old snapshot, or that this is not known. */
function withOldDeployments(
  mode: Mode,
  verdict: Verdict,
  { deployments, discovered }: About,
): Verdict {
  if (mode === 'plan' || deployments === undefined || discovered === null) return verdict
  if (deployments === null)
    return { ...verdict, summary: `${verdict.summary} HTTP deployments could not be listed.` }
  const old = deployments.filter(({ status }) => status === 'old')
  if (old.length === 0) return verdict
  const names = old.map(({ name, version }) => `${name} (ZenML ${version ?? 'unknown'})`)
  return {
    ...verdict,
    summary: `${verdict.summary} ${plural(old.length, 'deployment')} still ${old.length === 1 ? 'serves' : 'serve'} an old snapshot: ${someOf(names)}.`,
  }
}

/** What was done, the furthest first. */
const DONE: readonly {
  readonly status: Status
  readonly code: ReasonCode
  readonly modes: readonly Mode[]
  readonly text: string
}[] = [
  { status: 'planned', code: 'snapshots-planned', modes: ['plan'], text: 'can be rebuilt' },
  {
    status: 'executed',
    code: 'snapshots-executed',
    modes: ['execute', 'all'],
    text: 'ran to the end',
  },
  { status: 'rebuilt', code: 'snapshots-rebuilt', modes: ['rebuild', 'all'], text: 'rebuilt' },
]

function doneVerdict(
  mode: Mode,
  reports: readonly SnapshotReport[],
  { target }: About,
): Verdict | undefined {
  const done = DONE.find(
    ({ status, modes }) => modes.includes(mode) && withStatus(reports, status).length > 0,
  )
  if (done === undefined) return undefined
  const number = withStatus(reports, done.status).length
  const builds = describeBuilds(countBuilds(reports))
  return {
    code: done.code,
    summary: `${count(number)} ${done.text} with ZenML ${target}${andTheOthers(reports, number)}.${builds === undefined ? '' : ` ${builds}.`}`,
    next: null,
  }
}

function nothingToDo(
  mode: Mode,
  reports: readonly SnapshotReport[],
  { target, discovered, templates }: About,
): Verdict {
  const others = andTheOthers(reports, 0)
  if (discovered === null)
    return {
      code: mode === 'execute' ? 'nothing-to-execute' : 'nothing-to-rebuild',
      summary: `The server has no snapshots, because ZenML has them since ${SNAPSHOTS_SINCE}: none was looked at.${ofTemplates(templates ?? [])}`,
      next: null,
    }
  return mode === 'execute'
    ? {
        code: 'nothing-to-execute',
        summary: `No snapshot is to be executed here${others}.`,
        next: null,
      }
    : {
        code: 'nothing-to-rebuild',
        summary: `No snapshot carries another client than ZenML ${target}${others}.`,
        next: null,
      }
}

function ofTemplates(templates: readonly TemplateReport[]): string {
  const left = templates.filter(({ becomes }) => becomes === 'left').length
  const become = templates.length - left
  if (templates.length === 0) return ''
  return ` Of its ${plural(templates.length, 'run template')} the upgrade makes ${plural(become, 'snapshot')}${left === 0 ? '' : `; ${left} get none`}.`
}

type Counted = Pick<
  SnapshotsDetails,
  | 'planned'
  | 'rebuilt'
  | 'executed'
  | 'failed'
  | 'lost'
  | 'excluded'
  | 'images-built'
  | 'builds-reused'
>

/** The counts where nothing was measured. */
export const NOT_COUNTED: Counted = {
  planned: null,
  rebuilt: null,
  executed: null,
  failed: null,
  lost: null,
  excluded: null,
  'images-built': null,
  'builds-reused': null,
}

/** The counts of the result. What the mode does not measure is null. */
export function countsOf(mode: Mode, reports: readonly SnapshotReport[]): Counted {
  const number = (status: Status) => reports.filter((report) => report.status === status).length
  const executed = number('executed')
  const rebuilds = mode === 'rebuild' || mode === 'all'
  const builds = countBuilds(reports)
  return {
    planned: mode === 'plan' ? number('planned') : null,
    // What was rebuilt and then run, or failed there, was rebuilt all the same.
    rebuilt: rebuilds
      ? reports.filter((report) => report['new-id'] !== null && report['failed-at'] !== 'rebuild')
          .length
      : null,
    executed: mode === 'execute' || mode === 'all' ? executed : null,
    failed: number('failed'),
    lost: rebuilds ? number('lost') : null,
    excluded: number('excluded'),
    'images-built': rebuilds ? builds.images : null,
    'builds-reused': rebuilds ? builds.reused : null,
  }
}

function andTheOthers(reports: readonly SnapshotReport[], told: number): string {
  const excluded = reports.filter(({ status }) => status === 'excluded').length
  const current = reports.filter(({ status }) => status === 'current').length
  const parts = [
    ...(current > 0 && told > 0 ? [`${current} already did`] : []),
    ...(excluded > 0 ? [`${excluded} excluded`] : []),
  ]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function named(reports: readonly SnapshotReport[]): string {
  return someOf(
    reports.map(({ name, pipeline }) => (pipeline === '' ? name : `${pipeline}/${name}`)),
  )
}

function someOf(names: readonly string[]): string {
  const more = names.length > NAMED ? [`and ${names.length - NAMED} more`] : []
  return [...names.slice(0, NAMED), ...more].join(', ')
}

function count(number: number): string {
  return number === 1 ? '1 snapshot' : `${number} snapshots`
}
