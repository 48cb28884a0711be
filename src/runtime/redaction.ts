import { literalSpellings, spellingsOf } from './spellings.ts'

// Decides where a secret is taken out of a text. Pure: which secrets there are is in secrets.ts.

/**
 * `everywhere`: in every spelling, also inside other text. `word`: only where it is a whole word,
 * because so short a value is part of harmless words too. `never`: it would blank half of the
 * output and protect nothing.
 */
export type SecretClass = 'everywhere' | 'word' | 'never'

const STARS = '***'
const SHORTEST = 4
const LONG = 8
const COMMON = /^(?:[-+]?[0-9]+(?:\.[0-9]+)?|[Tt]rue|TRUE|[Ff]alse|FALSE)$/
const ZENML_KEY = /\bZEN(?:PRO)?KEY_[A-Za-z0-9+/=_-]+/g

/** Classifies one line of a secret. */
export function classOf(line: string): SecretClass {
  if (line.length < SHORTEST || COMMON.test(line)) return 'never'
  return line.length < LONG ? 'word' : 'everywhere'
}

/** Lists the lines of a secret: programs print the lines of a private key one by one. */
export function linesOf(value: string): string[] {
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/**
 * Decides whether the runner is asked to mask a line of a secret. GitHub drops every job output
 * that contains a masked value, so what is part of `publicText` is not masked.
 * actions/steps/secret-environment.sh follows the same rule.
 */
export function isMaskable(line: string, publicText: string): boolean {
  return classOf(line) !== 'never' && !publicText.includes(line)
}

/** Takes out what looks like an API key of ZenML: one that was never registered must not leave either. */
export function withoutZenmlKeys(text: string): string {
  return text.replace(ZENML_KEY, STARS)
}

/**
 * Prepares the search for secrets, each one line; what it returns puts stars in their place. All
 * that depends on the secrets alone is done here, once: what programs print is searched line by
 * line, and may be hundreds of megabytes.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const lines = [...new Set(secrets)]
  const ofClass = (wanted: SecretClass) => lines.filter((line) => classOf(line) === wanted)
  const everywhere = ofClass('everywhere').flatMap(spellingsOf)
  const words = ofClass('word').flatMap(literalSpellings)
  const starts = new Uint8Array(BUCKETS)
  const buckets = new Map<number, Wanted[]>()
  const add = (wanted: Wanted) => {
    const bucket = bucketAt(wanted.spelling, 0)
    starts[bucket] = 1
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), wanted])
  }
  for (const spelling of new Set(everywhere)) add({ spelling, isWord: false })
  for (const spelling of new Set(words)) add({ spelling, isWord: true })
  return (text) => {
    const found: Range[] = []
    for (let from = 0; from + SHORTEST <= text.length; from += 1) {
      const bucket = bucketAt(text, from)
      if (starts[bucket] === 1) collect(found, text, from, buckets.get(bucket) ?? [])
    }
    return withStars(text, found)
  }
}

interface Wanted {
  readonly spelling: string
  readonly isWord: boolean
}

interface Range {
  readonly from: number
  /** Exclusive. */
  to: number
}

const BUCKETS = 1 << 16

/** Sorts spellings by their first four characters, so that few are compared at each place. */
function bucketAt(text: string, at: number): number {
  const first = text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)
  const second = text.charCodeAt(at + 2) * 31 + text.charCodeAt(at + 3)
  return (first * 961 + second) & (BUCKETS - 1)
}

/**
 * Adds the spellings that are at a place. Secrets that overlap become one range, so that no end of
 * either is left.
 */
function collect(found: Range[], text: string, from: number, wanted: readonly Wanted[]): void {
  for (const { spelling, isWord } of wanted) {
    const to = from + spelling.length
    if (!text.startsWith(spelling, from) || (isWord && !isWholeWord(text, { from, to }))) continue
    const last = found.at(-1)
    if (last !== undefined && from < last.to) last.to = Math.max(last.to, to)
    else found.push({ from, to })
  }
}

/**
 * The characters of identifiers, numbers and most tokens: what is next to one of them is part of a
 * longer word. Hyphens, dots and slashes are not among them, because URLs and command lines put a
 * password between such characters. `%40` and `\n` end a word: they stand for another character.
 */
function isWholeWord(text: string, { from, to }: Range): boolean {
  const before = text.slice(Math.max(0, from - 3), from)
  const continues = /[A-Za-z0-9_]$/.test(before) && !/(?:%[0-9A-Fa-f]{2}|\\[nrt])$/.test(before)
  return !continues && !/^[A-Za-z0-9_]/.test(text.slice(to, to + 1))
}

/** `ranges` are in order and do not overlap. */
function withStars(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text
  const parts: string[] = []
  let kept = 0
  for (const { from, to } of ranges) {
    parts.push(text.slice(kept, from), STARS)
    kept = to
  }
  return parts.join('') + text.slice(kept)
}
