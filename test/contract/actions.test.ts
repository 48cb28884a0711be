import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { COMMAND_NAMES, readInputs } from '../../src/inputs/inputs.ts'
import { supportedPythons } from '../../src/core/versions.ts'
import { shellcheck } from '../support/environments.ts'
import { formatted } from '../support/formatted.ts'
import { filesOf } from '../support/reasons-of.ts'
import {
  ACTIONS,
  COMMAND_ACTION,
  COMPOSITES,
  inputEnvironment,
  inputsOf,
  inputsYaml,
  outputsOf,
  outputsYaml,
  PUBLISHED,
  replaceBlock,
  ROOT_ACTION,
  yaml,
  type Action,
} from '../support/surface.ts'

// Every action.yml, the code and the tables of src/config say the same. UPDATE_GOLDEN=1 writes the
// blocks between begin and end anew.

interface Step {
  readonly name?: string
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly shell?: string
  readonly env?: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, string>>
  readonly 'continue-on-error'?: boolean
}

interface ActionFile {
  readonly name: string
  readonly description: string
  readonly inputs: Readonly<
    Record<
      string,
      { readonly description: string; readonly required?: boolean; readonly default?: string }
    >
  >
  readonly outputs: Readonly<
    Record<string, { readonly description: string; readonly value?: string }>
  >
  readonly runs: {
    readonly using: string
    readonly main?: string
    readonly steps?: readonly Step[]
  }
}

const ROOT = join(import.meta.dirname, '..', '..')
const pathOf = (action: Action) => join(ROOT, action.folder, 'action.yml')
const textOf = (action: Action) => readFileSync(pathOf(action), 'utf8')
const fileOf = (action: Action) => parse(textOf(action)) as ActionFile
const stepsOf = (action: Action) => fileOf(action).runs.steps ?? []

async function asItShouldBe(action: Action): Promise<string> {
  const surface = replaceBlock(
    replaceBlock(textOf(action), 'inputs', inputsYaml(action)),
    'outputs',
    outputsYaml(action),
  )
  const text =
    action === ROOT_ACTION
      ? surface
      : replaceBlock(surface, 'environment', yaml(inputEnvironment(action)))
  return formatted(pathOf(action), text)
}

if (process.env['UPDATE_GOLDEN'] === '1')
  for (const action of ACTIONS) writeFileSync(pathOf(action), await asItShouldBe(action))

