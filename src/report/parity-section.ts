import type { ParityReport } from '../result/stacks.ts'
import { plural } from '../core/text.ts'
import { isNote } from './parity-fact.ts'
import { failingFirst, type Section } from './section.ts'
import { HEADERS, titled, TITLES } from './wording.ts'
import { findingsLeftOut } from './wording-parity.ts'

/** What differs, open; notes alone, folded. */
export function paritySections(report: ParityReport): Section[] {
  const { differences, notes, findings } = report
  if (findings.length === 0) return []
  const rows = findings.map((finding) => ({
    cells: [{ name: finding.stack }, { name: finding.twin }, finding.message],
    failing: !isNote(finding),
  }))
  const counts = [
    ...(differences === 0 ? [] : [plural(differences, 'difference')]),
    ...(notes === 0 ? [] : [plural(notes, 'note')]),
  ]
  const left = differences + notes - findings.length
  return [
    {
      title: titled(TITLES.parity, ...counts),
      failing: differences > 0,
      sign: 'warning',
      blocks: [
        {
          kind: 'table',
          header: HEADERS.stacks,
          rows: failingFirst(rows),
        },
        ...(left === 0 ? [] : [{ kind: 'text' as const, text: findingsLeftOut(left) }]),
      ],
    },
  ]
}
