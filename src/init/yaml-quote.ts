import { parse } from 'yaml'
import { withoutSecrets } from '../config/secret-text.ts'
import { visible } from '../core/text.ts'

/** What needs no quotes, in blocks, in braces and as a key. */
const PLAIN = /^[\w./][\w./:-]*$/
/** What JSON leaves as it is and an editor does not show. */
const UNSEEN = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu

/** A text as a scalar of YAML, without quotes where it stays the same text without them. */
export function scalar(text: string): string {
  if (PLAIN.test(text) && !text.endsWith(':') && parse(text) === text) return text
  return JSON.stringify(text).replace(UNSEEN, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** A name from a server inside a comment: one line that nothing in it can leave, and no secret. */
export function inComment(name: string): string {
  return visible(scalar(withoutSecrets(name)))
}

/** Most names of one comment; whoever has more looks at the servers. */
const MOST = 20

/** `a, b and 3 more`. */
export function names(all: readonly string[]): string {
  const shown = all.slice(0, MOST).map(inComment)
  return all.length > MOST ? `${shown.join(', ')} and ${all.length - MOST} more` : shown.join(', ')
}
