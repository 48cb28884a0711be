import { wentWell } from '../core/outcomes.ts'
import {
  heading,
  ICONS,
  planHeading,
  renderFoot,
  renderNext,
  renderPlan,
  renderSections,
  renderTable,
} from './markdown-section.ts'
import { fenced, link, text } from './markdown.ts'
import type { Result } from '../result/result.ts'
import type { ReportContext } from './context.ts'
import { buildReport, type Report } from './report.ts'
import { rerunCommand } from './rerun.ts'
import { RUNGS, type Rung } from './section.ts'
import { timeline } from './timeline.ts'
import { NOTES, pageIn, shortened, TITLES } from './wording.ts'

/** GitHub drops a summary of more than 1 MiB without failing the step. */
export const SUMMARY_LIMIT_BYTES = 900 * 1024

export interface SummaryInput extends ReportContext {
  readonly results: readonly Result[]
  /** Path of the configuration file in its repository. */
  readonly configPath: string
  /** The run, the dashboard, the pull request: what a person opens next. */
  readonly links: readonly { readonly label: string; readonly url: string }[]
  /** Artifact of the run that holds report.html; empty: none is known. */
  readonly artifact?: string
  /** What could not be told to GitHub, as sentences. */
  readonly warnings?: readonly string[]
}

const SUMMARY_RUNGS: readonly Rung[] = [
  { rows: 'all', rowLimit: Infinity, length: 4000, logLines: 2000, sections: Infinity },
  { rows: 'all', rowLimit: Infinity, length: 500, logLines: 300, sections: Infinity },
  ...RUNGS.slice(1),
]
const MOST_RERUNS = 20

/**
 * The job summary: everything there is room for, in at most {@link SUMMARY_LIMIT_BYTES}. Nothing
 * from outside is markup in it.
 */
export function renderSummary(input: SummaryInput): string {
  const report = buildReport(input.results, input)
  // Phases of an earlier run would squeeze those of this one: an axis shows hours, not days.
  const ofRun = input.github?.results ?? input.results
  const fixed = { chart: timeline(ofRun), again: again(input) }
  let rendered = ''
  for (const [index, rung] of SUMMARY_RUNGS.entries()) {
    rendered = renderAt(report, input, rung, { ...fixed, isShortened: index > 0 })
    if (Buffer.byteLength(rendered) <= SUMMARY_LIMIT_BYTES) break
  }
  return rendered
}

interface Fixed {
  readonly chart: string | undefined
  readonly again: readonly string[]
  readonly isShortened: boolean
}

function renderAt(
  report: Report,
  { configPath, links, artifact = '', warnings = [] }: SummaryInput,
  rung: Rung,
  { chart, again: commands, isShortened }: Fixed,
): string {
  return [
    `## ${heading(report)}`,
    renderNext(report),
    ...(links.length === 0
      ? []
      : [
          links
            .slice(0, MOST_RERUNS)
            .map(({ label, url }) => link(text(label, 100), url))
            .join(' · '),
        ]),
    ...(artifact === '' ? [] : [text(pageIn(artifact), 300)]),
    ...(warnings.length === 0
      ? []
      : [warnings.map((warning) => `- ${ICONS.warning} ${text(warning, 1000)}`).join('\n')]),
    ...(chart === undefined ? [] : [chart]),
    ...(isShortened ? [`*${shortened(rung.rows)}*`] : []),
    ...report.plans.flatMap((plan) => [
      ...(plan.leads ? [] : [planHeading(plan.mark, plan.title)]),
      ...renderPlan(plan, rung),
    ]),
    ...renderTable(report),
    ...renderSections(report.sections, rung),
    ...(commands.length === 0 ? [] : [`#### ${TITLES.rerun}`, NOTES.rerun, fenced(commands, 500)]),
    `${renderFoot(report, { configPath })}\n`,
  ].join('\n\n')
}

/** What did not go well comes first; a person seldom repeats the rest. */
function again({ results, configPath }: SummaryInput): string[] {
  const bad = (result: Result) => Number(wentWell(result.outcome))
  const commands = [...results]
    .sort((a, b) => bad(a) - bad(b))
    .flatMap((result) => rerunCommand(result, configPath) ?? [])
  return [...new Set(commands)].slice(0, MOST_RERUNS)
}
