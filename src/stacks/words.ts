import { short } from '../core/text.ts'

const LONGEST = 80

/** A name from a server inside a sentence: one visible line. It is escaped where it is shown. */
export function quoted(name: string): string {
  return `"${short(name, LONGEST)}"`
}
