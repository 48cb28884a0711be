import type { Environment } from '../../core/environments.ts'
import { GithubError } from '../../github/errors.ts'
import { countingAttempts } from '../../state/github/trusted.ts'
import { pullRequestFor, type Branches } from '../../github/pull-request.ts'
import type { Policy, Reported } from '../../promotion/conditions.ts'
import type { GateFacts } from '../../promotion/gate.ts'
import type { Override } from '../../result/promotion.ts'
import { versionAskedFor } from '../../promotion/measured-version.ts'
import type { Attempt } from '../../state/attempt.ts'
import { expectationsOf } from '../../state/verdict.ts'
import { Stop } from '../../core/stop.ts'
import type { Machine } from '../../runtime/runtime.ts'
import { connect } from '../../zenml/server.ts'
import type { Content, Tested } from '../../session/content.ts'
import type { Place } from '../../state/backend.ts'
import { readResult } from '../../result/read-results.ts'
import type { Result } from '../../result/result.ts'
import type { Workspace } from '../../session/session.ts'
import { resultFile } from '../../result/result-file.ts'

/** What the gate is asked about. */
export interface GateSubject extends Pick<Content, 'config' | 'target'>, Tested {
  readonly pullRequest: Policy['pullRequest']
  readonly staging: Reported
  readonly production: Reported
  readonly override: Override | null
}

/**
 * Joins what is asked about with what the record says. `productionAttempts` where the answer opens
 * nothing: then nobody is asked whose they are.
 */
export async function gateFacts(
  place: Place,
  machine: Machine,
  branches: Branches,
  subject: GateSubject,
  productionAttempts?: readonly Attempt[],
): Promise<GateFacts> {
  const { config, target, tested, sources, inputs, pullRequest, staging, production, override } =
    subject
  return {
    target,
    tested,
    sources,
    inputs,
    pullRequest,
    staging,
    production,
    override,
    now: machine.now(),
    promotion: config.promotion,
    expectations: expectationsOf(config, 'staging'),
    productionExpectations: expectationsOf(config, 'production'),
    stagingAttempts: await attemptsThatCount(place, 'staging', branches.head),
    productionAttempts:
      productionAttempts ?? (await attemptsThatCount(place, 'production', branches.base)),
  }
}

/**
 * On GitHub only what the workflow wrote on the branch itself counts; a state directory is trusted
 * as the machine is.
 */
async function attemptsThatCount(
  { store, github }: Place,
  environment: Environment,
  branch: string,
): Promise<readonly Attempt[]> {
  return github === undefined
    ? store.list(environment)
    : countingAttempts(github, environment, branch)
}

/**
 * The pull request that brings or brought the content; that it could not be asked is a fact too.
 */
export async function pullRequestOfRun(
  { github: place }: Place,
  branches: Branches,
): Promise<Policy['pullRequest']> {
  if (place === undefined) return null
  try {
    return (await pullRequestFor(place.github, place.context.event, branches)) ?? null
  } catch (error) {
    if (error instanceof GithubError) return { unknown: error.message }
    throw error
  }
}

/** What a server reports, or why it could not be asked; needs no key. */
export async function reported(url: string | undefined, machine: Machine): Promise<Reported> {
  if (url === undefined) return { unknown: 'the file does not name its address' }
  try {
    const { version, id } = await connect({ url, machine }).info({
      deadlineSeconds: 15,
      timeoutSeconds: 10,
    })
    return { version, id }
  } catch (error) {
    if (error instanceof Stop && error.code !== 'cancelled') return { unknown: error.message }
    throw error
  }
}

/** What an earlier job asked the gate of an environment; undefined without its result file. */
export function gateResult(
  { reportDirectory, configPath }: Pick<Workspace, 'reportDirectory' | 'configPath'>,
  environment: Environment,
): Promise<Result | undefined> {
  const path = resultFile(reportDirectory, {
    command: 'promote',
    environment,
    step: 'gate',
    config: configPath,
  })
  return readResult(path).catch(() => undefined)
}

/** What a job that reaches the staging server found out for this commit; undefined without one. */
export async function askedElsewhere(
  workspace: Workspace,
  now: Date,
): Promise<Reported | undefined> {
  return versionAskedFor(await gateResult(workspace, 'staging'), workspace, now)
}
