import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import { pathText, type ConfigProblem, type Path } from './problem.ts'
import { aliasFlaws, keyFlaws, keyText, offsetOf, type Flaw } from './structure.ts'

/** Uses of anchors, counting those inside what is used. */
export const MOST_ALIASES = 100

interface Place {
  /** The key in its mapping; in a list, the entry itself. */
  readonly key: Node | null
  readonly value: Node | null
}

/**
 * A YAML document as data, with the place in the text of every key and value. Aliases are followed.
 */
export class YamlDocument {
  readonly #document: Document.Parsed
  readonly #lines: LineCounter
  readonly #keys = new WeakMap<YAMLMap, Map<string, Pair>>()

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document
    this.#lines = lines
  }

  /**
   * Plain data. Throws ReferenceError when there are too many aliases, counting those inside
   * aliases.
   */
  data(): unknown {
    return this.#document.toJS({ maxAliasCount: MOST_ALIASES })
  }

  brokenAliases(): ConfigProblem[] {
    return [...aliasFlaws(this.#document)].map((flaw) => this.#flaw(flaw))
  }

  brokenKeys(): ConfigProblem[] {
    return [...keyFlaws(this.#document.contents)].map((flaw) => this.#flaw(flaw))
  }

  /**
   * A problem with what stands at the path; where nothing stands, it points at the key or at the
   * nearest thing around.
   */
  problem(path: Path, message: string, at: 'value' | 'key' = 'value'): ConfigProblem {
    return { ...this.#position(path, at), path: pathText(path), message }
  }

  problemAt(offset: number, message: string): ConfigProblem {
    return this.#flaw({ offset, path: this.#pathAt(offset), message })
  }

  /** The line on which the key or list entry stands. */
  line(path: Path): number {
    return this.#position(path, 'key').line
  }

  /** A scalar as it is written, without quotes: `3.10` where the data says 3.1. */
  source(path: Path): string | undefined {
    const value = this.#follow(this.#places(path).at(path.length)?.value ?? null)
    return isScalar(value) ? value.source : undefined
  }

  /**
   * Gives a misspelt key its right name, so that what stands below it can be judged too. It keeps
   * its place in the text.
   */
  rename(parent: Path, wrong: string, right: string): void {
    const map = this.#follow(this.#places(parent).at(parent.length)?.value ?? null)
    if (!isMap(map)) return
    const key = this.#pairs(map).get(wrong)?.key
    if (isScalar(key)) key.value = right
    this.#keys.delete(map)
  }

  #flaw({ offset, path, message, first }: Flaw): ConfigProblem {
    return {
      ...this.#at(offset),
      path: pathText(path),
      message: first === undefined ? message : `${message}, first on line ${this.#at(first).line}`,
    }
  }

  #at(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }

  #position(path: Path, at: 'value' | 'key'): { line: number; column: number } {
    const places = this.#places(path)
    const place = places.at(-1)
    const stands = places.length > path.length && at === 'value' && !isEmpty(place?.value)
    return this.#at(
      (stands ? offsetOf(place?.value) : undefined) ??
        offsetOf(place?.key) ??
        offsetOf(this.#document.contents) ??
        0,
    )
  }

  /** The places from the root along the path, as far as it leads. */
  #places(path: Path): Place[] {
    const places: Place[] = [{ key: null, value: this.#document.contents }]
    for (const segment of path) {
      const next = this.#child(places.at(-1)?.value ?? null, segment)
      if (next === undefined) break
      places.push(next)
    }
    return places
  }

  #child(parent: Node | null, segment: string | number): Place | undefined {
    const node = this.#follow(parent)
    if (isMap(node)) {
      const pair = this.#pairs(node).get(String(segment))
      return pair === undefined
        ? undefined
        : { key: pair.key as Node, value: pair.value as Node | null }
    }
    if (!isSeq(node)) return undefined
    const item = node.items[Number(segment)] as Node | undefined
    return item === undefined ? undefined : { key: item, value: item }
  }

  #follow(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node
  }

  #pairs(map: YAMLMap): Map<string, Pair> {
    let pairs = this.#keys.get(map)
    if (pairs === undefined) {
      pairs = new Map(
        map.items.filter(({ key }) => isScalar(key)).map((pair) => [keyText(pair.key), pair]),
      )
      this.#keys.set(map, pairs)
    }
    return pairs
  }

  #pathAt(offset: number): Path {
    const path: (string | number)[] = []
    let node: unknown = this.#document.contents
    for (;;) {
      if (isSeq(node)) {
        const index = node.items.findIndex((item) => covers(item, offset))
        if (index < 0) return path
        path.push(index)
        node = node.items[index]
      } else if (isMap(node)) {
        const pair = node.items.find(
          ({ key, value }) => covers(key, offset) || covers(value, offset),
        )
        if (pair === undefined) return path
        path.push(keyText(pair.key))
        node = pair.value
      } else return path
    }
  }
}

function covers(node: unknown, offset: number): boolean {
  const [from, until] = (node as Node | null | undefined)?.range ?? []
  return from !== undefined && until !== undefined && from <= offset && offset < until
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null)
}
