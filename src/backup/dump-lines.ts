import type { Readable } from 'node:stream'

/** The dump is not one that was written to its end by mysqldump or mariadb-dump. */
export class BrokenDump extends Error {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.name = 'BrokenDump'
  }
}

/**
 * Yields the lines of a stream, one character per byte: a dump holds values of any bytes, and only
 * offsets matter. @throws BrokenDump
 */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest: string[] = []
  try {
    for await (const chunk of stream) {
      const text = (chunk as Buffer).toString('latin1')
      let start = 0
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        const piece = text.slice(start, end)
        yield rest.length === 0 ? piece : `${rest.join('')}${piece}`
        rest = []
        start = end + 1
      }
      if (start < text.length) rest.push(text.slice(start))
    }
  } catch (cause) {
    throw new BrokenDump(
      `it cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
  if (rest.length > 0) yield rest.join('')
}
