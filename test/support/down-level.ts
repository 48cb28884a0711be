// act knows less than GitHub. This makes of a file what act can run; the tests of it prove that
// nothing else is changed.
import { parse, stringify } from 'yaml'
import { OWN_REF } from './workflow-files.ts'

type Node = Record<string, unknown>

/**
 * The text of a workflow or action as act takes it: no `$/`, no `queue`, no `deployment` of an
 * environment.
 */
export function downLevel(text: string, slug: string): string {
  return stringify(changed(parse(text), slug), { lineWidth: 0, aliasDuplicateObjects: false })
}

function changed(node: unknown, slug: string): unknown {
  if (Array.isArray(node)) return node.map((item) => changed(item, slug))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key === 'uses' && typeof value === 'string' && value.startsWith('$/'))
        return [key, `${slug}/${value.slice(2)}@${OWN_REF}`]
      if (key === 'concurrency' && isNode(value)) return [key, without(value, 'queue')]
      if (key === 'environment' && isNode(value) && 'name' in value)
        return [key, without(value, 'deployment')]
      return [key, changed(value, slug)]
    }),
  )
}

function without(node: Node, name: string): Node {
  return Object.fromEntries(Object.entries(node).filter(([key]) => key !== name))
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
