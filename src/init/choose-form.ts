import { ENVIRONMENTS } from '../core/environments.ts'
import type { Question } from '../runtime/questions.ts'
import type { Answers } from './answers.ts'
import { formFor, type FormEvidence, type SuggestedForm } from './forms.ts'
import { ownRunner } from './own-runner.ts'
import { OWN_FRONT } from './own-workflows.ts'
import { isPrivateHost } from './private-address.ts'

interface Asked {
  readonly ownWorkflows: 'true' | 'false' | undefined
  /** Host of the remote `origin`, or null. */
  readonly host: string | null
  /** Text of the repository's workflow; undefined where there is none. */
  readonly workflow: string | undefined
  /** Paths of the repository's files. */
  readonly files: readonly string[]
  /** Undefined where no person can answer. */
  readonly ask:
    | ((questions: readonly Question<'own-workflows'>[]) => Promise<{ 'own-workflows'?: string }>)
    | undefined
}

/** The form of the workflow: by the input, else by what a person answers, else by what is seen. */
export async function chooseForm(answers: Answers, asked: Asked): Promise<SuggestedForm> {
  const evidence: FormEvidence = {
    host: asked.host,
    hasCopies: asked.files.includes(OWN_FRONT.replace('$/', '')),
    ownRunner: asked.workflow === undefined ? null : ownRunner(asked.workflow),
    privateServers: await privateServers(answers),
  }
  const suggested = formFor(evidence, asked.ownWorkflows)
  if (asked.ownWorkflows !== undefined || suggested.form === 'composites') return suggested
  const answer = (await asked.ask?.([question(suggested)]))?.['own-workflows']
  const yes = answer === undefined || answer === '' ? undefined : answer.startsWith('y')
  if (yes === undefined || yes === (suggested.form === 'own-copy')) return suggested
  return { form: yes ? 'own-copy' : 'called', why: 'you chose it' }
}

async function privateServers(answers: Answers): Promise<FormEvidence['privateServers']> {
  const servers = ENVIRONMENTS.map((environment) => ({
    environment,
    host: new URL(answers[`${environment}-server`]).hostname,
  }))
  const found = await Promise.all(servers.map(({ host }) => isPrivateHost(host)))
  return servers.filter((_, index) => found[index])
}

function question({ form, why }: SuggestedForm): Question<'own-workflows'> {
  return {
    name: 'own-workflows',
    text: `Write our workflows into this repository, for runners of your own and secrets of GitHub environments? (yes or no; Enter: ${form === 'own-copy' ? 'yes' : 'no'}, because ${why})`,
    problem: (answer) =>
      ['', 'y', 'yes', 'n', 'no'].includes(answer) ? undefined : 'Answer yes or no.',
  }
}
