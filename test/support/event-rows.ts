// What a person sees of a run: how it ended, the commit status, and the headline and the next step
// of the comment. One block of Markdown for each run.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Result, ResultOf } from '../../src/result/result.ts'
import { settled } from './evidence.ts'
import type { EndedRun } from './team-flow.ts'
import type { Team } from './team.ts'

type Line = readonly [name: string, value: string]

/** The row of a run of the workflow. */
export async function actRow(
  title: string,
  place: Team,
  { act, artifacts }: EndedRun,
): Promise<string> {
  const kept = (await readdir(artifacts)).sort()
  const jobs = Object.entries(act.jobs).map(([job, end]) => `${job} ${MARKS[end]}`)
  return block(title, [
    ['Run', 'the workflow, by act'],
    ['Jobs', jobs.join(', ')],
    ['Artifacts', kept.join(', ')],
    ['Outcome', outcome(act.log)],
    ...warnings(act.log),
    ...shown(place),
    ...(place.repository.comments.length > 0 ? [] : await keptReport(artifacts, kept)),
  ])
}

/** The row of a report that is given what GitHub says about the jobs of its run. */
export async function reportRow(
  title: string,
  place: Team,
  jobs: Readonly<Record<string, string>>,
  results: readonly Result[],
): Promise<string> {
  const needs = Object.entries(jobs).map(([id, result]) => [id, { result, outputs: {} }])
  const run = await place.run(['report'], {
    reports: await place.leave(results),
    env: { INPUT_JOBS: JSON.stringify(Object.fromEntries(needs)) },
  })
  const marks = Object.entries(jobs).map(([job, end]) => `${job} ${MARKS[end] ?? end}`)
  return block(title, [
    ['Run', 'the report alone, as its job runs it'],
    ['Jobs', marks.join(', ')],
    ['Artifacts', results.map(({ command }) => command).join(', ')],
    ['Outcome', `${run.outputs['flow-outcome']} (${run.outputs['flow-reason-code']})`],
    ...shown(place),
  ])
}

const MARKS: Readonly<Record<string, string>> = {
  success: '✅',
  failure: '❌',
  cancelled: '🛑',
  skipped: '⏭️',
}

function block(title: string, lines: readonly Line[]): string {
  return settled(
    `## ${title}\n\n${lines.map(([name, value]) => `- **${name}:** ${value}`).join('\n')}\n`,
  )
}

/** How the flow ended; for a pull request, how the plan did. */
function outcome(log: string): string {
  const all = (name: string) =>
    [...log.matchAll(new RegExp(`::set-output:: ${name}=(\\S+)$`, 'gm'))].map(
      ([, value = '']) => value,
    )
  const [outcomes, codes] = [all('flow-outcome'), all('flow-reason-code')]
  return `${[...new Set(outcomes)].join(', ')} (${[...new Set(codes)].join(', ')})`
}

function warnings(log: string): Line[] {
  return [...log.matchAll(/::warning title=[^:]*::(.*)$/gm)].map(([, text = '']) => [
    'Warning',
    text,
  ])
}

/** Sorted: two jobs that act may run in either order write one each. */
function shown({ repository: { statuses, comments } }: Team): Line[] {
  const newest = new Map(
    statuses
      .toSorted((a, b) => a.context.localeCompare(b.context))
      .map((status) => [status.context, status]),
  )
  return [
    ...(newest.size === 0 ? [['Commit status', 'none'] as const] : []),
    ...[...newest.values()].map(({ context, state, description }): Line => [
      'Commit status',
      `${context} is ${state}: ${description}`,
    ]),
    ...comments
      .map(({ body }) => said('comment', body))
      .toSorted(([a], [b]) => (a?.[0] ?? '').localeCompare(b?.[0] ?? ''))
      .flat(),
  ]
}

/** What a report says first, and what it says to do. */
function said(where: string, body: string): Line[] {
  const key = /"key":"(.*?)"/.exec(body)?.[1] ?? ''
  return [
    [`Headline of the ${where} on ${key}`, /^### (.*)$/m.exec(body)?.[1] ?? 'none'],
    ['Next', /^\*\*Next:\*\* (.*)$/m.exec(body)?.[1] ?? 'none'],
  ]
}

/** Where there is no comment, what is in the report that the job keeps, and why it is there only. */
async function keptReport(artifacts: string, kept: readonly string[]): Promise<Line[]> {
  const name = kept.findLast((artifact) => artifact.startsWith('zenml-upgrade-report-')) ?? ''
  const read = (file: string) => readFile(join(artifacts, name, file), 'utf8')
  const { details } = JSON.parse(await read('report.json')) as ResultOf<'report'>
  return [
    ...said('report', await read('comment.md')),
    ...(details?.warnings ?? []).map((warning): Line => ['Warning of the report', warning]),
  ]
}
