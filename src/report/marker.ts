import { normalConfigPath } from '../inputs/config-path.ts'

/**
 * First line of the comment, by which it is found again. `key` is the path of the configuration
 * file. No key can close the HTML comment or break the line: what could is spelled as a JSON
 * escape.
 */
export function marker(key: string): string {
  const json = JSON.stringify({ v: 1, key: normalConfigPath(key) }).replace(
    /[<>&]|-(?=-)|[^\x20-\x7E]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `<!-- zenml-upgrade ${json} -->`
}
