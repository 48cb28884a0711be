import { distance } from 'fastest-levenshtein'

const LONGEST_WORD = 64
const MOST_SLIPS = 3

/** The word of the list that was most likely meant, or undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST_WORD) return undefined
  let best: string | undefined
  let least = Infinity
  for (const candidate of candidates) {
    const slips = slipsBetween(plain(word), plain(candidate))
    // One slip in three letters: `foo` is not a slip of `from`.
    if (
      slips < least &&
      slips <= Math.min(MOST_SLIPS, Math.max(1, Math.floor(candidate.length / 3)))
    ) {
      best = candidate
      least = slips
    }
  }
  return best
}

/** `; did you mean "server"?`, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const candidate = nearest(word, candidates)
  return candidate === undefined ? '' : `; did you mean "${candidate}"?`
}

function slipsBetween(word: string, candidate: string): number {
  if (word === candidate) return 0
  // A beginning (`prod`) and letters in the wrong order (`hlem`) are one slip each, though they
  // cost more edits.
  if (word.length > 1 && candidate.startsWith(word)) return 1
  if (letters(word) === letters(candidate)) return 1
  const edits = distance(word, candidate)
  return edits < candidate.length ? edits : Infinity
}

function letters(word: string): string {
  return Array.from(word).sort().join('')
}

// `scratchUrlEnv`, `scratch_url_env` and `Scratch-Url-Env` are all spelled right, but for the habit
// of another language.
function plain(word: string): string {
  return word
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
