import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Environment } from '../core/environments.ts'
import { variableOf } from '../inputs/inputs.ts'
import { parseConfig } from '../config/load.ts'
import { answersOf } from '../init/answers.ts'
import type { Facts, ServerFacts } from '../init/facts.ts'
import { newFiles } from '../init/files.ts'
import { look } from '../init/inspect.ts'
import { codeSentences, serverSentence, warnings } from '../init/messages.ts'
import { toDo } from '../init/to-do.ts'
import { asItStands, writeFiles, type WrittenFile } from '../init/write.ts'
import { listed } from '../core/text.ts'
import { Stop } from '../core/stop.ts'
import { git } from '../git/git.ts'
import type { Log } from '../runtime/log.ts'
import type { Machine } from '../runtime/runtime.ts'
import { ask, somebodyIsThere } from '../runtime/questions.ts'
import { redact } from '../runtime/secrets.ts'
import { connect } from '../zenml/server.ts'
import type { CommandContext, Conclusion } from './command.ts'

type InitInputs = CommandContext<'init'>['inputs']

/**
 * Looks at both live servers and writes what a repository needs; what is there already stays as it
 * is.
 */
export async function init({
  inputs,
  machine,
}: CommandContext<'init'>): Promise<Conclusion<'init'>> {
  const { log } = machine
  const folder = resolve(inputs['working-directory'])
  const repository = await readRepository(folder)
  const answers = await answersOf(
    inputs,
    somebodyIsThere() ? (questions) => ask(questions, machine) : undefined,
  )
  const staging = await lookAt('staging', answers['staging-server'], inputs, machine)
  const production = await lookAt('production', answers['production-server'], inputs, machine)
  const facts: Facts = { driver: answers.deploy, staging, production, ...repository }
  await tell(log, 'Where the code of the snapshots is', codeSentences(facts))

  const files = newFiles(facts, __REPOSITORY__)
  const written = await writeAll(folder, files, machine.log, inputs['dry-run'] === 'true')
  const notes = warnings(facts)
  for (const note of notes) log.warn(note)
  const tasks = toDo(facts, await asItStands(folder, files[0]))
  await tell(
    log,
    'What is left for you',
    tasks.map((task, index) => `${index + 1}. ${task}`),
  )
  return {
    ...verdict(written),
    details: {
      'staging-version': staging.version,
      'production-version': production.version,
      files: written,
      notes,
      'to-do': tasks,
    },
  }
}

/** Writes the files, or shows them on a dry run; logs what was done with each. */
async function writeAll(
  folder: string,
  files: ReturnType<typeof newFiles>,
  log: Log,
  dryRun: boolean,
): Promise<WrittenFile[]> {
  const [config] = files
  // What is written is read by the same rules; a problem here is a defect of ours.
  parseConfig(config.text, config.path)
  const show = (path: string, text: string) => {
    process.stdout.write(`--- ${path}\n${redact(text)}\n`)
  }
  const written = await writeFiles(folder, files, dryRun ? show : undefined)
  await tell(
    log,
    'Files',
    written.map(({ path, action }) => `${path}: ${SAID[action]}`),
  )
  return written
}

const SAID: Readonly<Record<WrittenFile['action'], string>> = {
  written: 'written',
  appended: 'lines appended',
  kept: 'is there already; left as it is',
  planned: 'would be written',
}

function verdict(
  files: readonly WrittenFile[],
): Pick<Conclusion<'init'>, 'reasonCode' | 'summary'> {
  const paths = (...actions: WrittenFile['action'][]) =>
    files.filter(({ action }) => actions.includes(action)).map(({ path }) => path)
  const kept = paths('kept')
  const rest = kept.length === 0 ? '' : `; left as it is: ${listed(kept)}`
  if (kept.length === files.length)
    return {
      reasonCode: 'nothing-to-write',
      summary: 'every file is there already, and was left as it is',
    }
  const planned = paths('planned')
  if (planned.length > 0)
    return { reasonCode: 'dry-run', summary: `would write ${listed(planned)}${rest}` }
  return {
    reasonCode: 'initialised',
    summary: `wrote ${listed(paths('written', 'appended'))}${rest}`,
  }
}

/** Files and branches that git knows in this clone. */
async function readRepository(folder: string): Promise<Pick<Facts, 'files' | 'branches'>> {
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory() !== true)
    throw new Stop('invalid-input', `the working directory is not a folder: ${folder}`, {
      next: 'Name the root of the repository as --working-directory.',
    })
  const files = await git(folder, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  const branches = await git(folder, [
    'for-each-ref',
    '--format=%(refname:lstrip=2)',
    'refs/heads',
    'refs/remotes/origin',
  ])
  return {
    files: files
      .replace(/\n$/, '')
      .split('\0')
      .filter((file) => file !== ''),
    branches: branches.split('\n').map((name) => name.replace(/^origin\//, '')),
  }
}

async function lookAt(
  environment: Environment,
  url: string,
  inputs: InitInputs,
  machine: Machine,
): Promise<ServerFacts> {
  const apiKey = inputs[`${environment}-api-key`]
  return machine.log.chapter(`Look at ${environment}`, async () => {
    const keyVariable = variableOf('init', `${environment}-api-key`, machine.env)
    const facts = await look(connect({ url, apiKey, keyVariable, machine }), {
      environment,
      hasKey: apiKey !== undefined,
    })
    machine.log.pass(serverSentence(facts))
    return facts
  })
}

/** Lines under a heading; without lines no heading. */
async function tell(log: Log, title: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return
  await log.chapter(title, () => {
    for (const line of lines) log.info(line)
    return Promise.resolve()
  })
}
