import { ENVIRONMENTS } from '../core/environments.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { INPUTS } from '../inputs/inputs.ts'
import { Stop } from '../core/stop.ts'
import type { Question } from '../runtime/questions.ts'
import { normaliseAddress } from '../zenml/address.ts'

/** What init must know before it can look at anything. */
export interface Answers {
  readonly 'staging-server': string
  readonly 'production-server': string
  readonly deploy: NonNullable<Inputs<'init'>['deploy']>
}
export type Given = { readonly [K in keyof Answers]: string | undefined }

const DRIVERS = INPUTS.init.deploy.choices.join(', ')
export const isDriver = (word: string | undefined): word is Answers['deploy'] =>
  (INPUTS.init.deploy.choices as readonly (string | undefined)[]).includes(word)

const QUESTIONS: readonly Question<keyof Answers>[] = [
  { name: 'staging-server', text: 'Address of the staging server:', problem: addressProblem },
  { name: 'production-server', text: 'Address of the production server:', problem: addressProblem },
  {
    name: 'deploy',
    text: `How are they deployed? (${DRIVERS})`,
    problem: (answer) => (isDriver(answer) ? undefined : `One of ${DRIVERS}.`),
  },
]

/**
 * The inputs, completed by what the configuration file says, and by `ask` where a person can answer.
 * @throws Stop `invalid-input` that tells every problem at once.
 */
export async function answersOf(
  inputs: Given,
  inFile: Partial<Given>,
  ask: ((questions: readonly Question<keyof Answers>[]) => Promise<Partial<Given>>) | undefined,
): Promise<Answers> {
  const known = (name: keyof Given) => inputs[name] ?? inFile[name]
  const missing = QUESTIONS.filter(({ name }) => known(name) === undefined)
  const given: Given = {
    'staging-server': known('staging-server'),
    'production-server': known('production-server'),
    deploy: known('deploy'),
    ...(missing.length > 0 ? await ask?.(missing) : {}),
  }
  const { 'staging-server': staging, 'production-server': production, deploy } = given
  const problems = QUESTIONS.flatMap(({ name, problem }) => {
    const value = given[name]
    return value === undefined
      ? [`input ${name} is missing${name === 'deploy' ? `; allowed: ${DRIVERS}` : ''}`]
      : (problem(value) ?? [])
  })
  if (
    problems.length > 0 ||
    staging === undefined ||
    production === undefined ||
    !isDriver(deploy)
  ) {
    throw new Stop('invalid-input', problems.join('\n'), {
      next: '`init --help` tells every input; in a terminal, init asks for what is missing.',
    })
  }
  const answers = {
    'staging-server': normaliseAddress(staging),
    'production-server': normaliseAddress(production),
    deploy,
  }
  demandTwoServers(answers)
  if (deploy === 'local') demandServersHere(answers)
  return answers
}

function demandTwoServers(answers: Answers): void {
  if (answers['staging-server'] === answers['production-server']) {
    throw new Stop('invalid-input', `both servers have the address ${answers['staging-server']}`, {
      next: 'Give each environment a server of its own: staging is there to break first.',
    })
  }
}

function demandServersHere(answers: Answers): void {
  const elsewhere = ENVIRONMENTS.filter((environment) => !isHere(answers[`${environment}-server`]))
  if (elsewhere.length === 0) return
  throw new Stop(
    'invalid-input',
    elsewhere
      .map(
        (environment) =>
          `${environment} has the address ${answers[`${environment}-server`]}, and deploy local is for a server that this tool starts on 127.0.0.1`,
      )
      .join('\n'),
    {
      next: 'Use --deploy command, or give the addresses of servers on this machine.',
    },
  )
}

/** Whether an address leads to this machine, whoever asks. */
function isHere(address: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(address).hostname)
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
