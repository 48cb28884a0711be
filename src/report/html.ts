import { createHash } from 'node:crypto'
import { environmentName } from '../core/environments.ts'
import { capitalised, minute, oneLine } from '../core/text.ts'
import type { Result } from '../result/result.ts'
import { markSign } from './html-mark.ts'
import { renderSection, scrollBox } from './html-section.ts'
import { STYLE } from './html-style.ts'
import { code, link, markup, prose, type Html } from './html-text.ts'
import type { Link } from './pages.ts'
import type { ReportContext } from './context.ts'
import type { PlanReport } from './plan-report.ts'
import { buildReport, type Report } from './report.ts'
import { tasksOf } from './tasks.ts'
import { chartsOf } from './timeline-chart.ts'
import { chartFigure } from './timeline-svg.ts'
import { dated, TITLES } from './wording.ts'

export interface HtmlInput extends ReportContext {
  readonly results: readonly Result[]
  /** Path of the configuration file in its repository. */
  readonly configPath: string
  /** The commit that it is about, and the run that writes it. */
  readonly commit?: Link | undefined
  readonly run?: Link | undefined
}

/**
 * Nothing is loaded and nothing is run: whatever a name from outside contains, the page shows text.
 * The style sheet of the page is allowed by its digest.
 */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** Renders the whole report, with a timeline, as one page that needs no network. */
export function renderHtml(input: HtmlInput): string {
  const report = buildReport(input.results, input)
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ html: POLICY }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${oneLine(report.headline)}</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<main>
${renderLead(report)}${chaptersOf(report, input.results)}</main>
${renderFoot(report, input)}
</body>
</html>
`.html
}

function renderLead({ headline, mark, ...step }: Report): Html {
  return markup`<header class="lead ${mark}">
<h1>${markSign(mark)}${prose(headline)}</h1>
${renderNext(step)}</header>
`
}

/** What to do next: one sentence, and the link to the page or the command line that does it. */
function renderNext({
  next,
  link: page,
  command,
}: Pick<Report, 'next' | 'link' | 'command'>): Html {
  const place = page === undefined ? markup`` : markup` ${link(prose(page.label), page.url)}`
  const line =
    page !== undefined || command === undefined
      ? markup``
      : markup`<pre tabindex="0" role="group" aria-label="${TITLES.command}">${command}</pre>\n`
  return markup`<p><strong>Next:</strong> ${prose(next)}${place}</p>\n${line}`
}

function chaptersOf(report: Report, results: readonly Result[]): Html[] {
  const failing = report.sections.filter((section) => section.failing)
  const others = report.sections.filter((section) => !section.failing)
  return [
    ...report.plans.map(renderPlan),
    chapter(TITLES.results, renderTable(report)),
    chapter(TITLES.attention, failing.map(renderSection)),
    chapter(capitalised(TITLES.timeline), chartsOf(tasksOf(results)).map(chartFigure)),
    chapter(TITLES.details, others.map(renderSection)),
  ]
}

/** Returns nothing where there is nothing to show under the heading. */
function chapter(title: string, content: readonly Html[]): Html {
  return content.length === 0 ? markup`` : markup`<h2>${title}</h2>\n${content}`
}

/** A plan under its title, or under a short one where the headline says it already. */
function renderPlan(plan: PlanReport): Html {
  const title = plan.leads
    ? markup`${TITLES.plan}`
    : markup`${markSign(plan.mark)}${prose(plan.title)}`
  return markup`<h2>${title}</h2>
<p>${prose(plan.summary)}</p>
${plan.sections.map(renderSection)}`
}

function renderTable({ columns, rows }: Report): Html[] {
  if (rows.length === 0) return []
  const head = columns.map((column) => markup`<th scope="col">${environmentName(column)}</th>`)
  const body = rows.map(({ name, cells }) => {
    const shown = cells.map((cell) =>
      cell === null
        ? markup`<td></td>`
        : markup`<td>${markSign(cell.mark)}${prose(dated(cell.text, cell.since))}</td>`,
    )
    return markup`<tr><th scope="row">${name}</th>${shown}</tr>\n`
  })
  return [
    scrollBox(
      TITLES.results,
      markup`<table class="state">
<thead><tr><td></td>${head}</tr></thead>
<tbody>
${body}</tbody>
</table>`,
    ),
  ]
}

/** The last line: of what file and commit, by which run, and when the newest of it was found out. */
function renderFoot({ time }: Report, { configPath, commit, run }: HtmlInput): Html {
  const links = [commit, run].flatMap((one) =>
    one === undefined ? [] : [link(prose(one.label), one.url)],
  )
  const parts = [
    markup`zenml-upgrade`,
    code(configPath),
    ...links,
    ...(time === null ? [] : [markup`${minute(new Date(time).toISOString())}`]),
  ]
  return markup`<footer>${parts.map((part, index) => markup`${index === 0 ? '' : ' · '}${part}`)}</footer>`
}
