import type { Mark } from './mark.ts'

/**
 * A part of the report that can be folded; plain data, so that every renderer shows the same and
 * each escapes in its own way.
 */
export interface Section {
  readonly title: string
  /** Failing sections are open and keep their rows longest when there is too much. */
  readonly failing: boolean
  /** What a failing section is shown as; left out, as failed. */
  readonly sign?: Mark
  /** When an earlier run than the newest one measured it, in ISO 8601. */
  readonly since?: string | undefined
  readonly blocks: readonly Block[]
}

/** Dates sections; those that have a time of their own keep it. */
export function dateSections(sections: readonly Section[], since: string | undefined): Section[] {
  return sections.map((section) => ({ ...section, since: section.since ?? since }))
}

/** Dates sections of a run that a newer one followed: they are folded, for that one decides. */
export function asEarlier(sections: readonly Section[], since: string): Section[] {
  return dateSections(sections, since).map((section) => ({ ...section, failing: false }))
}

export type Block = TableBlock | LogBlock | TextBlock

interface TableBlock {
  readonly kind: 'table'
  readonly header: readonly string[]
  readonly rows: readonly Row[]
}

export interface Row {
  readonly cells: readonly Value[]
  readonly failing: boolean
}

interface LogBlock {
  readonly kind: 'log'
  readonly lines: readonly string[]
}

interface TextBlock {
  readonly kind: 'text'
  readonly text: string
}

/**
 * A string is prose or a measured word; a name stands out and can be copied; null was not measured.
 */
export type Value =
  string | { readonly name: string } | { readonly label: string; readonly url: string } | null

/** How much of a section is shown. */
export interface Rung {
  readonly rows: 'all' | 'failing' | 'none'
  /** At most so many rows of each table. */
  readonly rowLimit: number
  /** Characters of one text. */
  readonly length: number
  readonly logLines: number
  /** At most so many sections, failing ones first. */
  readonly sections: number
}

/** From everything to counts alone; a renderer takes the first that fits. */
export const RUNGS = [
  { rows: 'all', rowLimit: Infinity, length: 500, logLines: 60, sections: Infinity },
  { rows: 'failing', rowLimit: Infinity, length: 300, logLines: 30, sections: Infinity },
  { rows: 'failing', rowLimit: 25, length: 120, logLines: 10, sections: 20 },
  { rows: 'none', rowLimit: 0, length: 120, logLines: 0, sections: 20 },
] as const satisfies readonly Rung[]

/**
 * The same section with less in it. A section without rows keeps its title, which tells the counts.
 */
export function shorten(section: Section, rung: Rung): Section {
  if (rung.rows === 'none') return { ...section, blocks: [] }
  const blocks = section.blocks.flatMap((block) => shortenBlock(block, rung, section.failing))
  return { ...section, blocks }
}

function shortenBlock(block: Block, rung: Rung, failing: boolean): Block[] {
  if (block.kind === 'text') return [block]
  if (block.kind === 'log') {
    const lines = rung.rows === 'all' || failing ? block.lines.slice(-rung.logLines) : []
    return lines.length === 0 ? [] : [{ kind: 'log', lines }]
  }
  const wanted = rung.rows === 'all' ? block.rows : block.rows.filter((row) => row.failing)
  const rows = wanted.slice(0, rung.rowLimit)
  const left = block.rows.length - rows.length
  const note: Block[] =
    left === 0
      ? []
      : [
          {
            kind: 'text',
            text: `${left.toLocaleString('en')} of ${block.rows.length.toLocaleString('en')} rows are not shown.`,
          },
        ]
  return rows.length === 0 ? note : [{ ...block, rows }, ...note]
}

/** For lists; what has an order of its own, such as a timeline, keeps it. */
export function failingFirst(rows: readonly Row[]): Row[] {
  return [...rows.filter((row) => row.failing), ...rows.filter((row) => !row.failing)]
}

export function textBlock(text: string): Block {
  return { kind: 'text', text }
}

export function tableBlock(header: readonly string[], rows: readonly Row[]): Block {
  return { kind: 'table', header, rows }
}
