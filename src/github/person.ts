import { Stop } from '../core/stop.ts'
import { isOnGithub } from './context.ts'
import type { GithubEvent } from './event.ts'

/** Fields of the form that are chosen or name something: what is in them is no reason. */
const CHOSEN: ReadonlySet<string> = new Set(['run', 'environment', 'attempt'])

/**
 * Names the person who gave a reason: on GitHub who dispatched the run and typed it into the form,
 * elsewhere the user of the machine. A constant in a workflow file is not given by a person.
 * @param input The name of the input, for messages.
 * @throws Stop `invalid-input` for a reason that no person gave in this run
 */
export function personWhoGave(
  reason: string,
  input: string,
  event: GithubEvent | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (event === undefined && isOnGithub(env)) {
    throw new Stop(
      'invalid-input',
      `input ${input} is given in a run on GitHub without a token, which does not show who started it`,
      { next: 'Give the input github-token: `github-token: ${{ github.token }}`.' },
    )
  }
  if (event === undefined) return env['USER'] ?? env['LOGNAME'] ?? 'a user of this machine'
  if (event.kind !== 'dispatch') {
    throw new Stop(
      'invalid-input',
      `input ${input} is given in a run that was started by ${event.kind}`,
      {
        next: 'Leave it out, or dispatch the workflow by hand, and type the reason into its form.',
      },
    )
  }
  const typed = Object.entries(event.inputs).filter(([name]) => !CHOSEN.has(name))
  if (!typed.some(([, value]) => value.trim() === reason)) {
    throw new Stop(
      'invalid-input',
      `input ${input} is not what ${event.actor} typed into the form: the workflow file has it as a constant`,
      {
        next: `Pass a text field of the form, such as reason, on to ${input}, and dispatch the workflow again.`,
      },
    )
  }
  return event.actor
}
