import { COMMAND_NAMES, INPUTS, type CommandName } from '../inputs/inputs.ts'
import { PURPOSES } from './table.ts'

const WIDTH = 20

export function generalHelp(): string {
  const rows = COMMAND_NAMES.map((name) => `  ${name.padEnd(WIDTH)}${PURPOSES[name]}`)
  return [
    'zenml-upgrade: the guide for upgrading ZenML servers, as software.',
    '',
    'Usage: node dist/main.cjs <command> [--input value]…',
    '',
    'Commands:',
    ...rows,
    '',
    'Every command has --help. --version tells the version of zenml-upgrade.',
  ].join('\n')
}

export function commandHelp(command: CommandName): string {
  const specs: Readonly<
    Record<
      string,
      {
        description: string
        default?: string
        required?: true
        choices?: readonly string[]
        secret?: readonly string[]
      }
    >
  > = INPUTS[command]
  const rows = Object.entries(specs).flatMap(([name, spec]) => {
    const how = spec.secret === undefined ? `--${name}` : `(environment) ${spec.secret.join(', ')}`
    const facts = [
      spec.required === true ? 'required' : undefined,
      spec.choices === undefined ? undefined : `one of ${spec.choices.join(', ')}`,
      spec.default === undefined ? undefined : `default ${spec.default}`,
    ].filter((fact) => fact !== undefined)
    return [
      `  ${how}`,
      `      ${spec.description}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`,
    ]
  })
  return [
    `${command}: ${PURPOSES[command]}`,
    '',
    `Usage: node dist/main.cjs ${command} [--input value]…`,
    '',
    'Inputs:',
    ...rows,
    '',
    'An input is read from its flag, else from INPUT_NAME-WITH-HYPHEN, else from ZENML_UPGRADE_NAME_WITH_UNDERSCORE.',
  ].join('\n')
}
