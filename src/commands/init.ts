import { appendFile, lstat, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { INPUTS } from '../config/inputs.ts'
import { parseConfig } from '../config/load.ts'
import type { Facts, ServerFacts } from '../init/facts.ts'
import { newFiles, type NewFile } from '../init/files.ts'
import { missingIgnores } from '../init/ignore-text.ts'
import { look } from '../init/look.ts'
import { serverSentence, warnings } from '../init/sentences.ts'
import { toDo } from '../init/to-do.ts'
import type { InitDetails } from '../report/model.ts'
import { listed } from '../report/plain-text.ts'
import { Stop } from '../report/stop.ts'
import { git } from '../runner/git.ts'
import type { Machine } from '../runner/machine.ts'
import { ask, somebodyIsThere, type Question } from '../runner/questions.ts'
import { redact } from '../runner/secrets.ts'
import { normaliseAddress } from '../zenml/address.ts'
import { connect } from '../zenml/server.ts'
import type { CommandContext, Conclusion } from './command.ts'

type InitInputs = CommandContext<'init'>['inputs']
type WrittenFile = InitDetails['files'][number]

const IGNORE_FILE = '.gitignore'

/** Looks at both live servers and writes what a repository needs; what is there already stays as it is. */
export async function init({ inputs, machine }: CommandContext<'init'>): Promise<Conclusion<'init'>> {
  const { log } = machine
  const folder = resolve(inputs['working-directory'])
  const repository = await readRepository(folder)
  const answers = await answersOf(inputs, machine)
  const staging = await log.chapter('Look at staging', () => lookAt('staging', answers['staging-server'], inputs, machine))
  const production = await log.chapter('Look at production', () => lookAt('production', answers['production-server'], inputs, machine))
  const facts: Facts = { driver: answers.deploy, staging, production, ...repository }

  const [config, ...others] = newFiles(facts, __REPOSITORY__)
  // What is written is read by the same rules; an error here is a defect of ours.
  parseConfig(config.text, config.path)
  const dryRun = inputs['dry-run'] === 'true'
  const files: WrittenFile[] = []
  await log.chapter(dryRun ? 'What would be written' : 'Write the files', async () => {
    for (const file of [config, ...others]) files.push(await (dryRun ? show(folder, file) : create(folder, file)))
    files.push(await ignoreRunFolders(folder, dryRun))
    for (const { path, action } of files) log.info(`${path}: ${SAID[action]}`)
  })
  const notes = warnings(facts)
  const kept = files.some(({ path, action }) => path === config.path && action === 'kept')
  const tasks = toDo(facts, kept ? undefined : config)
  for (const note of notes) log.warn(note)
  await log.chapter('What is left for you', () => {
    for (const [index, task] of tasks.entries()) log.info(`${index + 1}. ${task}`)
    return Promise.resolve()
  })
  const written = pathsOf(files, ['written', 'appended'])
  const details = { 'staging-version': staging.version, 'production-version': production.version, files, notes, 'to-do': tasks }
  if (dryRun) return { reasonCode: 'dry-run', summary: `would write ${listed(pathsOf(files, ['planned']))}${keptSentence(files)}`, details }
  if (written.length === 0) return { reasonCode: 'nothing-to-write', summary: 'every file is there already, and was left as it is', details }
  return { reasonCode: 'initialised', summary: `wrote ${listed(written)}${keptSentence(files)}`, details }
}

const SAID: Readonly<Record<WrittenFile['action'], string>> = {
  written: 'written', appended: 'lines appended', kept: 'is there already; left as it is', planned: 'would be written'
}

function pathsOf(files: readonly WrittenFile[], actions: readonly WrittenFile['action'][]): string[] {
  return files.filter(({ action }) => actions.includes(action)).map(({ path }) => path)
}

function keptSentence(files: readonly WrittenFile[]): string {
  const kept = pathsOf(files, ['kept'])
  return kept.length === 0 ? '' : `; left as it is: ${listed(kept)}`
}

/** Files and branches that git knows in this clone. */
async function readRepository(folder: string): Promise<Pick<Facts, 'files' | 'branches'>> {
  const found = await stat(folder).catch(() => undefined)
  if (found?.isDirectory() !== true) throw new Stop('invalid-input', `the working directory is not a folder: ${folder}`, { next: 'Name the root of the repository as --working-directory.' })
  const files = await git(folder, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  const branches = await git(folder, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads', 'refs/remotes/origin'])
  return { files: files.replace(/\n$/, '').split('\0').filter((file) => file !== ''), branches: branches.split('\n').map((name) => name.replace(/^origin\//, '')) }
}

interface Answers {
  readonly 'staging-server': string
  readonly 'production-server': string
  readonly deploy: NonNullable<InitInputs['deploy']>
}

const DRIVERS = INPUTS.init.deploy.choices
const isDriver = (word: string | undefined): word is Answers['deploy'] => (DRIVERS as readonly (string | undefined)[]).includes(word)

const QUESTIONS: readonly Question<keyof Answers>[] = [
  { name: 'staging-server', text: 'Address of the staging server:', problem: addressProblem },
  { name: 'production-server', text: 'Address of the production server:', problem: addressProblem },
  { name: 'deploy', text: `How are they deployed? (${DRIVERS.join(', ')})`, problem: (answer) => (isDriver(answer) ? undefined : `One of ${DRIVERS.join(', ')}.`) }
]

/** The inputs, completed by questions where somebody can answer. Every problem is told at once. */
async function answersOf(inputs: InitInputs, machine: Machine): Promise<Answers> {
  const missing = QUESTIONS.filter(({ name }) => inputs[name] === undefined)
  const given = { ...inputs, ...(missing.length > 0 && somebodyIsThere() ? await ask(missing, machine) : {}) }
  const problems = QUESTIONS.flatMap(({ name, problem }) => {
    const value = given[name]
    if (value === undefined) return [`input ${name} is missing${name === 'deploy' ? `; allowed: ${DRIVERS.join(', ')}` : ''}`]
    return problem(value) ?? []
  })
  const { 'staging-server': staging, 'production-server': production, deploy } = given
  if (problems.length > 0 || staging === undefined || production === undefined || !isDriver(deploy)) {
    throw new Stop('invalid-input', problems.join('\n'), { next: '`init --help` tells every input; in a terminal, init asks for what is missing.' })
  }
  const answers = { 'staging-server': normaliseAddress(staging), 'production-server': normaliseAddress(production), deploy }
  if (answers['staging-server'] === answers['production-server']) {
    throw new Stop('invalid-input', `both servers have the address ${answers['staging-server']}`, { next: 'Give each environment a server of its own: what staging is for is to break first.' })
  }
  return answers
}

function addressProblem(address: string): string | undefined {
  try {
    normaliseAddress(address)
    return undefined
  } catch (error) {
    if (error instanceof Stop) return error.message
    throw error
  }
}

async function lookAt(environment: 'staging' | 'production', url: string, inputs: InitInputs, machine: Machine): Promise<ServerFacts> {
  const keyName = `ZENML_${environment.toUpperCase()}_API_KEY`
  const apiKey = inputs[`${environment}-api-key`]
  const facts = await look(connect({ url, apiKey, machine }), { environment, keyName, hasKey: apiKey !== undefined })
  machine.log.pass(serverSentence(facts))
  return facts
}

async function create(folder: string, { path, text }: NewFile): Promise<WrittenFile> {
  const file = join(folder, path)
  if (await isThere(file)) return { path, action: 'kept' }
  try {
    await mkdir(dirname(file), { recursive: true })
    // Exclusive: what appeared since it was looked for is not overwritten either.
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    throw new Stop('invalid-input', `${path} cannot be written: ${(error as Error).message}`, { next: 'Make room for it and run init again: it writes what is still missing.', cause: error })
  }
  return { path, action: 'written' }
}

/** Also a link that leads nowhere. */
function isThere(file: string): Promise<boolean> {
  return lstat(file).then(() => true, () => false)
}

async function show(folder: string, { path, text }: NewFile): Promise<WrittenFile> {
  if (await isThere(join(folder, path))) return { path, action: 'kept' }
  process.stdout.write(`--- ${path}\n${redact(text)}\n`)
  return { path, action: 'planned' }
}

/** The only file that init adds to; nothing that stands there is changed. */
async function ignoreRunFolders(folder: string, dryRun: boolean): Promise<WrittenFile> {
  const file = join(folder, IGNORE_FILE)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  })
  const missing = missingIgnores(text)
  if (missing === '') return { path: IGNORE_FILE, action: 'kept' }
  if (dryRun) {
    process.stdout.write(`--- ${IGNORE_FILE}, appended\n${missing}`)
    return { path: IGNORE_FILE, action: 'planned' }
  }
  await appendFile(file, missing)
  return { path: IGNORE_FILE, action: 'appended' }
}
