import { StringDecoder } from 'node:string_decoder'

/** The longest line that is handed on, in characters: a longer one is not read by a person. */
const LONGEST_LINE = 64_000

/**
 * At a cut this many characters are left out, because they may be one half of a secret, which
 * nothing recognises.
 */
export const MARGIN = 16_000

const CUT = ' … (line cut here)'

export interface LineSplitter {
  readonly push: (chunk: Buffer) => void
  /** Hands on what came after the last line end. */
  readonly end: () => void
}

/**
 * Splits bytes into lines, each of which is cleaned as a whole: characters and secrets may be split
 * across chunks. A carriage return alone ends a line too, as in a progress bar. Of a line longer
 * than {@link LONGEST_LINE} characters only the beginning is kept.
 */
export function splitLines(
  clean: (line: string) => string,
  onLine: (line: string) => void,
): LineSplitter {
  const decoder = new StringDecoder('utf8')
  const limit = LONGEST_LINE + MARGIN
  let line = ''
  let afterReturn = false
  const finish = () => {
    onLine(line.length < limit ? clip(clean(line)) : cutLine(clean(line)))
    line = ''
  }
  const push = (text: string) => {
    for (const [part] of text.matchAll(/[^\r\n]+|\r|\n/g)) {
      if (part === '\r' || (part === '\n' && !afterReturn)) finish()
      else if (part !== '\n') line += part.slice(0, limit - line.length)
      afterReturn = part === '\r'
    }
  }
  return {
    push: (chunk) => {
      push(decoder.write(chunk))
    },
    end: () => {
      push(decoder.end())
      if (line !== '') finish()
    },
  }
}

function clip(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}${CUT}` : line
}

/** The last characters of a line that goes on may be the first half of a secret. */
function cutLine(line: string): string {
  return `${line.slice(0, -MARGIN)}${CUT}`
}
