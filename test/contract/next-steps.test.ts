import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'
import { NOTHING, REASONS, type ReasonCode } from '../../src/core/reasons.ts'
import { COMMAND_NAMES, INPUTS } from '../../src/inputs/inputs.ts'

// What a next step names must exist: flags, inputs with their choices, and commands.

const SOURCES = join(import.meta.dirname, '..', '..', 'src')
const inputs = new Map(
  Object.values(INPUTS).flatMap((ofCommand) =>
    Object.entries(ofCommand as Record<string, { readonly choices?: readonly string[] }>),
  ),
)

/** Options of other programs that a next step prints whole. */
const OF_OTHERS: ReadonlySet<string> = new Set(['chmod', 'git'])
/** Commands that the design names and that are not built. */
const NOT_BUILT = ['restore', 'watch', 'mirror', 'completion']

/** The literal texts of every property `next` in a file; `…` stands for what is put in. */
function nextSteps(path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true)
  const found: string[] = []
  const literals = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text)
    else if (ts.isTemplateExpression(node))
      found.push(
        [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…'),
      )
    else ts.forEachChild(node, literals)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'next') literals(node.initializer)
    else ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

const all = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .flatMap((path) => nextSteps(join(SOURCES, path)).map((text): [string, string] => [path, text]))

/** Names what a step asks for and nothing has. */
function missing(step: string): string[] {
  const isOfOthers = OF_OTHERS.has(step.split(' ')[0] ?? '')
  const flags = [...step.matchAll(/--([a-z][a-z-]+)/g)].map(([, name = '']) => name)
  const choices = [...step.matchAll(/\b([a-z]+(?:-[a-z]+)*): ([a-z][a-z-]*)/g)].filter(
    ([, name = '', value = '']) => inputs.get(name)?.choices?.includes(value) === false,
  )
  const commands = [
    ...step.matchAll(/\b(?:[Rr]un|the command) ([a-z]+(?:-[a-z]+)+|acknowledge|restore|watch)\b/g),
  ]
  return [
    ...flags.filter((name) => !isOfOthers && name !== 'help' && !inputs.has(name)),
    ...choices.map(([text]) => text),
    ...commands
      .map(([, name = '']) => name)
      .filter((name) => !(COMMAND_NAMES as readonly string[]).includes(name)),
    ...NOT_BUILT.filter((name) => step.includes(`main.cjs ${name}`)),
  ]
}

describe('a next step', () => {
  it('is found in the sources', () => {
    expect(all.length).toBeGreaterThan(150)
  })

  it('names only flags, choices and commands that exist', () => {
    expect(
      all.map(([path, step]) => [path, step, missing(step)]).filter(([, , names]) => names?.length),
    ).toEqual([])
  })

  it.each([
    ['Run the command again with --skip-everything.', ['skip-everything']],
    ['Run upgrade-workspace with on-failure: ignore.', ['on-failure: ignore']],
    ['Restore it with the command restore.', ['restore']],
    ['Run restore-workspace.', ['restore-workspace']],
  ])('that names what does not exist is found: %s', (step, names) => {
    expect(missing(step)).toEqual(names)
  })

  it.each(Object.keys(REASONS) as ReasonCode[])('of %s is an imperative sentence', (code) => {
    const { next } = REASONS[code]
    if (next !== NOTHING) expect(next).toMatch(IMPERATIVE)
  })
})

const IMPERATIVE =
  /^(Nothing to do:|(Bring|Change|Check|Click|Correct|Do|Execute|Find out|Fix|Free|Give|Leave|Let|Look|Make|Merge|Move|Name|Open|Raise|Re-run|Read|Rebuild|Remove|Repair|Report|Restore|Run|Save|Switch|Upgrade|Wait)\b).*\.$/
