import { resolve } from 'node:path'
import type { Environment } from '../core/environments.ts'
import { variableOf } from '../inputs/inputs.ts'
import { parseConfig } from '../config/load.ts'
import { answersInFile } from '../init/answers-in-file.ts'
import { answersOf, type Answers } from '../init/answers.ts'
import { chooseCode } from '../init/choose-code.ts'
import { chooseForm } from '../init/choose-form.ts'
import { codeOf } from '../init/config-text.ts'
import type { Facts, ServerFacts, Setup } from '../init/facts.ts'
import { newFiles, WORKFLOW_PATH } from '../init/files.ts'
import { FORM_NEEDS } from '../init/forms.ts'
import { look } from '../init/inspect.ts'
import { codeSentences, editedSentence, serverSentence, warnings } from '../init/messages.ts'
import { releaseFor } from '../init/release-choice.ts'
import { readRepository, type InitRepository } from '../init/repository.ts'
import { toDo } from '../init/to-do.ts'
import { asItStands, writeFiles, type Written, type WrittenFile } from '../init/write.ts'
import { LAST_RELEASE } from '../core/release.ts'
import { listed, visible } from '../core/text.ts'
import type { Log } from '../runtime/log.ts'
import type { Machine } from '../runtime/runtime.ts'
import { exists } from '../runtime/files.ts'
import { ask, somebodyIsThere, type Question } from '../runtime/questions.ts'
import { withoutKeys } from '../runtime/secrets.ts'
import { connect } from '../zenml/server.ts'
import type { CommandContext, Conclusion } from './command.ts'

type InitInputs = CommandContext<'init'>['inputs']
/** Asks a person. */
type Answer = <K extends string>(
  questions: readonly Question<K>[],
) => Promise<Partial<Record<K, string>>>

const TOOL = { repository: __REPOSITORY__, version: __VERSION__ }

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
  const answer: Answer | undefined = somebodyIsThere()
    ? (questions) => ask(questions, machine)
    : undefined
  const inFile = await answersInFile(resolve(folder, inputs.config))
  const answers = await answersOf(inputs, inFile, answer)
  const setup = await chooseSetup(answers, { inputs, repository, answer, log })
  const context = { inputs, machine, repository }
  const staging = await lookAt('staging', answers['staging-server'], context)
  const production = await lookAt('production', answers['production-server'], context)
  const { files: repositoryFiles, projectFiles, branches } = repository
  const seen: Facts = {
    driver: answers.deploy,
    setup,
    staging,
    production,
    files: repositoryFiles,
    projectFiles,
    chosenCode: new Map(),
    branches,
  }
  // A file that is there already says where the code is.
  const asks = answer !== undefined && !(await exists(resolve(folder, inputs.config)))
  const facts: Facts = asks
    ? { ...seen, chosenCode: await chooseCode(codeOf(seen).ambiguous, answer) }
    : seen
  await tell(log, 'Where the code of the snapshots is', codeSentences(facts))

  const files = newFiles(facts, TOOL)
  const { files: written, edited } = await writeAll(
    folder,
    files,
    log,
    inputs['dry-run'] === 'true',
  )
  const notes = [...warnings(facts), ...edited.map(editedSentence)]
  for (const note of notes) log.warn(note)
  const tasks = toDo(facts, await standing(folder, files))
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
      form: setup.form,
      'form-reason': setup.why,
      files: [...written],
      notes,
      'to-do': tasks,
    },
  }
}

/** Chooses the form of the workflow and the release of its actions, and says which and why. */
async function chooseSetup(
  answers: Answers,
  {
    inputs,
    repository: { host, files, workflow },
    answer,
    log,
  }: {
    readonly inputs: InitInputs
    readonly repository: InitRepository
    readonly answer: Answer | undefined
    readonly log: Log
  },
): Promise<Setup & { readonly why: string }> {
  const { form, why } = await chooseForm(answers, {
    ownWorkflows: inputs['own-workflows'],
    host,
    workflow,
    files,
    ask: answer,
  })
  log.info(`Form of the workflow: ${form}, because ${why}. ${FORM_NEEDS[form].cost}`)
  const known = { version: __VERSION__, last: LAST_RELEASE }
  const { head, base, config } = inputs
  return { form, why, release: releaseFor(form, inputs.ref, known), head, base, config }
}

/** The two files that a person may have written, as they stand now. */
async function standing(
  folder: string,
  files: ReturnType<typeof newFiles>,
): Promise<Parameters<typeof toDo>[1]> {
  const workflow = files.find(({ path }) => path === WORKFLOW_PATH)
  return {
    config: await asItStands(folder, files[0]),
    workflow: workflow === undefined ? undefined : await asItStands(folder, workflow),
  }
}

/** Writes the files, or shows them on a dry run; logs what was done with each. */
async function writeAll(
  folder: string,
  files: ReturnType<typeof newFiles>,
  log: Log,
  dryRun: boolean,
): Promise<Written> {
  const [config] = files
  // What is written is read by the same rules; a problem here is a defect of ours.
  parseConfig(config.text, config.path)
  const written = await writeFiles(files, {
    folder,
    dryRun,
    show: {
      planned: (path, text) => {
        process.stdout.write(`--- ${path}\n${withoutKeys(text, path)}\n`)
      },
      difference: (path, lines) => {
        log.info(`${path}, as it is (-) and as init writes it (+):`)
        for (const line of lines) log.info(visible(line))
      },
    },
  })
  await tell(
    log,
    'Files',
    written.files.map(({ path, action }) => `${path}: ${SAID[action]}`),
  )
  return written
}

const SAID: Readonly<Record<WrittenFile['action'], string>> = {
  written: 'written',
  rewritten: 'written again',
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
    summary: `wrote ${listed(paths('written', 'rewritten', 'appended'))}${rest}`,
  }
}

async function lookAt(
  environment: Environment,
  url: string,
  {
    inputs,
    machine,
    repository,
  }: {
    readonly inputs: InitInputs
    readonly machine: Machine
    readonly repository: InitRepository
  },
): Promise<ServerFacts> {
  const apiKey = inputs[`${environment}-api-key`]
  return machine.log.chapter(`Look at ${environment}`, async () => {
    const keyName = variableOf('init', `${environment}-api-key`, machine.env)
    const facts = await look(connect({ url, apiKey, keyName, machine }), {
      environment,
      hasKey: apiKey !== undefined,
      repository: repository.name,
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
