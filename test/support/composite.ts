import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

// Runs the steps of a composite as the runner does: scripts as processes of bash, other actions as
// told by the test.

interface Step {
  readonly id?: string
  readonly if?: string
  readonly run?: string
  readonly uses?: string
  readonly env?: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, string>>
  readonly 'continue-on-error'?: boolean
}

interface CompositeFile {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>
  readonly runs: { readonly steps: readonly Step[] }
}

export interface UsedAction {
  /** Such as `actions/setup-node`. */
  readonly name: string
  readonly with: Readonly<Record<string, string>>
}

export interface CompositeCall {
  /** Folder of action.yml. */
  readonly action: string
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** The workspace of the job. */
  readonly cwd: string
  /** How an action of others ends. */
  readonly use?: (action: UsedAction) => 'success' | 'failure'
  /** Called with the process of the step `command`. */
  readonly onCommand?: (process: ChildProcess) => void
}

export interface CompositeEnd {
  readonly result: 'success' | 'failure'
  readonly outputs: Readonly<Record<string, string>>
  /** How the step `command` ended; undefined when it was skipped. */
  readonly exitCode: number | null | undefined
  readonly used: readonly UsedAction[]
  readonly log: string
}

interface StepEnd {
  readonly outcome: 'success' | 'failure' | 'skipped'
  readonly outputs: Readonly<Record<string, string>>
}

export async function runComposite(call: CompositeCall): Promise<CompositeEnd> {
  const file = parse(await readFile(join(call.action, 'action.yml'), 'utf8')) as CompositeFile
  const inputs = Object.fromEntries(
    Object.entries(file.inputs).map(([name, input]) => [
      name,
      call.inputs[name] ?? interpolate(input.default ?? '', {}, {}),
    ]),
  )
  const steps: Record<string, StepEnd> = {}
  const used: UsedAction[] = []
  let [result, log, exitCode]: [CompositeEnd['result'], string, CompositeEnd['exitCode']] = [
    'success',
    '',
    undefined,
  ]
  for (const [index, step] of file.runs.steps.entries()) {
    const evaluated = (texts: Readonly<Record<string, string>> = {}) =>
      Object.fromEntries(
        Object.entries(texts).map(([name, text]) => [
          name,
          interpolate(
            text.replaceAll('${{ runner.temp }}', call.env['RUNNER_TEMP'] ?? ''),
            inputs,
            steps,
          ),
        ]),
      )
    // Without a status function of its own a condition holds only while everything went well.
    const wanted = step.if === undefined ? true : evaluate(step.if, inputs, steps) === true
    let end: StepEnd = { outcome: 'skipped', outputs: {} }
    if (wanted && (result === 'success' || step.if?.includes('always()') === true)) {
      if (step.uses !== undefined) {
        const action = { name: step.uses.replace(/@.*/, ''), with: evaluated(step.with) }
        used.push(action)
        end = { outcome: call.use?.(action) ?? 'success', outputs: {} }
      } else {
        const ran = await runScript({
          script: step.run ?? '',
          env: { ...call.env, ...evaluated(step.env), GITHUB_ACTION_PATH: call.action },
          cwd: call.cwd,
          name: `step-${index}`,
          ...(step.id === 'command' && call.onCommand !== undefined
            ? { onStart: call.onCommand }
            : {}),
        })
        log += ran.log
        if (step.id === 'command') exitCode = ran.exitCode
        end = { outcome: ran.exitCode === 0 ? 'success' : 'failure', outputs: ran.outputs }
      }
    }
    if (end.outcome === 'failure' && step['continue-on-error'] !== true) result = 'failure'
    if (step.id !== undefined) steps[step.id] = end
  }
  const outputs = Object.fromEntries(
    Object.entries(file.outputs ?? {}).map(([name, { value }]) => [
      name,
      interpolate(value, inputs, steps),
    ]),
  )
  return { result, outputs, exitCode, used, log }
}

interface Script {
  readonly script: string
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly name: string
  readonly onStart?: (process: ChildProcess) => void
}

async function runScript({
  script,
  env,
  cwd,
  name,
  onStart,
}: Script): Promise<{ exitCode: number | null; log: string; outputs: Record<string, string> }> {
  const [path, output] = [
    join(env['RUNNER_TEMP'] ?? '', `${name}.sh`),
    join(env['RUNNER_TEMP'] ?? '', `${name}.outputs`),
  ]
  await writeFile(path, script)
  await writeFile(output, '')
  const child = spawn('/bin/bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', path], {
    cwd,
    env: { ...env, GITHUB_OUTPUT: output },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
  onStart?.(child)
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, log, outputs: parseOutputs(await readFile(output, 'utf8')) }
}

/** Both forms of GITHUB_OUTPUT: `name=value`, and `name<<delimiter`, lines, `delimiter`. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  for (const [, name = '', , lines, value] of text.matchAll(
    /^([\w-]+)(?:<<(.+)\n([\s\S]*?)\n?^\2|=(.*))$/gm,
  ))
    outputs[name] = lines ?? value ?? ''
  return outputs
}

function interpolate(
  text: string,
  inputs: Readonly<Record<string, string>>,
  steps: Readonly<Record<string, StepEnd>>,
): string {
  return text.replace(/\$\{\{ (.+?) \}\}/g, (_, expression: string) =>
    String(evaluate(expression, inputs, steps)),
  )
}

/** The few forms of GitHub's expressions that the composites use. */
function evaluate(
  expression: string,
  inputs: Readonly<Record<string, string>>,
  steps: Readonly<Record<string, StepEnd>>,
): string | boolean {
  if (expression === 'github.token') return 'ghs_ofTheJob'
  const any = expression.split(' || ')
  if (any.length > 1)
    return (
      any
        .map((part) => evaluate(part, inputs, steps))
        .find((value) => value !== '' && value !== false) ?? ''
    )
  const all = expression.split(' && ')
  if (all.length > 1) return all.every((part) => evaluate(part, inputs, steps) === true)
  const [, left, operator, right] = /^(\S+) (==|!=) '(.*)'$/.exec(expression) ?? []
  if (left !== undefined) return (evaluate(left, inputs, steps) === right) === (operator === '==')
  if (expression === 'always()') return true
  const literal = /^'(.*)'$/.exec(expression)?.[1]
  if (literal !== undefined) return literal
  const input = /^inputs\.([\w-]+)$/.exec(expression)?.[1]
  if (input !== undefined) return inputs[input] ?? ''
  const [, step = '', property, output = ''] =
    /^steps\.([\w-]+)\.(?:(outcome)|outputs\.([\w-]+))$/.exec(expression) ?? []
  if (step === '') throw new Error(`no expression of ours: ${expression}`)
  return property === 'outcome'
    ? (steps[step]?.outcome ?? '')
    : (steps[step]?.outputs[output] ?? '')
}
