import { logLine } from '../core/text.ts'
import { markSign } from './html-mark.ts'
import { code, link, markup, prose, type Html } from './html-text.ts'
import type { Block, Row, Section, Value } from './section.ts'
import { dated } from './wording.ts'

/** A section that can be folded, under a heading of level 3; only failing ones are open. */
export function renderSection(section: Section): Html {
  const sign = section.failing ? markSign(section.sign ?? 'failed') : markup``
  const title = markup`<h3>${sign}${prose(dated(section.title, section.since))}</h3>`
  const kind = section.failing ? 'failing' : 'calm'
  if (section.blocks.length === 0) return markup`<div class="bare ${kind}">${title}</div>\n`
  return markup`<details class="${kind}"${section.failing ? ' open' : ''}>
<summary>${title}</summary>
${section.blocks.map((block) => renderBlock(block, section.title))}</details>
`
}

function renderBlock(block: Block, title: string): Html {
  switch (block.kind) {
    case 'text':
      return markup`<p>${prose(block.text)}</p>\n`
    case 'log':
      return markup`<pre tabindex="0" role="group" aria-label="${title}">\n${block.lines.map((line) => markup`${logLine(line)}\n`)}</pre>\n`
    case 'table':
      return scrollBox(
        title,
        markup`<table>
<thead><tr>${block.header.map((name) => markup`<th scope="col">${prose(name)}</th>`)}</tr></thead>
<tbody>
${block.rows.map(renderRow)}</tbody>
</table>`,
      )
  }
}

function renderRow({ cells, failing }: Row): Html {
  const [first = null, ...rest] = cells
  return markup`<tr class="${failing ? 'failing' : 'calm'}"><th scope="row">${renderValue(first)}</th>${rest.map(renderCell)}</tr>\n`
}

/** As many code points do not become a column of single words on a telephone. */
const LONG = 40

function renderCell(value: Value): Html {
  const isLong = typeof value === 'string' && value.length > LONG
  return markup`<td${isLong ? markup` class="long"` : ''}>${renderValue(value)}</td>`
}

/** A wide table scrolls in a box of its own, which the keyboard can reach. */
export function scrollBox(title: string, table: Html): Html {
  return markup`<div class="scroll" tabindex="0" role="group" aria-label="${title}">
${table}
</div>
`
}

function renderValue(value: Value): Html {
  if (value === null) return markup`<span class="quiet">not measured</span>`
  if (typeof value === 'string') return prose(value)
  return 'name' in value ? code(value.name) : link(code(value.label), value.url)
}
