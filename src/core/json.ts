/**
 * Parses JSON text. Returns undefined, which JSON cannot express, for anything else: text from
 * outside may be half written, and the schema of the caller says what is missing.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
