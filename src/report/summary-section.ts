import { wentWell } from '../core/outcomes.ts'
import { REASONS } from '../core/reasons.ts'
import { linesOf, sentence } from '../core/text.ts'
import type { Result } from '../result/result.ts'
import { markOf } from './mark.ts'
import { isPutOff } from './own-next.ts'
import { textBlock, type Section } from './section.ts'
import { titled } from './wording.ts'
import { stoppedWords } from './wording-stopped.ts'

/**
 * The summary of a result under the words of its end; what it lists line by line stays a list. A next
 * step that does not lead the report is here.
 */
export function summarySection(part: string, result: Result, onGithub = false): Section {
  const [head = '', ...list] = linesOf(result.summary)
  const isGood = wentWell(result.outcome)
  const isOwn = result.next !== REASONS[result['reason-code']].next
  return {
    title: titled(part, stoppedWords(result)),
    failing: !isGood,
    sign: markOf(result),
    blocks: [
      textBlock(head.endsWith(':') ? head : sentence(head)),
      ...(list.length === 0 ? [] : [{ kind: 'log', lines: list } as const]),
      ...(!isGood && isOwn && isPutOff(result.next, onGithub) ? [textBlock(result.next)] : []),
    ],
  }
}
