import { breakLines } from '../core/wrap.ts'
import { COMMAND_NAMES, INPUTS, type CommandName } from '../inputs/inputs.ts'

/** Of the names of commands. */
const NAME_COLUMNS = 20
/** Help is a document: it has this width also in a pipe and in a wider terminal. */
const COLUMNS = 80

/** One sentence for each command. */
const PURPOSES: Readonly<Record<CommandName, string>> = {
  'upgrade-workspace':
    'Back up, upgrade and verify the ZenML server of an environment; roll back when it fails.',
  'run-smoke-suite':
    'Run the smoke suite against the server and judge it by its JUnit file and its runs.',
  'rebuild-snapshots':
    'Plan, rebuild and execute every named snapshot with the client of the server.',
  promote: 'Open the promotion pull request; decide whether production may follow staging.',
  plan: 'Say what merging this would do, from the files, the record, the package index and what the server tells everybody; changes nothing and needs no key.',
  'check-stacks':
    'Read the stacks of an environment, and say whether those of production have mirrored twins in staging; changes nothing.',
  'check-out-sources':
    'Bring the other repositories with pipeline code to this machine, so that the step that runs their code needs no token.',
  acknowledge:
    'Accept what an attempt lost, with a reason; until then, or until it is back, nothing goes on.',
  report: 'Write the one report of both environments: comment, summary, commit status.',
  init: 'Look at both live servers and write zenml-upgrade.yml, the workflow in the form that fits, and a smoke suite; overwrites nothing that a person wrote.',
  demo: 'Watch two real ZenML servers go from an older release to a newer one, on this machine.',
}

export function generalHelp(): string {
  const rows = COMMAND_NAMES.map((name) => `  ${name.padEnd(NAME_COLUMNS)}${PURPOSES[name]}`)
  return [
    'zenml-upgrade: the guide for upgrading ZenML servers, as software.',
    '',
    'Usage: node dist/main.cjs <command> [--input value]…',
    '',
    'Commands:',
    ...rows.flatMap((row) => wrapped(row, 2 + NAME_COLUMNS)),
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
      ...wrapped(
        `      ${spec.description}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`,
        6,
      ),
    ]
  })
  return [
    ...wrapped(`${command}: ${PURPOSES[command]}`, 2),
    '',
    `Usage: node dist/main.cjs ${command} [--input value]…`,
    '',
    'Inputs:',
    ...rows,
    '',
    ...wrapped(
      'An input is read from its flag, else from INPUT_NAME-WITH-HYPHEN, else from ZENML_UPGRADE_NAME_WITH_UNDERSCORE.',
      0,
    ),
  ].join('\n')
}

/** Our own words are ASCII, so that this bundle does without the package that measures the others. */
function wrapped(text: string, hanging: number): string[] {
  return breakLines(text, { columns: COLUMNS, hanging, measure: ({ length }) => length })
}
