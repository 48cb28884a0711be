import { StringDecoder } from 'node:string_decoder'
import { MARGIN } from './lines.ts'

export interface OutputTail {
  readonly push: (chunk: Buffer) => void
  /** Whether there was more than is kept. */
  readonly dropped: () => boolean
  /** The last characters, from the beginning of a line if there are several; ends with a line end if there are any. */
  readonly text: () => string
}

/** Keeps the last `length` characters of a stream of bytes, in memory of about that size. */
export function outputTail(length: number): OutputTail {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let kept = 0
  let dropped = false
  const add = (part: string) => {
    parts.push(part)
    kept += part.length
    dropped ||= kept > length
    // Joining seldom keeps the cost in proportion to the output.
    if (kept <= 2 * length) return
    parts = [parts.join('').slice(-length)]
    kept = length
  }
  return {
    push: (chunk) => {
      add(decoder.write(chunk))
    },
    dropped: () => dropped,
    text: () => {
      add(decoder.end())
      const text = parts.join('').slice(-length)
      const whole = dropped ? withoutPart(text) : text
      return whole === '' || whole.endsWith('\n') ? whole : `${whole}\n`
    },
  }
}

/** Leaves out the rest of the line that the cut went through, or of an endless one its beginning. */
function withoutPart(text: string): string {
  const end = text.indexOf('\n')
  return text.slice(end === -1 || end === text.length - 1 ? MARGIN : end + 1)
}
