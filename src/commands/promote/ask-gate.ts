import { outcomeOf } from '../../core/reasons.ts'
import type { Machine } from '../../runtime/runtime.ts'
import type { Branches } from '../../github/pull-request.ts'
import type { Reported } from '../../promotion/conditions.ts'
import { isOpenFor } from '../../promotion/earlier-answer.ts'
import { judgeGate, type GateFacts, type GateVerdict } from '../../promotion/gate.ts'
import { demandBaseBranch, overrideBy } from '../../promotion/override.ts'
import { gateNext, gateSummary, overrideHint } from '../../report/wording-gate.ts'
import type { Override } from '../../result/promotion.ts'
import { contentOrNothing, type Tested } from '../../session/content.ts'
import type { Workspace } from '../../session/session.ts'
import type { GateAnswer } from '../../upgrade/work.ts'
import { askedElsewhere, gateFacts, gateResult, pullRequestOfRun, reported } from './gate-facts.ts'
import { whatDiffers } from './what-differs.ts'

type Asked = Branches & { readonly override: Override | null }

/**
 * Names who opens the gate of production, or tries again a version that was rolled back; null for
 * no one. Contacts nothing.
 * @throws Stop `invalid-input` for a run of another branch, and for a reason that no person gave
 */
export function overrideFor(
  { place, machine, environment }: Workspace,
  inputs: { readonly base: string; readonly 'override-reason': string | undefined },
): Override | null {
  const event = place.github?.context.event
  if (environment === 'production') demandBaseBranch(event, inputs.base)
  return overrideBy(inputs['override-reason'], event, machine.env)
}

/** Asks whether production may follow staging now. */
export async function askGate(
  workspace: Workspace,
  content: Tested,
  { override, ...branches }: Asked,
): Promise<{ readonly facts: GateFacts; readonly verdict: GateVerdict }> {
  const { place, machine } = workspace
  const facts = await gateFacts(place, machine, branches, {
    ...workspace,
    ...content,
    pullRequest: await pullRequestOfRun(place, branches),
    override,
    ...(await servers(workspace, machine)),
  })
  const differences = await whatDiffers(workspace, facts)
  return { facts, verdict: judgeGate({ ...facts, differences }) }
}

/**
 * The gate before an upgrade of production. A job that has just asked it, in the same run attempt
 * and about the same content, is not asked again.
 */
export async function gateBeforeUpgrade(
  workspace: Workspace,
  content: Tested,
  asked: Asked,
): Promise<GateAnswer> {
  const earlier = await openedBefore(workspace, content)
  if (earlier !== undefined) return earlier
  const { verdict } = await askGate(workspace, content, asked)
  if (verdict.gate !== 'closed') return { kind: 'open', override: verdict.override }
  const next = gateNext(verdict.reasonCode, verdict.opensAt)
  return {
    kind: 'closed',
    code: verdict.reasonCode,
    message: gateSummary(verdict.decision),
    // A person may open a gate that is held; a condition that could not be measured stays unmeasured.
    next: outcomeOf(verdict.reasonCode) === 'held' ? overrideHint(next) : next,
  }
}

async function openedBefore(
  workspace: Workspace,
  { tested }: Tested,
): Promise<GateAnswer | undefined> {
  const { place, target, machine } = workspace
  const run = place.github?.context.run.key
  if (run === undefined) return undefined
  const result = await gateResult(workspace, 'production')
  return isOpenFor(result, { run, tested, target, now: machine.now() })
    ? { kind: 'open', override: result.details?.override ?? null }
    : undefined
}

/**
 * What both servers report. What a job found out that reaches staging counts first, where it found
 * something out. For a pull request only addresses of its base are asked: its head could name any,
 * also one inside the network of the runner.
 */
async function servers(
  workspace: Workspace,
  machine: Machine,
): Promise<{ readonly staging: Reported; readonly production: Reported }> {
  const { place, config, server } = workspace
  const event = place.github?.context.event
  const pull = event?.kind === 'pull-request' || event?.kind === 'merge-group' ? event : undefined
  const trusted =
    pull === undefined
      ? config.environments
      : (await contentOrNothing(workspace, pull.base.sha))?.config.environments
  if (trusted === undefined) return { staging: NOT_ASKED, production: NOT_ASKED }
  const elsewhere = pull === undefined ? await askedElsewhere(workspace, machine.now()) : undefined
  return {
    staging: elsewhere ?? (await reported(trusted.staging.server, machine)),
    production: await reported(
      pull === undefined ? server.url : trusted.production.server,
      machine,
    ),
  }
}

const NOT_ASKED: Reported = { unknown: 'the base branch has no file that names it' }
