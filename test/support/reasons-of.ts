import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import type { CommandName } from '../../src/inputs/inputs.ts'
import { REASONS, type ReasonCode } from '../../src/core/reasons.ts'

// Which reason codes a command can end with: those that stand in the files it runs, less those that
// are only read there.

const ROOT = join(import.meta.dirname, '..', '..')
const SRC = join(ROOT, 'src')

/** Run for every command; the table of commands, which leads to all of them, is not followed. */
const FOR_ALL = ['cli/commands.ts', 'cli/run-command.ts', 'cli/conclude.ts', 'inputs/inputs.ts']

/**
 * Files where such a word is no end of a command: keys of the file, records and results of earlier
 * commands.
 */
const ONLY_READ =
  /^(core\/reasons\.ts|config\/schema\.ts|state\/(verdict|evidence)\.ts|(report|result)\/.*)$/

/** Words in the files of a command that it does not end with, and why. */
export const NOT_AN_END: Readonly<
  Partial<Record<CommandName, Readonly<Partial<Record<ReasonCode, string>>>>>
> = {
  'upgrade-workspace': {
    'snapshots-planned': 'a check before the upgrade',
    'snapshots-failed': 'a check before the upgrade: ends as preflight-failed',
    'snapshots-lost': 'a check before the upgrade: ends as preflight-failed',
    'snapshots-rebuilt': 'the upgrade only plans them',
    'snapshots-executed': 'the upgrade only plans them',
    'nothing-to-rebuild': 'a check before the upgrade',
    'nothing-to-execute': 'the upgrade only plans them',
    'gate-open': 'the gate before the upgrade',
    'loss-acknowledged': 'the record of an earlier attempt',
    planned: 'the status of one snapshot',
    incomplete: 'what a failed restore left of the database',
  },
  'rebuild-snapshots': { planned: 'the status of one snapshot' },
  promote: {
    'rolled-back': 'looked for in the records of production',
    locked: 'only what works on a server takes the lock',
  },
}

/** Reason codes in the files that a command runs, in the order of the docs. */
export function mentionedBy(command: CommandName): ReasonCode[] {
  const found = new Set(
    [...FOR_ALL, ...filesOf(command)]
      .filter((file) => !ONLY_READ.test(file))
      .flatMap((file) => [...codesIn(join(SRC, file))]),
  )
  // What the composites write where the bundle cannot be started.
  const [, ofSteps = ''] =
    /'reason-code=([a-z-]+)'/.exec(readFileSync(join(ROOT, 'actions/steps/run.sh'), 'utf8')) ?? []
  return (Object.keys(REASONS) as ReasonCode[]).filter(
    (code) => found.has(code) || code === ofSteps,
  )
}

/** Reason codes that a command can end with. */
export function reasonsOf(command: CommandName): ReasonCode[] {
  return mentionedBy(command).filter((code) => NOT_AN_END[command]?.[code] === undefined)
}

/** Files of `src` that a command runs code of. */
export function filesOf(command: CommandName): string[] {
  return [...closureOf(entryOf(command), new Set())].map((file) => relative(SRC, file))
}

/** The file that the table of commands loads; the demo has an entry point of its own. */
function entryOf(command: CommandName): string {
  if (command === 'demo') return join(SRC, 'cli', 'demo.ts')
  const table = readFileSync(join(SRC, 'cli', 'commands.ts'), 'utf8')
  const [, file] =
    new RegExp(`'?${command}'?: async [^']*'\\.\\./(commands/[^']+)'`).exec(table) ?? []
  if (file === undefined) throw new Error(`src/cli/commands.ts does not load ${command}`)
  return join(SRC, file)
}

function closureOf(file: string, seen: Set<string>): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  // Types are no code; what is loaded later is.
  const specifiers = [
    ...text.matchAll(
      /^(?:import|export) (?!type )[^'"]*'(\.[^']+\.ts)'|import\('(\.[^']+\.ts)'\)/gm,
    ),
  ].map((match) => match[1] ?? match[2] ?? '')
  for (const specifier of specifiers) closureOf(resolve(dirname(file), specifier), seen)
  return seen
}

function codesIn(file: string): Set<ReasonCode> {
  const codes = new Set<ReasonCode>()
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) && Object.hasOwn(REASONS, node.text) && !isName(node))
      codes.add(node.text as ReasonCode)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true))
  return codes
}

/** A type, a key, or an input such as dry-run. */
function isName(node: ts.StringLiteral): boolean {
  const { parent } = node
  return (
    ts.isLiteralTypeNode(parent) ||
    ts.isElementAccessExpression(parent) ||
    (ts.isPropertyAssignment(parent) && parent.name === node)
  )
}
