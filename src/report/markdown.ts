import { markdownTable } from 'markdown-table'
import { clip, short, width, logLine } from '../core/text.ts'
import { proseParts, webAddress } from './prose.ts'

// Own escaping, because no library does what GitHub needs: mdast-util-to-markdown escapes for
// CommonMark, but on GitHub a mention, an issue number or a formula comes to life after the
// Markdown was rendered, where a backslash is gone already.

/**
 * Between two characters that GitHub would read as one reference. As an entity, so that a reader of
 * the source sees it.
 */
const BREAK = '&#8203;'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '|': '&#124;',
  $: '<span>$</span>',
}

/** The colon before the name of an emoji; the colons of a time are none. */
const SHORTCODE = /:(?=(?:100|1234|[\w+-]*[a-z+-][\w+-]*):)/

/**
 * In one pass, so that nothing is escaped twice: entities; markup; what is markup only at the
 * start; references of GitHub; emoji.
 */
const SPECIAL = new RegExp(
  [
    /[&<>|$]|[\\`*~[\]]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[#+\-=](?=[\s#+\-=]|$)|^\d+(?=[.)](?:\s|$))/,
    /@(?=[A-Za-z0-9])|#(?=\d)|\bGH-(?=\d)|\bwww(?=\.)/,
    SHORTCODE,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
)

/** The same where Markdown is not read. */
const SPECIAL_IN_HTML = new RegExp(
  [/[&<>|$]|@(?=[A-Za-z0-9])|#(?=\d)|\bGH-(?=\d)|\bwww(?=\.)|:(?=\/\/)/, SHORTCODE]
    .map(({ source }) => source)
    .join('|'),
  'gi',
)

/**
 * Text from anywhere inside a sentence or a table cell: shown as it is, and nothing in it is
 * markup, link or mention.
 */
export function text(raw: string, length: number): string {
  return proseParts(short(raw, length))
    .map((part) => (part.isCode ? code(part.text, length) : part.text.replace(SPECIAL, escape)))
    .join('')
}

function escape(found: string): string {
  const entityOf = ENTITIES[found]
  if (entityOf !== undefined) return entityOf
  return /^[@\dGgWw:]|^#$/.test(found) ? `${found}${BREAK}` : `\\${found}`
}

/** A name from anywhere, as code: GitHub looks for no mention, link or markup in it. */
export function code(raw: string, length: number): string {
  const name = short(raw, length)
  if (name === '') return '*(empty)*'
  // Parsers of tables disagree about `\|` after a backslash, so a name with a bar is spelled in
  // entities.
  if (name.includes('|')) return `<code>${Array.from(name, entity).join('')}</code>`
  const fence = '`'.repeat(longestRun(name) + 1)
  const padding = /^`|`$|^ .* $/u.test(name) ? ' ' : ''
  return `${fence}${padding}${name}${padding}${fence}`
}

/** Inside an HTML element, where Markdown is not read. */
export function html(raw: string, length: number): string {
  return short(raw, length).replace(SPECIAL_IN_HTML, escape)
}

/** Lines of a log as a code block that no line can close. */
export function fenced(lines: readonly string[], length: number): string {
  const shown = lines.map((line) => clip(logLine(line), length))
  const fence = '`'.repeat(Math.max(3, longestRun(shown.join('\n')) + 1))
  return [`${fence}text`, ...shown, fence].join('\n')
}

/** A link to an address that we composed, or the label alone if it is no web address. */
export function link(label: string, address: string): string {
  const url = webAddress(address)
  if (url === undefined) return label
  const safe = url.replace(/[^A-Za-z0-9\-._:/?#@=&%+,;]/g, (character) =>
    encodeURIComponent(character).replace(/^([()*'!~])$/, percent),
  )
  return `[${label}](${safe})`
}

/**
 * A table of cells that are Markdown already. `aligned` pads the columns for a reader of the
 * source, at the price of bytes.
 */
export function table(rows: readonly (readonly string[])[], aligned = false): string {
  return markdownTable(rows, aligned ? { stringLength: width } : { alignDelimiters: false })
}

function entity(character: string): string {
  return /[A-Za-z0-9 \u0080-\u{10FFFF}]/u.test(character)
    ? character
    : `&#${character.codePointAt(0) ?? 0};`
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function longestRun(value: string): number {
  return Math.max(0, ...(value.match(/`+/g) ?? []).map((run) => run.length))
}
