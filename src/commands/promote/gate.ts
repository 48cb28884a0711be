import { gateDetails } from '../../promotion/gate-details.ts'
import type { GateFacts } from '../../promotion/gate.ts'
import type { CommandContext, Conclusion } from '../command.ts'
import { askGate, overrideFor } from './ask-gate.ts'
import { leaveToOtherRun } from './leave-to-other-run.ts'
import { demandTip, type Place } from '../../state/backend.ts'
import { gateNext, gatePreview, gateReasonWords, gateSummary } from '../../report/wording-gate.ts'
import { publishForHead, refreshOpenPromotion } from './promotion-status.ts'
import { pinsOf } from '../../session/source-commits.ts'
import { openWorkspace, type Workspace } from '../../session/session.ts'

type Inputs = CommandContext<'promote'>['inputs']

/**
 * Whether production may follow staging. For a pull request or a merge group, which change nothing
 * yet, the answer becomes the commit status.
 */
export async function gate({
  inputs,
  machine,
}: CommandContext<'promote'>): Promise<Conclusion<'promote'>> {
  const workspace = await openWorkspace(inputs, machine)
  const { place } = workspace
  const override = overrideFor(workspace, inputs)
  await demandTip(place)
  const left = place.github === undefined ? undefined : await leaveToOtherRun(place.github, machine)
  if (left !== undefined) return left
  const content = await workspace.testedIn('production')
  const { facts, verdict } = await askGate(workspace, content, { ...inputs, override })
  for (const { fact } of verdict.closedFor)
    machine.log[verdict.gate === 'closed' ? 'fail' : 'warn'](gateReasonWords(fact))
  const next = verdict.gate === 'closed' ? gateNext(verdict.reasonCode, verdict.opensAt) : undefined
  const run = place.github?.context.run.key ?? null
  const details = { ...gateDetails(verdict, facts), run }
  const outputs = {
    gate: verdict.gate ?? undefined,
    reasons: JSON.stringify(verdict.closedFor.map(({ code }) => code)),
    sources: pinsOf(content.sources),
  }

  const event = place.github?.context.event
  const dry = inputs['dry-run'] === 'true'
  if (
    place.github !== undefined &&
    (event?.kind === 'pull-request' || event?.kind === 'merge-group')
  ) {
    const notes = dry ? [] : await publishForHead(workspace, content, place.github, event, verdict)
    return {
      reasonCode: 'gate-told',
      summary: gatePreview(verdict.decision, content.assumed),
      next,
      details: { ...details, notes },
      outputs,
    }
  }
  const notes = dry ? [] : await refreshed(workspace, place, inputs, facts)
  return {
    reasonCode: verdict.reasonCode,
    summary: gateSummary(verdict.decision),
    next,
    details: { ...details, notes },
    outputs,
  }
}

/**
 * A schedule or a dispatch also looks at what waits: a soak that is over turns the status of the
 * open promotion.
 */
async function refreshed(
  workspace: Workspace,
  place: Place,
  inputs: Inputs,
  facts: GateFacts,
): Promise<string[]> {
  const kind = place.github?.context.event.kind
  return place.github !== undefined && (kind === 'schedule' || kind === 'dispatch')
    ? refreshOpenPromotion(workspace, place.github, inputs, facts)
    : []
}
