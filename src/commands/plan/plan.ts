import { snapshotKey } from '../../core/snapshot-key.ts'
import { join, resolve } from 'node:path'
import { readTextFile } from '../../config/read-file.ts'
import { releasesOnIndex } from '../../zenml-client/releases.ts'
import type { Environment } from '../../core/environments.ts'
import { logWarning, orWarning } from '../../github/errors.ts'
import type { GithubEvent } from '../../github/event.ts'
import { makePlan, type PlanFacts } from '../../promotion/plan.ts'
import { environmentToPlan } from '../../promotion/plan-environment.ts'
import { scheduleCheck, type Workflow } from '../../promotion/schedule-check.ts'
import type { Attempt } from '../../state/attempt.ts'
import { rolledBackTo } from '../../state/blocked.ts'
import type { UpgradeInputs } from '../../state/content-digest.ts'
import { lastInventory } from '../../state/last-inventory.ts'
import { Stop } from '../../core/stop.ts'
import { commitNamed, fileAt } from '../../git/git.ts'
import type { Machine } from '../../runtime/runtime.ts'
import { selectSnapshots } from '../../snapshots/select.ts'
import type { CommandContext, Conclusion } from '../command.ts'
import {
  contentAt,
  demandFolder,
  readContent,
  type Content,
  type ContentPlace,
} from '../../session/content.ts'
import { reported } from '../promote/gate-facts.ts'
import { asWarning } from '../../session/as-warning.ts'
import { openPlace, type Place } from '../../state/backend.ts'
import { openRepositories } from '../../session/repositories.ts'

type Inputs = CommandContext<'plan'>['inputs']

/**
 * What a merge would do, without a key: from the two files, what the server of the base branch
 * tells everybody, the package index, and the record.
 */
export async function plan({
  inputs,
  machine,
}: CommandContext<'plan'>): Promise<Conclusion<'plan'>> {
  const workingDirectory = resolve(inputs['working-directory'])
  await demandFolder(
    workingDirectory,
    'the working directory',
    'Name the root of the repository as --working-directory.',
  )
  const place = await openPlace(inputs, machine)
  const event = place.github?.context.event
  const environment = environmentToPlan(inputs, event)
  return planFor(environment, { inputs, machine }, place, workingDirectory).catch(
    (error: unknown) => toldAbout(environment, error),
  )
}

/**
 * The environment follows from the pull request: a file that is wrong is told with the others of
 * that environment.
 */
function toldAbout(environment: Environment, error: unknown): Conclusion<'plan'> {
  if (!(error instanceof Stop) || error.code === 'cancelled') throw error
  return {
    reasonCode: error.code,
    summary: error.message,
    next: error.next,
    details: null,
    environment,
  }
}

async function planFor(
  environment: Environment,
  { inputs, machine }: CommandContext<'plan'>,
  place: Place,
  workingDirectory: string,
): Promise<Conclusion<'plan'>> {
  const event = place.github?.context.event
  const repositories = openRepositories({ machine, place, githubToken: inputs['github-token'] })
  const files: ContentPlace = { workingDirectory, configPath: inputs.config, repositories }
  const head = await readContent(files)
  const commit = await baseCommit(workingDirectory, environment, inputs, event)
  const base = await baseContent(files, commit, machine)
  const workflow = await runningWorkflow(workingDirectory, place.github?.context.run.workflow)
  const record = await orWarning('what was recorded of the snapshots is not known', () =>
    place.store.list(environment),
  )
  if ('warning' in record) logWarning(machine.log, record.warning)
  const attempts = 'value' in record ? record.value : []
  const made = makePlan({
    environment,
    head: head.config,
    target: head.target,
    inputs: await inputsOf(head, environment, attempts, machine),
    base: base?.config ?? null,
    changesUpgrade:
      base?.upgrade !== head.upgrade ||
      (await isChanged(workflow, { folder: workingDirectory, commit })),
    baseVersion: base?.target ?? null,
    // The head of a pull request could name any address, and a job inside the network would ask it.
    server:
      base === undefined
        ? { unknown: 'the base branch has no file yet' }
        : await reported(base.config.environments[environment].server, machine),
    // For the same reason only variables that the base branch names.
    releases: await releasesOnIndex(
      machine,
      (base?.config.sources ?? []).flatMap(({ install }) => install['index-env']),
    ),
    attempts,
    inventory: joinInventory(attempts, head, environment),
    more: scheduleCheck(head.config.promotion, workflow, {
      base: inputs.base,
      defaultBranch: place.github?.context.defaultBranch,
    }),
  })
  for (const { status, message } of made.details.checks)
    machine.log[status === 'failed' ? 'fail' : status === 'passed' ? 'pass' : 'warn'](message)
  return { ...made, environment }
}

