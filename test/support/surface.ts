// What the actions look like from outside, as the tables of inputs and outputs say it.
import { stringify } from 'yaml'
import { COMMAND_NAMES, INPUTS, type CommandName } from '../../src/inputs/inputs.ts'
import { COMMON_OUTPUTS, OUTPUTS } from '../../src/inputs/outputs.ts'

export interface Action {
  /** Folder of action.yml in the repository. */
  readonly folder: string
  readonly commands: readonly CommandName[]
}

const published = ['upgrade-workspace', 'run-smoke-suite', 'rebuild-snapshots', 'promote'] as const

/** Composites that run one command each; each has a README. */
export const PUBLISHED: readonly Action[] = published.map((name) => ({
  folder: `actions/${name}`,
  commands: [name],
}))
export const ROOT_ACTION: Action = { folder: '.', commands: COMMAND_NAMES }
export const COMMAND_ACTION: Action = { folder: 'actions/command', commands: COMMAND_NAMES }
export const COMPOSITES: readonly Action[] = [...PUBLISHED, COMMAND_ACTION]
export const ACTIONS: readonly Action[] = [ROOT_ACTION, ...COMPOSITES]

interface Spec {
  readonly description: string
  readonly default?: string
  readonly required?: true
  readonly choices?: readonly string[]
}

export interface InputRow extends Spec {
  readonly name: string
}

const specs = (command: CommandName): Readonly<Record<string, Spec>> => INPUTS[command]
const shared = Object.keys(INPUTS.promote).filter((name) =>
  published.every(
    (command) => specs(command)[name]?.description === specs('promote')[name]?.description,
  ),
)

/** Inputs of an action: those of its commands, their own before those that all actions have. */
export function inputsOf({ commands }: Action): InputRow[] {
  const names = [...new Set(commands.flatMap((command) => Object.keys(specs(command))))]
  const ordered = [
    ...names.filter((name) => name === 'environment'),
    ...names.filter((name) => !shared.includes(name)),
    ...names.filter((name) => name !== 'environment' && shared.includes(name)),
  ]
  const rows = ordered.map((name) =>
    commands.length === 1
      ? ({ name, ...specs(commands[0] ?? 'demo')[name] } as InputRow)
      : { name, description: mergedDescription(name, commands) },
  )
  return commands.length === 1
    ? rows
    : [
        {
          name: 'run',
          required: true,
          description: `Name of the command: ${commands.join(', ')}.`,
        },
        ...rows,
      ]
}

/** Everything a reader must know where only a description can be shown. */
function fullDescription(spec: Spec): string {
  const { description, choices, default: standard } = spec
  const facts = [
    choices === undefined ? undefined : `one of ${choices.join(', ')}`,
    standard === undefined ? undefined : `default ${standard}`,
  ].filter((fact) => fact !== undefined)
  return facts.length === 0
    ? description
    : `${description.replace(/\.$/, '')} (${facts.join('; ')}).`
}

/** The same input of several commands, each meaning told once. */
function mergedDescription(name: string, commands: readonly CommandName[]): string {
  const meanings = new Map<string, CommandName[]>()
  for (const command of commands) {
    const spec = specs(command)[name]
    if (spec === undefined) continue
    const meaning = fullDescription(spec)
    meanings.set(meaning, [...(meanings.get(meaning) ?? []), command])
  }
  const everywhere = meanings.size === 1 && shared.includes(name)
  return [...meanings]
    .map(([meaning, of]) => (everywhere ? meaning : `[${of.join(', ')}] ${meaning}`))
    .join(' ')
}

/**
 * Outputs of an action with their descriptions; the same output of several commands tells each
 * meaning once.
 */
export function outputsOf({ commands }: Action): Readonly<Record<string, string>> {
  const meanings: Record<string, Record<string, CommandName[]>> = {}
  for (const command of commands) {
    for (const [name, description] of Object.entries<string>(OUTPUTS[command]))
      ((meanings[name] ??= {})[description] ??= []).push(command)
  }
  const own = Object.entries(meanings).map(([name, all]) => [
    name,
    Object.entries(all)
      .map(([meaning, of]) => (commands.length === 1 ? meaning : `[${of.join(', ')}] ${meaning}`))
      .join(' '),
  ])
  return { ...COMMON_OUTPUTS, ...(Object.fromEntries(own) as Record<string, string>) }
}

/** `inputs:` of an action.yml. */
export function inputsYaml(action: Action): string {
  const inputs = inputsOf(action).map((row) => [
    row.name,
    {
      description: fullDescription(row),
      ...(row.required === true ? { required: true } : {}),
      // An empty input counts as not given, so that the defaults stand in one place.
      ...(row.name === 'github-token' ? { default: '${{ github.token }}' } : {}),
    },
  ])
  return yaml({ inputs: Object.fromEntries(inputs) as unknown })
}

/** `outputs:` of an action.yml; a composite takes them from its step `command`. */
export function outputsYaml(action: Action): string {
  const outputs = Object.entries(outputsOf(action)).map(([name, description]) => [
    name,
    {
      description,
      ...(action === ROOT_ACTION ? {} : { value: `\${{ steps.command.outputs.${name} }}` }),
    },
  ])
  return yaml({ outputs: Object.fromEntries(outputs) as unknown })
}

/** How a composite hands its inputs to the command: GitHub's own spelling of an action's inputs. */
export function inputEnvironment(action: Action): Readonly<Record<string, string>> {
  return Object.fromEntries(
    inputsOf(action).map(({ name }) => [`INPUT_${name.toUpperCase()}`, `\${{ inputs.${name} }}`]),
  )
}

export function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 })
}

/**
 * Replaces what stands between the lines `begin <name>` and `end <name>`; the block keeps the
 * indentation of those lines.
 */
export function replaceBlock(text: string, name: string, block: string): string {
  const [, before, indentation, begin, end, after] =
    new RegExp(
      `^([\\s\\S]*?)^([ ]*)(\\S.*begin ${name}.*\\n)[\\s\\S]*?(^[ ]*\\S.*end ${name}.*\\n)([\\s\\S]*)$`,
      'm',
    ).exec(text) ?? []
  if (
    before === undefined ||
    indentation === undefined ||
    begin === undefined ||
    end === undefined ||
    after === undefined
  )
    throw new Error(`no block ${name}`)
  const lines = block
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? line : `${indentation}${line}`))
  return `${before}${indentation}${begin}${lines.join('\n')}\n${end}${after}`
}
