import { isAlias, isMap, isScalar, isSeq, type Document, type Node } from 'yaml'
import { quoted, type Path } from './problem.ts'

export interface Flaw {
  readonly offset: number
  readonly path: Path
  readonly message: string
  /** Where the same thing stands for the first time. */
  readonly first?: number
}

/** The text of a key as it is in plain data. */
export function keyText(key: unknown): string {
  return isScalar<string | number | boolean | null>(key) ? String(key.value ?? '') : ''
}

/**
 * Where a node begins in the text; undefined for one that was not written, such as an empty value.
 */
export function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}

/** Keys given twice and keys that are no text: plain data cannot show them any more. */
export function* keyFlaws(node: unknown, path: Path = []): Generator<Flaw> {
  if (isSeq(node))
    for (const [index, item] of node.items.entries()) yield* keyFlaws(item, [...path, index])
  if (!isMap(node)) return
  const seen = new Map<string, number>()
  for (const { key, value } of node.items) {
    const offset = offsetOf(key) ?? offsetOf(value) ?? 0
    if (!isScalar(key)) {
      yield { offset, path, message: 'a key must be text, not a list, a mapping or an alias' }
      continue
    }
    const name = keyText(key)
    const first = seen.get(name)
    if (first === undefined) seen.set(name, offset)
    else yield { offset, path: [...path, name], message: 'is given twice', first }
    yield* keyFlaws(value, [...path, name])
  }
}

/** Aliases that lead nowhere, or into what they are part of: no data can be made of them. */
export function* aliasFlaws(
  document: Document.Parsed,
  node: unknown = document.contents,
  path: Path = [],
  around: readonly unknown[] = [],
): Generator<Flaw> {
  if (isAlias(node)) {
    const target = node.resolve(document)
    const offset = offsetOf(node) ?? 0
    if (target === undefined)
      yield {
        offset,
        path,
        message: `refers to the anchor ${quoted(node.source)}, which does not stand above it`,
      }
    else if (around.includes(target))
      yield {
        offset,
        path,
        message: `refers to the anchor ${quoted(node.source)}, of which it is a part`,
      }
  }
  if (isSeq(node))
    for (const [index, item] of node.items.entries())
      yield* aliasFlaws(document, item, [...path, index], [...around, node])
  if (isMap(node))
    for (const { key, value } of node.items)
      yield* aliasFlaws(document, value, [...path, keyText(key)], [...around, node])
}
