import { createHash } from 'node:crypto'
import { environmentName } from '../core/environments.ts'
import { minute, oneLine } from '../core/text.ts'
import type { Result } from '../result/result.ts'
import { markSign } from './html-mark.ts'
import { renderSection, scrollBox } from './html-section.ts'
import { STYLE } from './html-style.ts'
import { code, link, markup, prose, type Html } from './html-text.ts'
import { buildReport, type PlanReport, type Report, type ReportContext } from './report.ts'
import { tasksOf } from './tasks.ts'
import { chartsOf } from './timeline-chart.ts'
import { chartFigure } from './timeline-svg.ts'

export interface HtmlInput extends ReportContext {
  readonly results: readonly Result[]
  /** Path of the configuration file in its repository. */
  readonly configPath: string
  readonly commit?: string | undefined
  /** The run that writes it. */
  readonly run?: { readonly label: string; readonly url: string }
  readonly generatedAt?: Date
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
  const failing = report.sections.filter((section) => section.failing)
  const others = report.sections.filter((section) => !section.failing)
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
${renderLead(report)}${renderTable(report)}${report.plans.map(renderPlan)}${[
    chapter('What needs attention', failing.map(renderSection)),
    chapter('Timeline', chartsOf(tasksOf(input.results)).map(chartFigure)),
    chapter('Details', others.map(renderSection)),
  ]}</main>
${renderFooter(input)}
</body>
</html>
`.html
}

function renderLead({ headline, mark, next, link: page }: Report): Html {
  const place = page === undefined ? markup`` : markup` ${link(prose(page.label), page.url)}`
  return markup`<header class="lead ${mark}">
<h1>${markSign(mark)}${prose(headline)}</h1>
<p><strong>Next:</strong> ${prose(next)}${place}</p>
</header>
`
}

function renderTable({ columns, rows }: Report): Html {
  const title = 'Where things are'
  if (rows.length === 0) return markup``
  const head = columns.map((column) => markup`<th scope="col">${environmentName(column)}</th>`)
  const body = rows.map(
    ({ name, cells }) =>
      markup`<tr><th scope="row">${name}</th>${cells.map((cell) =>
        cell === null
          ? markup`<td></td>`
          : markup`<td>${markSign(cell.mark)}${prose(cell.text)}</td>`,
      )}</tr>\n`,
  )
  return chapter(title, [
    scrollBox(
      title,
      markup`<table class="state">
<thead><tr><td></td>${head}</tr></thead>
<tbody>
${body}</tbody>
</table>`,
    ),
  ])
}

function renderPlan({ title, mark, summary, sections }: PlanReport): Html {
  return markup`<h2>${markSign(mark)}${prose(title)}</h2>
<p>${prose(summary)}</p>
${sections.map(renderSection)}`
}

/** Returns nothing where there is nothing to show under the heading. */
function chapter(title: string, content: readonly Html[]): Html {
  return content.length === 0 ? markup`` : markup`<h2>${title}</h2>\n${content}`
}

function renderFooter({ configPath, commit, run, generatedAt }: HtmlInput): Html {
  const parts = [
    markup`zenml-upgrade`,
    code(configPath),
    ...(commit === undefined ? [] : [markup`commit ${code(commit.slice(0, 7))}`]),
    ...(run === undefined ? [] : [link(prose(run.label), run.url)]),
    ...(generatedAt === undefined ? [] : [markup`${minute(generatedAt.toISOString())}`]),
  ]
  return markup`<footer>${parts.map((part, index) => markup`${index === 0 ? '' : ' · '}${part}`)}</footer>`
}
