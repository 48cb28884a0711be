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

/**
 * Prepares the search for secrets, each one line; what it returns puts stars in their place. All
 * that depends on the secrets alone is done here, once.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const lines = [...new Set(secrets)]
  const ofClass = (wanted: SecretClass) => lines.filter((line) => classOf(line) === wanted)
  const everywhere = [...new Set(ofClass('everywhere').flatMap(spellingsOf))]
  const words = [...new Set(ofClass('word').flatMap(literalSpellings))]
  return (text) => {
    const found = [
      ...everywhere.flatMap((spelling) => occurrences(text, spelling)),
      ...words
        .flatMap((spelling) => occurrences(text, spelling))
        .filter((range) => isWholeWord(text, range)),
    ]
    return withStars(text, found)
  }
}

/** Takes out what looks like an API key of ZenML: one that was never registered must not leave either. */
export function withoutZenmlKeys(text: string): string {
  return text.replace(ZENML_KEY, STARS)
}

interface Range {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

function occurrences(text: string, spelling: string): Range[] {
  const found: Range[] = []
  for (let from = text.indexOf(spelling); from !== -1;) {
    const to = from + spelling.length
    found.push({ from, to })
    from = text.indexOf(spelling, to)
  }
  return found
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

/** Two secrets that overlap are taken out as one, so that no end of either is left. */
function withStars(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text
  const parts: string[] = []
  let kept = 0
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (from >= kept) parts.push(text.slice(kept, from), STARS)
    kept = Math.max(kept, to)
  }
  return parts.join('') + text.slice(kept)
}
