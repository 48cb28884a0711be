import { clip, oneLine, took } from '../core/text.ts'
import { markup, type Html } from './html-text.ts'
import type { Bar, Chart } from './timeline-chart.ts'
import { chartTitle, FAILED_TASK, groupWords, periodWords, taskWords } from './wording-timeline.ts'

/** Pixels. Widths are percentages, so that text keeps its size on every screen. */
const HEIGHT = { axis: 24, environment: 26, bar: 34 } as const
/** Code points of a name that has room on a telephone. */
const LONGEST_NAME = 28

/** Draws a chart; its title and description say the same in words. */
export function chartFigure(chart: Chart, index: number): Html {
  const id = `chart-${index + 1}`
  const rows = rowsOf(chart)
  const height = HEIGHT.axis + rows.reduce((sum, row) => sum + row.height, 0)
  const words = chart.groups.flatMap(({ bars }) => bars.map(({ task }) => taskWords(task)))
  return markup`<figure>
<figcaption>${periodWords(chart)}</figcaption>
<svg class="chart" height="${height}" role="img" aria-labelledby="${id}" aria-describedby="${id}-words">
<title id="${id}">${chartTitle(periodWords(chart))}</title>
<desc id="${id}-words">${words.join(' ')}</desc>
${gridOf(chart, height)}${stacked(rows)}</svg>
</figure>
`
}

interface ChartRow {
  readonly height: number
  /** @param y Upper edge in the drawing. */
  readonly draw: (y: number) => Html
}

function rowsOf({ groups }: Chart): ChartRow[] {
  return groups.flatMap(({ environment, bars }) => [
    {
      height: HEIGHT.environment,
      draw: (y: number) =>
        markup`<text class="environment" x="0" y="${y + 18}">${groupWords(environment)}</text>\n`,
    },
    ...bars.map((bar) => ({ height: HEIGHT.bar, draw: (y: number) => drawBar(bar, y) })),
  ])
}

function stacked(rows: readonly ChartRow[]): Html[] {
  let y: number = HEIGHT.axis
  return rows.map(({ height, draw }) => {
    const drawn = draw(y)
    y += height
    return drawn
  })
}

/** The label is above its bar, so that neither a short bar nor a small screen cuts it. */
function drawBar({ task, at, width }: Bar, y: number): Html {
  const failed = task.failed ? markup` <tspan class="word">${FAILED_TASK}</tspan>` : markup``
  return markup`<text x="0" y="${y + 14}">${clip(oneLine(task.name), LONGEST_NAME)} <tspan class="took">${took(task.seconds)}</tspan>${failed}</text>
<rect class="track" x="0" y="${y + 19}" width="100%" height="10" rx="2"/>
<rect class="bar${task.failed ? ' failed' : ''}" x="${percent(at)}" y="${y + 19}" width="${percent(width)}" height="10" rx="2"><title>${taskWords(task)}</title></rect>
`
}

function gridOf({ ticks }: Chart, height: number): Html {
  const lines = ticks.map(({ at, label }) => {
    const x = percent(at)
    return markup`<line class="grid" x1="${x}" x2="${x}" y1="${HEIGHT.axis - 6}" y2="${height}"/>
<text class="tick" x="${x}" y="12" text-anchor="${anchorOf(at)}">${label}</text>
`
  })
  return markup`${lines}`
}

/** Keeps the labels at the ends of the axis inside the drawing. */
function anchorOf(at: number): string {
  if (at < 0.1) return 'start'
  return at > 0.9 ? 'end' : 'middle'
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`
}