describe.each(ACTIONS.map((action) => [action.folder, action] as const))(
  '%s/action.yml',
  (_, action) => {
    it('has the blocks that follow from the tables', async () => {
      expect(textOf(action)).toBe(await asItShouldBe(action))
    })

    it('has every input and output of its commands, and no other', () => {
      const { inputs, outputs } = fileOf(action)
      expect(Object.keys(inputs).sort()).toEqual(
        inputsOf(action)
          .map(({ name }) => name)
          .sort(),
      )
      expect(Object.keys(outputs).sort()).toEqual(Object.keys(outputsOf(action)).sort())
    })

    it('repeats no default but the token of the job', () => {
      const defaults = Object.entries(fileOf(action).inputs).flatMap(([name, input]) =>
        input.default === undefined ? [] : [[name, input.default]],
      )
      expect(defaults).toEqual([['github-token', '${{ github.token }}']])
    })

    it('has a description that fits the marketplace', () => {
      expect(fileOf(action).description.length).toBeLessThanOrEqual(125)
    })

    it('pins what is not ours to a commit and names its version', () => {
      for (const line of textOf(action)
        .split('\n')
        .filter((each) => /^\s*(- )?uses:/.test(each)))
        expect(line).toMatch(/uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    })
  },
)

describe('an input of an action', () => {
  it('is read in the spelling of GitHub, and counts as not given when it is empty', () => {
    const read = readInputs('promote', [], {
      INPUT_ENVIRONMENT: 'production',
      INPUT_STEP: 'gate',
      'INPUT_WORKING-DIRECTORY': 'here',
      INPUT_CONFIG: '',
    })
    expect(read).toMatchObject({
      environment: 'production',
      step: 'gate',
      'working-directory': 'here',
      config: 'zenml-upgrade.yml',
    })
  })
})

describe('the root action', () => {
  it('is the bundle on the Node of the runner', () => {
    expect(fileOf(ROOT_ACTION).runs).toEqual({ using: 'node24', main: 'dist/main.cjs' })
    expect(existsSync(join(ROOT, 'dist/main.cjs'))).toBe(true)
  })
})

describe.each(COMPOSITES.map((action) => [action.folder, action] as const))(
  'the steps of %s',
  (_, action) => {
    it('put no expression into a script, and name their shell', () => {
      const scripts = stepsOf(action).filter((step) => step.run !== undefined)
      expect(scripts).toHaveLength(3)
      for (const { run, shell } of scripts) {
        expect(run).not.toContain('${{')
        expect(shell).toBe('bash')
      }
    })

    it('hand every input to the command, and take every output from it', () => {
      // Of the commands, only the report says where it is uploaded to.
      const artifact = '${{ steps.prepare.outputs.report-artifact }}'
      expect(stepsOf(action).find(({ id }) => id === 'command')?.env).toEqual({
        ...(action === COMMAND_ACTION ? { REPORT_ARTIFACT: artifact } : {}),
        ...inputEnvironment(action),
      })
      for (const [name, { value }] of Object.entries(fileOf(action).outputs))
        expect(value).toBe(`\${{ steps.command.outputs.${name} }}`)
    })

    it('replace the shell by the script that becomes the command', () => {
      const argument = action === COMMAND_ACTION ? '"$INPUT_RUN"' : action.commands[0]
      expect(stepsOf(action).find(({ id }) => id === 'command')?.run).toBe(
        `exec bash "$GITHUB_ACTION_PATH/../steps/run.sh" ${argument}`,
      )
    })

    it('let nothing but the command decide how the action ends', () => {
      const deciding = stepsOf(action).filter((step) => step['continue-on-error'] !== true)
      expect(deciding.map(({ id }) => id)).toEqual(['prepare', 'command'])
      for (const step of deciding) expect(step.if).toBeUndefined()
    })

    it('gather and upload on every path', () => {
      const after = stepsOf(action).slice(
        stepsOf(action).findIndex(({ id }) => id === 'command') + 1,
      )
      expect(after.map(({ if: condition }) => condition?.startsWith('always() && '))).toEqual([
        true,
        true,
        true,
      ])
    })

    it('name the artifact after the step and the part where the command has such inputs', () => {
      const env = stepsOf(action).find(({ id }) => id === 'prepare')?.env ?? {}
      const names = inputsOf(action).map(({ name }) => name)
      for (const name of ['step', 'mode'])
        expect(env['STEP']?.includes(`inputs.${name}`)).toBe(names.includes(name))
      expect(env['SHARD']?.includes('inputs.shard')).toBe(names.includes('shard'))
      expect(env['COMMAND']).toBe(
        action === COMMAND_ACTION ? '${{ inputs.run }}' : action.commands[0],
      )
      const mode = inputsOf(action).find(({ name }) => name === 'mode')
      if (mode?.default !== undefined)
        expect(env['STEP']).toBe(`\${{ inputs.mode || '${mode.default}' }}`)
    })

    it('look for the report where the command writes it', () => {
      const { default: standard } =
        inputsOf(PUBLISHED[0] ?? action).find(({ name }) => name === 'report-directory') ?? {}
      expect(stepsOf(action).find(({ id }) => id === 'collect')?.env?.['REPORT_DIRECTORY']).toBe(
        `\${{ inputs.report-directory || '${standard ?? ''}' }}`,
      )
    })

    it('are those of the other composites', () => {
      const common = (steps: readonly Step[]) =>
        steps.map((step) =>
          step.id === 'command'
            ? { ...step, name: '', env: {}, run: '' }
            : step.id === 'prepare'
              ? { ...step, env: {} }
              : step,
        )
      expect(common(stepsOf(action))).toEqual(common(stepsOf(COMMAND_ACTION)))
    })
  },
)

describe('actions/steps/tools.sh', () => {
  const tools = readFileSync(join(ROOT, 'actions/steps/tools.sh'), 'utf8')

  it('takes the Node that package.json asks for', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      engines: { node: string }
    }
    const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(engines.node) ?? []
    expect(tools).toContain(
      `major > ${major ?? ''} || (major === ${major ?? ''} && minor >= ${minor ?? ''})`,
    )
  })

  it('takes no Python that no release of ZenML runs on', () => {
    const newest = supportedPythons('999.0.0').at(-1)?.replace('.', ', ')
    expect(tools).toContain(`(3, 10) <= sys.version_info[:2] <= (${newest ?? ''})`)
  })
})

describe('actions/steps/prepare.sh', () => {
  it('asks for a Python where the command makes a client', () => {
    const [, without = ''] =
      /^ {2}(.+)\) python=/m.exec(readFileSync(join(ROOT, 'actions/steps/prepare.sh'), 'utf8')) ??
      []
    expect(without.split(' | ')).toEqual(
      COMMAND_NAMES.filter(
        (command) => !filesOf(command).some((file) => file === 'zenml-client/uv.ts'),
      ),
    )
  })
})

describe('the scripts of the steps', () => {
  it('have nothing that shellcheck finds', async () => {
    const program = await shellcheck()
    const folder = join(ROOT, 'actions/steps')
    const check = (args: readonly string[], input?: string) =>
      spawnSync(program, ['--external-sources', ...args], { cwd: folder, encoding: 'utf8', input })
    expect(check(['--shell=bash', '-'], 'rm $1').stdout).toContain('SC2086')
    const scripts = readdirSync(folder).filter((name) => name.endsWith('.sh'))
    expect(check(scripts).stdout).toBe('')
  }, 120_000)
})
