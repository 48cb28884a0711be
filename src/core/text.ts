import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { breakLines, unbrokenWords } from './wrap.ts'

// Names and messages come from servers, tests and logs: anything may be in them.

/**
 * Controls, bidirectional overrides, invisible marks, line separators, halves of a surrogate pair,
 * private use. The two joiners are part of ordinary writing.
 */
const INVISIBLE = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu

/**
 * One line in which nothing is invisible or turns the reading direction: colours go, line breaks
 * become spaces, the rest is spelled as `\u{202e}`. Keeps indentation.
 */
export function visible(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n|[\n\r\t\u2028\u2029]/g, ' ')
    .replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** One line of a log as it is shown: indented as it was, and nothing at its end. */
export function logLine(line: string): string {
  return visible(line.replaceAll('\t', '  ')).trimEnd()
}

export function oneLine(text: string): string {
  return visible(text).trim()
}

/** At most `length` code points: graphemes may be of any size, and code points bound the bytes. */
export function clip(text: string, length: number): string {
  const characters = Array.from(text.slice(0, length * 2 + 2))
  return characters.length <= length && text.length <= length * 2 + 2
    ? text
    : `${characters.slice(0, length - 1).join('')}…`
}

/**
 * One visible line of at most `length` code points. A message may have megabytes; what is far
 * beyond the cut is not looked at.
 */
export function short(text: string, length: number): string {
  return clip(oneLine(text.slice(0, length * 10)), length)
}

/**
 * Of a summary that tells several things, each on a line of its own, the first as one line of at
 * most `length` code points, and how many more there are.
 */
export function firstOf(summary: string, length: number): string {
  const [head = '', ...rest] = linesOf(summary)
  const [item, ...others] = head.endsWith(':') ? rest : [undefined, ...rest]
  return `${short(item === undefined ? head : `${head} ${item.trim()}`, length)}${others.length === 0 ? '' : ` (and ${others.length} more)`}`
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '')
}

/** Columns a text takes in a terminal: two for most East Asian characters and emoji. */
export function width(text: string): number {
  return stringWidth(text)
}

/** Breaks a line at its spaces; each line after the first begins with `hanging` spaces. */
export function wrap(text: string, columns: number, hanging = 0): string[] {
  return breakLines(text, { columns, hanging, measure: width })
}

/** Columns of the longest word: a line or cell cannot be narrower. */
export function longestWord(text: string): number {
  return Math.max(0, ...unbrokenWords(text).map(width))
}

/** The start of a sentence that goes on: `2 suites`, `1 suite`. */
export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${amount.toLocaleString('en')} ${amount === 1 ? one : many}`
}

/** Writes a part of a whole: `1 of 1 snapshots`, `3,000 of 24,000`. */
export function partOf(part: number, whole: number, many?: string): string {
  const numbers = `${part.toLocaleString('en')} of ${whole.toLocaleString('en')}`
  return many === undefined ? numbers : `${numbers} ${many}`
}

/** `850 ms`, `12.3 s`, `4 min 5 s`, `2 h 3 min`. */
export function took(seconds: number): string {
  if (seconds < 0.995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 59.95) return `${Number(seconds.toFixed(1))} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `2026-11-27 14:03 UTC` of an ISO 8601 time in UTC. */
export function minute(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`
}

/** `512 B`, `2.3 MB`: decimal units, as object stores show them. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = Math.min(bytes === 0 ? 0 : Math.floor(Math.log10(bytes) / 3), units.length - 1)
  return `${Number((bytes / 1000 ** step).toFixed(1))} ${units[step] ?? 'B'}`
}

/** `the upgrade, the smoke suite and the snapshots`. */
export function listed(items: readonly string[]): string {
  return items.length < 2
    ? items.join('')
    : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`
}

/** With its first letter as a capital. */
export function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** Ends with a full stop, so that sentences can follow each other. */
export function sentence(text: string): string {
  return /[.!?…]$/u.test(text) ? text : `${text}.`
}
