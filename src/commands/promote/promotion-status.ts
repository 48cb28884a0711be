import { resolve } from 'node:path'
import type { GithubEvent } from '../../github/event.ts'
import { type GithubWarning, logWarning, orWarning } from '../../github/errors.ts'
import { openPromotion, type Branches } from '../../github/pull-request.ts'
import { setPromotionStatus } from '../../github/status.ts'
import type { JobEnd } from '../../report/job-end.ts'
import type { Policy } from '../../promotion/conditions.ts'
import { judgeGate, type GateFacts, type GateVerdict } from '../../promotion/gate.ts'
import { measuredVersion } from '../../promotion/measured-version.ts'
import { promotionStatus, type StatusFacts } from '../../promotion/status.ts'
import { expectationsOf } from '../../state/verdict.ts'
import { mergedTree } from '../../git/git.ts'
import type { Machine } from '../../runtime/runtime.ts'
import {
  contentOrNothing,
  type Content,
  type ContentPlace,
  type Tested,
} from '../../session/content.ts'
import { gateFacts, reported } from './gate-facts.ts'
import { asWarning } from '../../session/as-warning.ts'
import type { GithubPlace, Place } from '../../state/backend.ts'
import type { FoundResults } from '../../result/read-results.ts'
import type { Repositories } from '../../session/repositories.ts'
import type { Workspace } from '../../session/session.ts'

type PullEvent = Extract<GithubEvent, { kind: 'pull-request' | 'merge-group' }>

/**
 * Publishes what the gate would say about the head of a pull request or a merge group. Gives what
 * went wrong as sentences.
 */
export async function publishForHead(
  workspace: Workspace,
  { tested, assumed }: Tested,
  place: GithubPlace,
  event: PullEvent,
  verdict: GateVerdict,
): Promise<string[]> {
  const base = await contentOrNothing(workspace, event.base.sha)
  // A base that names what cannot be read is no reason to say nothing about the head, which may
  // mend it.
  const before =
    base === undefined
      ? undefined
      : await asWarning('what the base branch holds was not read', () =>
          base.testedIn('production'),
        )
  const unchanged = before !== undefined && 'value' in before && before.value.tested === tested
  return told(
    place,
    await publish(place, event.head.sha, {
      unchanged,
      verdict,
      assumed,
      mergeGroup: event.kind === 'merge-group',
      pullRequest: event.kind === 'pull-request',
    }),
  )
}

/**
 * Publishes for the tip of the open promotion what the gate would say after its merge, for time has
 * passed. In a clone without its files, what was tested in that commit is what its record says.
 */
export async function refreshOpenPromotion(
  workspace: Workspace,
  place: GithubPlace,
  branches: Branches,
  facts: GateFacts,
): Promise<string[]> {
  const found = await orWarning('the status of the open promotion was not looked at', () =>
    openPromotion(place.github, branches),
  )
  if ('warning' in found) return told(place, found.warning)
  if (found.value === undefined) return []
  const { sha } = found.value.head
  const judged = await asWarning('the status of the open promotion was not judged', () =>
    landingOf(workspace, sha, facts),
  )
  if ('warning' in judged) return told(place, judged.warning)
  const landing = judged.value
  if (landing === undefined) return []
  const verdict = judgeGate({ ...facts, ...landing, pullRequest: found.value, override: null })
  return told(
    place,
    await publish(place, sha, { unchanged: landing.tested === facts.tested, verdict }),
  )
}

type Landing = Pick<GateFacts, 'tested' | 'sources' | 'target'> &
  Partial<Pick<GateFacts, 'inputs' | 'promotion' | 'expectations' | 'productionExpectations'>>

/** What merging a commit into what is checked out would bring, as far as it can be told. */
async function landingOf(
  workspace: Workspace,
  sha: string,
  { stagingAttempts }: GateFacts,
): Promise<Landing | undefined> {
  const content =
    (await contentOfMerge(workspace, sha, 'HEAD')) ?? (await contentOrNothing(workspace, sha))
  if (content !== undefined) {
    const { target, config } = content
    return {
      ...(await content.testedIn('production')),
      target,
      promotion: config.promotion,
      expectations: expectationsOf(config, 'staging'),
      productionExpectations: expectationsOf(config, 'production'),
    }
  }
  const attempt = stagingAttempts.findLast((each) => each.sha === sha)
  return attempt === undefined
    ? undefined
    : {
        tested: attempt.tested,
        sources: attempt.sources ?? [],
        target: attempt['target-version'],
      }
}

export interface StagingStatus {
  readonly job: {
    readonly inputs: Branches & { readonly config: string; readonly 'working-directory': string }
    readonly machine: Machine
    readonly place: Place
    readonly github: GithubPlace
    readonly repositories: Repositories
    /** Of this run. */
    readonly found: FoundResults
  }
  readonly content: Content
  readonly pullRequest: Policy['pullRequest']
  /** Jobs of this run whose end no result explains. */
  readonly jobs: readonly JobEnd[]
}

/**
 * Publishes for the tip of the head branch whether it may go to production. What a merge would
 * bring is judged: main may hold content of its own, and then it was not tested.
 */
export async function publishForStaging(
  {
    job: { inputs, machine, place, github, repositories, found },
    content,
    pullRequest,
    jobs,
  }: StagingStatus,
  note: (warning: GithubWarning | undefined) => void,
): Promise<void> {
  const done = await asWarning('the status of the promotion was not judged', async () => {
    const landing =
      (await contentOfMerge(
        {
          workingDirectory: resolve(inputs['working-directory']),
          configPath: inputs.config,
          repositories,
        },
        'HEAD',
        `refs/remotes/origin/${inputs.base}`,
      )) ?? content
    const { staging, production } = content.config.environments
    const facts = await gateFacts(
      place,
      machine,
      inputs,
      {
        ...landing,
        ...(await landing.testedIn('production')),
        override: null,
        pullRequest,
        staging: measuredVersion(found.results) ?? (await reported(staging.server, machine)),
        production: await reported(production.server, machine),
      },
      await place.store.list('production'),
    )
    const { event } = github.context
    if ('sha' in event)
      note(
        await publish(github, event.sha, {
          unchanged: false,
          verdict: judgeGate(facts),
          job: jobs.find(({ decides }) => decides),
        }),
      )
  })
  if ('warning' in done) note(done.warning)
}

/**
 * What lies on the base branch after a merge, where this clone has both histories and nothing
 * conflicts.
 */
async function contentOfMerge(
  place: ContentPlace,
  head: string,
  base: string,
): Promise<Content | undefined> {
  const tree = await mergedTree(place.workingDirectory, head, base)
  return tree === undefined ? undefined : contentOrNothing(place, tree)
}

async function publish(
  place: GithubPlace,
  sha: string,
  facts: Omit<StatusFacts, 'target'>,
): Promise<GithubWarning | undefined> {
  const { state, description, target, onlyIfNone } = promotionStatus({
    ...facts,
    target: place.context.run.url,
  })
  place.github.machine.log.info(`status of ${sha.slice(0, 8)}: ${state}, ${description}`)
  return setPromotionStatus(place.github, {
    config: place.config,
    sha,
    state,
    description,
    targetUrl: target ?? undefined,
    onlyIfNew: place.context.event.kind === 'schedule',
    ...(onlyIfNone === undefined ? {} : { onlyIfNone }),
  })
}

function told({ github: { machine } }: GithubPlace, warning: GithubWarning | undefined): string[] {
  if (warning === undefined) return []
  logWarning(machine.log, warning)
  return [`${warning.message} ${warning.next}`]
}
