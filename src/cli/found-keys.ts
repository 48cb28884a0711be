import type { AnyConclusion } from '../commands/command.ts'
import { EXIT_CODES } from '../core/outcomes.ts'
import { outcomeOf } from '../core/reasons.ts'
import type { FoundKey } from '../runtime/secrets.ts'

const NEXT = `If the key is part of zenml-upgrade.yml or of a name on the server, remove it there. Replace the key. Otherwise report this defect with the log at https://github.com/${__REPOSITORY__}/issues.`

/**
 * Makes a command fail whose output contained keys of this tool. A command that fails anyway keeps
 * its reason, and its summary reports the keys too.
 */
export function withFoundKeys(
  conclusion: AnyConclusion,
  found: readonly FoundKey[],
): AnyConclusion {
  if (found.length === 0) return conclusion
  const places = found.map(({ key, where }) => `${key} in ${where}`).join(', ')
  const summary = `Keys were found in the output and replaced by ***: ${places}. This is a defect of zenml-upgrade ${__VERSION__}, or the key is also part of a file or name.`
  if (EXIT_CODES[outcomeOf(conclusion.reasonCode)] !== 0)
    return { ...conclusion, summary: `${conclusion.summary}\n${summary}` }
  return {
    ...conclusion,
    reasonCode: 'secret-in-output',
    summary: `${summary}\n${conclusion.summary}`,
    next: NEXT,
  }
}
