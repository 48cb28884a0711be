import type { Reported } from '../../promotion/conditions.ts'
import { judgeGate } from '../../promotion/gate.ts'
import { gateDetails } from '../../promotion/gate-details.ts'
import { demandBaseBranch, overrideBy } from '../../promotion/override.ts'
import type { Machine } from '../../runtime/runtime.ts'
import { sameVersion } from '../../core/versions.ts'
import type { CommandContext, Conclusion } from '../command.ts'
import { askedElsewhere, gateFacts, pullRequestOfRun, reported } from './gate-facts.ts'
import { demandTip, type Place } from '../../state/backend.ts'
import { contentOrNothing, type Tested } from '../../session/content.ts'
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
  demandBaseBranch(place.github?.context.event, inputs.base)
  const override = overrideBy(inputs['override-reason'], place.github?.context.event, machine.env)
  await demandTip(place)
  const pullRequest = await pullRequestOfRun(place, inputs)
  const content = await workspace.testedIn('production')
  const facts = await gateFacts(place, machine, inputs, {
    ...workspace,
    ...content,
    pullRequest,
    override,
    ...(await servers(workspace, content, machine)),
  })
  const verdict = judgeGate(facts)
  for (const { message } of verdict.closedFor)
    machine.log[verdict.gate === 'closed' ? 'fail' : 'warn'](message)
  const details = gateDetails(verdict, facts)
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
      summary: `what the gate would say after the merge: ${verdict.summary}${assumption(content.assumed)}`,
      next: verdict.gate === 'closed' ? verdict.next : undefined,
      details: { ...details, notes },
      outputs,
    }
  }
  const notes = dry ? [] : await refreshed(workspace, place, inputs, facts)
  return {
    reasonCode: verdict.reasonCode,
    summary: verdict.summary,
    next: verdict.gate === 'closed' ? verdict.next : undefined,
    details: { ...details, notes },
    outputs,
  }
}

function assumption(sources: readonly string[]): string {
  return sources.length === 0
    ? ''
    : `; not read in a run for a pull request, and taken as staging was tested with it: ${sources.join(', ')}`
}

/**
 * What both servers report. What a job found out that reaches staging counts first, where it found
 * something out. For a pull request only addresses of its base are asked: its head could name any,
 * also one inside the network of the runner.
 */
async function servers(
  workspace: Workspace,
  { tested }: Tested,
  machine: Machine,
): Promise<{ readonly staging: Reported; readonly production: Reported }> {
  const { place, config, server, target } = workspace
  const event = place.github?.context.event
  const pull = event?.kind === 'pull-request' || event?.kind === 'merge-group' ? event : undefined
  const trusted =
    pull === undefined
      ? config.environments
      : (await contentOrNothing(workspace, pull.base.sha))?.config.environments
  if (trusted === undefined) return { staging: NOT_ASKED, production: NOT_ASKED }
  const elsewhere =
    pull === undefined
      ? await askedElsewhere({ tested, target }, workspace, machine.now())
      : undefined
  return {
    staging: elsewhere ?? (await reported(trusted.staging.server, machine)),
    production: await reported(
      pull === undefined ? server.url : trusted.production.server,
      machine,
    ),
  }
}

const NOT_ASKED: Reported = { unknown: 'the base branch has no file that names it' }

/**
 * A schedule or a dispatch also looks at what waits: a soak that is over turns the status of the
 * open promotion.
 */
async function refreshed(
  workspace: Workspace,
  place: Place,
  inputs: Inputs,
  facts: Parameters<typeof refreshOpenPromotion>[3],
): Promise<string[]> {
  const kind = place.github?.context.event.kind
  return place.github !== undefined && (kind === 'schedule' || kind === 'dispatch')
    ? refreshOpenPromotion(workspace, place.github, inputs, facts)
    : []
}

/** Asks the staging server from where it can be reached; the gate reads the result. */
export async function askStaging({
  inputs,
  machine,
}: CommandContext<'promote'>): Promise<Conclusion<'promote'>> {
  const { server, target, testedIn } = await openWorkspace(inputs, machine)
  // What would go to production: that is what the gate asks about.
  const { tested } = await testedIn('production')
  const { version, id } = await server.info()
  const same = sameVersion(version, target)
  return {
    reasonCode: same ? 'already-at-target' : 'staging-moved',
    summary: same
      ? `staging reports ZenML ${version}`
      : `staging reports ZenML ${version}, the file says ${target}`,
    details: {
      step: 'gate',
      gate: null,
      reasons: [],
      tested,
      'target-version': target,
      'server-version': version,
      'server-id': id,
    },
  }
}
