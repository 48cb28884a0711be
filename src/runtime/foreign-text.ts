import { visible } from '../core/text.ts'
import { redactForeign } from './secrets.ts'

/**
 * Makes a line of foreign text safe to show: secrets are hidden, and nothing in it moves the
 * cursor, changes colours, or turns the reading direction. Secrets are looked for twice, because
 * taking out what is invisible may change a secret or put one together.
 */
export function cleanLine(line: string): string {
  return redactForeign(visible(redactForeign(line)))
}
