import { JunitError } from './junit-error.ts'

/** The declaration is ASCII in every encoding that is no UTF-16. */
const DECLARATION_BYTES = 256

/**
 * Reads XML by its byte order mark, else by the bytes that every XML file begins with, else by its
 * declaration, else as UTF-8.
 * @throws JunitError when the encoding is unknown; the message names it
 */
export function decodeXml(bytes: Uint8Array): string {
  const encoding = markedEncoding(bytes) ?? declaredEncoding(bytes) ?? 'utf-8'
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch (error) {
    throw new JunitError(`is written in the encoding ${encoding}, which is unknown`, error)
  }
}

function markedEncoding(bytes: Uint8Array): string | undefined {
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  if (/^(fffe0000|0000feff|3c000000|0000003c)/.test(start)) return 'UTF-32'
  if (/^(fffe|3c00)/.test(start)) return 'utf-16le'
  if (/^(feff|003c)/.test(start)) return 'utf-16be'
  return start.startsWith('efbbbf') ? 'utf-8' : undefined
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, DECLARATION_BYTES))
  const found = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1]?.trim()
  // .NET declares the encoding of its strings, UTF-16, also where it writes UTF-8. Bytes that can
  // be read as ASCII are no UTF-16.
  return found === undefined || /^(utf-?16(le|be)?|ucs-?2)$/i.test(found) ? undefined : found
}
