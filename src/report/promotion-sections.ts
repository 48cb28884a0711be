import { plural } from '../core/text.ts'
import type { ResultOf } from '../result/result.ts'
import { markOf } from './mark.ts'
import { tableBlock, textBlock, type Block, type Section } from './section.ts'
import {
  gateOpensAt,
  HEADERS,
  mergeBackFirst,
  openedBy,
  titled,
  TITLES,
  type Branches,
} from './wording.ts'

/** Why an environment waits, where a gate said so, or who opened it all the same. */
export function gateSections(gate: ResultOf<'promote'>): Section[] {
  const { reasons = [], override = null, 'opens-at': opensAt = null } = gate.details ?? {}
  const rows = reasons.map((reason) => ({
    cells: [{ name: reason['reason-code'] }, reason.message],
    failing: override === null,
  }))
  if (rows.length === 0) return []
  const blocks: Block[] = [
    ...(override === null ? [] : [textBlock(openedBy(override))]),
    tableBlock(HEADERS.reasons, rows),
    ...(opensAt === null ? [] : [textBlock(gateOpensAt(opensAt))]),
  ]
  const title =
    override === null
      ? titled(TITLES.gate, `closed for ${plural(rows.length, 'reason')}`)
      : titled(TITLES.gate, `opened by ${override.actor} against ${plural(rows.length, 'reason')}`)
  return [{ title, failing: gate.outcome !== 'success', sign: markOf(gate), blocks }]
}

/**
 * What people must know about the promotion pull request: the way back after a hotfix or a squash,
 * and the limits of the token.
 */
export function proposalSections(
  proposal: ResultOf<'promote'>,
  branches: Branches | undefined,
): Section[] {
  const { 'back-merge': commands = null, notes = [] } = proposal.details ?? {}
  const blocks: Block[] = notes.map(textBlock)
  if (commands !== null) blocks.push({ kind: 'log', lines: commands })
  const failing = commands !== null || proposal.outcome === 'held'
  return blocks.length === 0
    ? []
    : [
        {
          title: titled(TITLES.promotion, commands === null ? '' : mergeBackFirst(branches)),
          failing,
          sign: 'warning',
          blocks,
        },
      ]
}
