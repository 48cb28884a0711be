import { wentWell } from '../core/outcomes.ts'
import { sentence } from '../core/text.ts'
import type { Result } from '../result/result.ts'
import type { ReportContext } from './context.ts'
import type { Evidence } from './evidence.ts'
import type { JobEnd } from './job-end.ts'
import { paritySections } from './parity-section.ts'
import { asEarlier, dateSections, type Section } from './section.ts'
import { smokeSections, snapshotSections } from './test-sections.ts'
import { gateSections, proposalSections } from './promotion-sections.ts'
import { summarySection } from './summary-section.ts'
import { upgradeSections } from './upgrade-sections.ts'
import { HEADERS, sectionTitle, titled, TITLES } from './wording.ts'

/**
 * Returns everything that is known of one environment, in the order of the work. What only a command
 * line has is no first thing to do on GitHub.
 */
export function environmentSections(
  evidence: Evidence,
  { branches, github }: ReportContext,
): Section[] {
  const onGithub = github !== undefined
  const { environment, upgrade, parity, stacks, smoke, snapshots, gate, proposal, jobs } = evidence
  const { earlier, since, refusedAcknowledgement: refused } = evidence
  const unsaid = unsaidOn(onGithub)
  const ofGate = gate === undefined ? [] : gateSections(gate)
  const ofProposal = proposal === undefined ? [] : proposalSections(proposal, branches)
  const ofSnapshots = snapshots === undefined ? [] : snapshotSections(snapshots)
  const ofSmoke = smoke === undefined ? [] : smokeSections(smoke)
  const ofEarlierSmoke =
    earlier.smoke === undefined ? [] : asEarlier(smokeSections(earlier.smoke), earlier.smoke.ended)
  const ofUpgrade = upgrade === undefined ? [] : upgradeSections(upgrade, earlier.upgrade, onGithub)
  const ofStacks =
    parity === undefined ? [] : dateSections(paritySections(parity.report), parity.since)
  return [
    ...jobs.map(jobSection),
    ...unsaid(TITLES.acknowledgement, refused, []),
    ...unsaid(TITLES.gate, gate, ofGate),
    ...ofGate,
    ...unsaid(TITLES.promotion, proposal, ofProposal).map(asWarning),
    ...ofProposal,
    ...(snapshots?.results ?? []).flatMap((result) =>
      unsaid(TITLES.snapshots, result, ofSnapshots),
    ),
    ...ofSnapshots,
    ...dateSections([...unsaid(TITLES.smoke, smoke, ofSmoke), ...ofSmoke], since.smoke),
    ...ofEarlierSmoke,
    ...dateSections(unsaid(TITLES.parity, stacks, ofStacks), since.stacks),
    ...ofStacks,
    ...dateSections([...unsaid(TITLES.upgrade, upgrade, ofUpgrade), ...ofUpgrade], since.upgrade),
  ].map((section) => ({ ...section, title: sectionTitle(environment, section.title) }))
}

/** The summary of a result where its sections do not say what went wrong, or there are none. */
function unsaidOn(onGithub: boolean) {
  return (part: string, result: Result | undefined, sections: readonly Section[]): Section[] => {
    if (result === undefined) return []
    return result.details === null ||
      (!wentWell(result.outcome) && !sections.some(({ failing }) => failing))
      ? [summarySection(part, result, onGithub)]
      : []
  }
}

/** What went wrong with the promotion pull request says nothing about an environment. */
const asWarning = (section: Section): Section => ({ ...section, sign: 'warning' })

function jobSection({ name, summary, url, decides }: JobEnd): Section {
  return {
    title: titled(TITLES.job, name),
    failing: true,
    ...(decides ? {} : { sign: 'warning' }),
    blocks: [
      {
        kind: 'table',
        header: HEADERS.jobs,
        rows: [{ cells: [{ label: name, url }, sentence(summary)], failing: true }],
      },
    ],
  }
}
