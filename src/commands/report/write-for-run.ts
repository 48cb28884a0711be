import { resolve } from 'node:path'
import type { InvalidConfig } from '../../config/problem.ts'
import type { GithubWarning } from '../../github/errors.ts'
import type { PullRequestRef } from '../../github/pull-request.ts'
import type { JobEnd } from '../../report/job-end.ts'
import { annotationsOf } from '../../report/annotations.ts'
import type { GithubPages } from '../../report/context.ts'
import { sentence } from '../../core/text.ts'
import { renderSummary } from '../../report/summary.ts'
import { annotate } from '../../runtime/annotate.ts'
import type { Machine } from '../../runtime/runtime.ts'
import { withoutKeysIn } from '../../runtime/secrets.ts'
import { appendSummary } from '../../runtime/step-summary.ts'
import type { CommandContext } from '../command.ts'
import type { Content } from '../../session/content.ts'
import type { GithubPlace } from '../../state/backend.ts'
import type { FoundResults } from '../../result/read-results.ts'
import { isElsewhere } from '../../session/read-source.ts'
import type { Recorded } from './recorded.ts'

interface Run {
  readonly inputs: CommandContext<'report'>['inputs']
  readonly machine: Machine
  readonly github: GithubPlace
  readonly found: FoundResults
}

interface RunReport extends Recorded {
  readonly pullRequest: PullRequestRef | undefined
  readonly content: Content | undefined
  readonly warnings: readonly GithubWarning[]
  readonly jobs: readonly JobEnd[]
  readonly pages: GithubPages
}

/** Writes the job summary of this run. */
export async function summarizeRun(
  { inputs, machine, github }: Run,
  { results, history, pullRequest, content, warnings, jobs, pages }: RunReport,
): Promise<void> {
  const summary = {
    results,
    history,
    configPath: inputs.config,
    jobs,
    branches: { head: inputs.head, base: inputs.base },
    github: pages,
    links: links(github, pullRequest, content),
    // The composite action says where it uploads the report to.
    artifact: machine.env['REPORT_ARTIFACT'] ?? '',
    warnings: sentencesOf(warnings),
  }
  await appendSummary(machine.env, renderSummary(withoutKeysIn(summary, 'the job summary')))
}

interface ConfigOfRun {
  readonly content: Content | undefined
  readonly invalid: InvalidConfig | undefined
}

/** Writes the annotations of this run. */
export async function annotateRun(
  { inputs, machine, found }: Run,
  { content, invalid }: ConfigOfRun,
): Promise<void> {
  await annotate(
    machine.env,
    annotationsOf({
      results: found.results,
      configPath: inputs.config,
      invalid,
      sources: sourcesOf(content),
      root: resolve(inputs['working-directory']),
    }),
  )
}

function links(
  { context }: GithubPlace,
  pullRequest: PullRequestRef | undefined,
  content: Content | undefined,
): { label: string; url: string }[] {
  const servers =
    content === undefined
      ? []
      : (['staging', 'production'] as const).flatMap((name) => {
          const url = content.config.environments[name].server
          return url === undefined ? [] : [{ label: `ZenML ${name}`, url }]
        })
  return [
    { label: 'This run', url: context.run.url },
    ...(pullRequest === undefined
      ? []
      : [{ label: `Pull request #${pullRequest.number}`, url: pullRequest.url }]),
    ...servers,
  ]
}

export function sentencesOf(warnings: readonly GithubWarning[]): string[] {
  return warnings.map(({ message, next }) => `${sentence(message)} ${next}`)
}

function sourcesOf(content: Content | undefined): Record<string, string> {
  return Object.fromEntries(
    (content?.config.sources ?? [])
      .filter((source) => !isElsewhere(source))
      .map(({ name, path }) => [name, path]),
  )
}