/** Reads other repositories only where the version was rolled back: only then it matters. */
async function inputsOf(
  head: Content,
  environment: Environment,
  attempts: readonly Attempt[],
  machine: Machine,
): Promise<UpgradeInputs | null> {
  if (rolledBackTo(attempts, head.target) === undefined) return null
  const tested = await asWarning('what the upgrade would be made with is not known', () =>
    head.testedIn(environment),
  )
  if ('value' in tested) return tested.value.inputs
  logWarning(machine.log, tested.warning)
  return null
}

/** The file of the running workflow; undefined where it is not known or cannot be read. */
async function runningWorkflow(
  folder: string,
  path: string | undefined,
): Promise<Workflow | undefined> {
  if (path === undefined) return undefined
  const { text } = await readTextFile(join(folder, path))
  return text === undefined ? undefined : { path, text }
}

/** Whether the running workflow is another one than that of the base branch. */
async function isChanged(
  workflow: Workflow | undefined,
  { folder, commit }: { readonly folder: string; readonly commit: string | undefined },
): Promise<boolean> {
  return (
    workflow !== undefined &&
    commit !== undefined &&
    (await fileAt(folder, commit, workflow.path)) !== workflow.text
  )
}

/** The test merge that GitHub checks out may have a newer base than the event names. */
async function parentOfTestMerge(
  folder: string,
  event: GithubEvent | undefined,
): Promise<string[]> {
  const isTestMerge =
    event?.kind === 'pull-request' && (await commitNamed(folder, 'HEAD^2')) === event.head.sha
  return isTestMerge ? ['HEAD^1'] : []
}

/** The commit that would be merged into, as far as this clone has it. */
async function baseCommit(
  folder: string,
  environment: Environment,
  { head, base }: Inputs,
  event: GithubEvent | undefined,
): Promise<string | undefined> {
  const branch = environment === 'staging' ? head : base
  const names = [
    ...(await parentOfTestMerge(folder, event)),
    ...(event !== undefined && 'base' in event ? [event.base.sha] : []),
    `refs/remotes/origin/${branch}`,
    `refs/heads/${branch}`,
  ]
  for (const name of names) {
    const commit = await commitNamed(folder, name)
    if (commit !== undefined) return commit
  }
  return undefined
}

/** A broken file on the base branch is no reason to say nothing about the one that mends it. */
async function baseContent(
  files: ContentPlace,
  commit: string | undefined,
  machine: Machine,
): Promise<Content | undefined> {
  if (commit === undefined) {
    machine.log.warn(
      'the base branch is not in this clone; check out with fetch-depth: 0 to compare with it',
    )
    return undefined
  }
  try {
    return await contentAt(files, commit)
  } catch (error) {
    if (!(error instanceof Stop) || error.code === 'cancelled') throw error
    machine.log.warn(`the file of the base branch cannot be read: ${error.message}`)
    return undefined
  }
}

/** Joins the snapshots as the newest record has them with the file. */
function joinInventory(
  attempts: readonly Attempt[],
  head: Content,
  environment: Environment,
): PlanFacts['inventory'] {
  const inventory = lastInventory(attempts)
  if (inventory === null) return null
  const known = inventory.snapshots?.map((one) => ({
    ...one,
    key: snapshotKey(one),
  }))
  return {
    recorded: inventory.recorded,
    count: inventory.count,
    selection: known === undefined ? null : selectSnapshots(known, head.config, environment),
  }
}
