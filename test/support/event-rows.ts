// What a person sees of a run: how it ended, the commit status, and the headline and the next step
// of the comment.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Result } from '../../src/result/result.ts'
import { settled } from './evidence.ts'
import type { EndedRun } from './team-flow.ts'
import type { Team } from './team.ts'

export interface EventRow {
  readonly text: string
}

interface Seen {
  readonly title: string
  readonly way: string
  readonly jobs: string
  readonly outcome: string
}

/** A run by act. */
export async function eventRow(
  title: string,
  place: Team,
  { act, artifacts }: EndedRun,
): Promise<EventRow> {
  const names = (await readdir(artifacts)).sort()
  return {
    text: settled(
      block(title, [
        ['Run by', 'act'],
        [
          'Jobs',
          Object.entries(act.jobs)
            .map((job) => job.join(' '))
            .join(', '),
        ],
        ['Artifacts', names.filter((name) => !name.startsWith('zenml-upgrade-report')).join(', ')],
        ['Outcome', outcomes(act.log)],
        ...shown(place),
      ]),
    ),
  }
}
void readFile
void join
export type X = Result | Seen

function block(title: string, lines: readonly (readonly [string, string])[]): string {
  return `## ${title}\n\n${lines.map(([name, value]) => `- **${name}:** ${value}`).join('\n')}\n`
}

/** Of each report, else of each plan. */
function outcomes(log: string): string {
  const of = (name: string) =>
    [...log.matchAll(new RegExp(`::set-output:: ${name}=(\\S+)$`, 'gm'))].map(
      ([, value = '']) => value,
    )
  return `${of('flow-outcome').join()} ${of('flow-reason-code').join()}`
}

function shown({ repository }: Team): [string, string][] {
  const comments = repository.comments.map(({ body }) => body)
  return [
    [
      'Commit status',
      repository.statuses
        .map(({ context, state, description }) => `${context} ${state}: ${description}`)
        .join('; ') || 'none',
    ],
    ...comments.flatMap((body): [string, string][] => [
      ['Headline', /^### (.*)$/m.exec(body)?.[1] ?? ''],
      ['Next', /^\*\*Next:\*\* (.*)$/m.exec(body)?.[1] ?? ''],
    ]),
  ]
}
