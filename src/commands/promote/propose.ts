import { appToken } from '../../github/app-token.ts'
import { compareBranches, type BranchComparison, type BranchTip } from '../../github/branches.ts'
import { ACTIONS_LOGIN, connectGithub, type Github } from '../../github/client.ts'
import { createPromotion, editPromotion } from '../../github/promotion-pull-request.ts'
import { openPromotion } from '../../github/pull-request.ts'
import { decideProposal, type Proposal } from '../../promotion/propose.ts'
import { creationForbidden } from '../../promotion/token-limits.ts'
import { Stop } from '../../core/stop.ts'
import { commitNamed, differsBelow, git, mergedTree } from '../../git/git.ts'
import type { Machine } from '../../runtime/runtime.ts'
import { appFor } from '../../github/app-key.ts'
import type { CommandContext, Conclusion } from '../command.ts'
import { contentAt } from '../../session/content.ts'
import { demandTip, type GithubPlace } from '../../state/backend.ts'
import { openWorkspace, type Workspace } from '../../session/session.ts'

type Inputs = CommandContext<'promote'>['inputs']

/**
 * Sees to it that the pull request from staging to main is open as soon as the two hold different
 * files.
 */
export async function propose({
  inputs,
  machine,
}: CommandContext<'promote'>): Promise<Conclusion<'promote'>> {
  const workspace = await openWorkspace(inputs, machine)
  const place = workspace.place.github
  if (place === undefined)
    throw new Stop('invalid-input', 'a pull request can only be proposed on GitHub', {
      next: 'Run this in a workflow, with a github-token.',
    })
  await demandTip(workspace.place)
  const { head, base } = inputs
  const github = await asApp(place, machine)
  const comparison = await compareBranches(github, {
    head,
    base,
    known: await knownTip(workspace, place, head),
  })
  if (comparison === undefined) {
    throw new Stop(
      'invalid-input',
      `${place.context.repository.owner}/${place.context.repository.name} has no branches ${head} and ${base} with a common history`,
      { next: 'Make both, or name them by the inputs head and base.' },
    )
  }
  const open = await openPromotion(github, { head, base })
  const proposal = decideProposal({
    head,
    base,
    openPullRequest: open ?? null,
    treesEqual: comparison.sameContent,
    headOnly: comparison.ahead,
    baseOnly: comparison.behind,
    headVersion: workspace.target,
    identity: (await github.login()) === ACTIONS_LOGIN ? 'github-token' : 'app',
    ...(await localFacts(workspace, comparison)),
  })
  if (inputs['dry-run'] === 'true') return concluded(proposal, null, 'dry-run')
  switch (proposal.action) {
    case 'none':
      return concluded(proposal, null)
    case 'keep':
      return concluded(proposal, open ?? null)
    case 'update':
      return concluded(proposal, await editPromotion(github, proposal.number, proposal))
    case 'create':
      return create(github, proposal, inputs, place)
  }
}

/**
 * The key of an app lifts what GitHub forbids GITHUB_TOKEN. Records and comment are never written
 * with it, so that they keep one author.
 */
async function asApp({ context, github }: GithubPlace, machine: Machine): Promise<Github> {
  const app = appFor(machine, 'proposing')
  if (app === undefined) return github
  const made = await appToken({ context, app, machine })
  if (made === undefined)
    throw new Stop(
      'invalid-input',
      `the GitHub App ${app.clientId} is not installed for ${context.repository.owner}/${context.repository.name}`,
      { next: 'Install it for this repository.' },
    )
  return connectGithub({ context, token: made.token, machine, login: made.login })
}

/** On a push the tip is what is checked out; that saves a request. */
async function knownTip(
  { workingDirectory }: Workspace,
  { context: { event } }: GithubPlace,
  head: string,
): Promise<BranchTip | undefined> {
  if (
    event.kind !== 'push' ||
    event.branch !== head ||
    (await commitNamed(workingDirectory, event.sha)) === undefined
  )
    return undefined
  return {
    sha: event.sha,
    tree: (await git(workingDirectory, ['rev-parse', `${event.sha}^{tree}`])).trim(),
  }
}

/** What only a clone with the history can tell; unknown in a shallow one. */
async function localFacts(
  workspace: Workspace,
  { head, base }: BranchComparison,
): Promise<{
  baseVersion: string | null
  baseBringsContent: boolean | null
  workflowFiles: boolean
}> {
  const folder = workspace.workingDirectory
  if ((await commitNamed(folder, base.sha)) === undefined)
    return { baseVersion: null, baseBringsContent: null, workflowFiles: false }
  const merged = await mergedTree(folder, head.sha, base.sha)
  return {
    baseVersion: await versionAt(workspace, base.sha),
    baseBringsContent: merged === undefined ? null : merged !== head.tree,
    workflowFiles: (await differsBelow(folder, base.sha, head.sha, '.github/workflows')) ?? false,
  }
}

async function versionAt(workspace: Workspace, commit: string): Promise<string | null> {
  try {
    return (await contentAt(workspace, commit))?.target ?? null
  } catch (error) {
    if (error instanceof Stop) return null
    throw error
  }
}

async function create(
  github: Github,
  proposal: Proposal & { action: 'create' },
  { head, base }: Inputs,
  { context }: GithubPlace,
): Promise<Conclusion<'promote'>> {
  const opened = await createPromotion(github, { head, base }, proposal)
  switch (opened.kind) {
    case 'created':
    case 'found':
      return concluded(
        {
          ...proposal,
          summary: `pull request #${opened.pullRequest.number} ${head} → ${base} is open`,
        },
        opened.pullRequest,
      )
    case 'no-commits':
      return {
        ...concluded(proposal, null, 'nothing-to-propose'),
        summary: `${head} has no commit that ${base} has not`,
        next: undefined,
      }
    case 'forbidden': {
      const { owner, name } = context.repository
      const { summary, next } = creationForbidden(
        { serverUrl: context.urls.server, repository: `${owner}/${name}` },
        { head, base },
      )
      return {
        ...concluded(proposal, null, 'proposal-forbidden'),
        summary: opened.bySetting ? summary : opened.warning.message,
        next: opened.bySetting ? next : `${opened.warning.next} Until then: ${next}`,
      }
    }
  }
}

function concluded(
  proposal: Proposal,
  pullRequest: { readonly number: number; readonly url?: string } | null,
  reasonCode: Conclusion<'promote'>['reasonCode'] = proposal.reasonCode,
): Conclusion<'promote'> {
  return {
    reasonCode,
    summary: proposal.summary,
    next: proposal.next,
    details: {
      step: 'propose',
      gate: null,
      reasons: [],
      tested: null,
      'target-version': null,
      'pull-request':
        pullRequest === null ? null : { number: pullRequest.number, url: pullRequest.url ?? null },
      'opened-with-token': proposal.openedWithToken,
      'back-merge': proposal.backMerge === undefined ? null : [...proposal.backMerge.commands],
      notes: [
        ...(proposal.backMerge === undefined ? [] : [proposal.backMerge.why]),
        ...proposal.notes,
      ],
    },
    outputs: { 'pull-request': pullRequest?.number },
  }
}
