import type { ParityFinding, ParityReport } from '../result/stacks.ts'
import { plural, short } from '../core/text.ts'
import { findingsLeftOut, HEADERS, parityWords, titled, TITLES } from './wording.ts'
import { failingFirst, type Section } from './section.ts'

/** The counts as a sentence that says of what. */
export function paritySummary(report: ParityReport): string {
  const unused =
    report['not-in-use'] === 0
      ? ''
      : `; ${plural(report['not-in-use'], 'stack')} of production not judged, in no named snapshot`
  const of =
    report.differences > 0
      ? ` between the two environments, ${plural(report.compared, 'stack')} compared`
      : ''
  return `${parityWords(report)}${of}${unused}`
}

/** Not counted as a difference. */
export function isNote({ kind }: ParityFinding): boolean {
  return kind === 'configuration' || kind === 'not-read'
}

/** One line for a log. */
export function parityLine({ stack, message }: ParityFinding): string {
  return `${short(stack, 80)}: ${message}`
}

const MOST_MESSAGES = 10

/** The first differences, for a check. */
export function parityMessages({ findings, differences }: ParityReport): string[] {
  const told = findings
    .filter((finding) => !isNote(finding))
    .slice(0, MOST_MESSAGES)
    .map(parityLine)
  return [...told, ...(differences > told.length ? [`and ${differences - told.length} more`] : [])]
}

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
