import { access, constants } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Environment } from '../core/environments.ts'
import { branchTip } from '../github/branches.ts'
import { connectGithub, type Github } from '../github/client.ts'
import {
  actionsContext,
  eventPath,
  githubContext,
  isOnGithub,
  type GithubContext,
} from '../github/context.ts'
import { deploymentLog } from './github/rows.ts'
import { githubAttempts, type GithubAttempts } from './github/attempts.ts'
import { logWarning, orWarning } from '../github/errors.ts'
import { githubRunLock, type RunLock } from './github/lock.ts'
import { countingAttempts } from './github/trusted.ts'
import { githubTriggerMoves } from './github/trigger-moves.ts'
import type { AttemptStore } from './attempt.ts'
import { acquireLock, type Lock } from './local/lock.ts'
import { recordName, stateDirectory } from './local/attempts.ts'
import { Stop } from '../core/stop.ts'
import { headCommit } from '../git/git.ts'
import { configPathIn } from '../inputs/config-path.ts'
import type { Machine } from '../runtime/runtime.ts'
import { triggerMovesIn, type TriggerMoves } from './local/trigger-moves.ts'

/**
 * Where records, locks and unfinished moves of triggers are kept: on GitHub where a repository and
 * a token are given, else in the state directory.
 */
export interface Place {
  readonly store: AttemptStore
  /** Takes the lock of a server for an upgrade. On GitHub it stays with the run until its report. */
  lock(serverId: string): Promise<Lock>
  /**
   * Takes the lock for what follows an upgrade. In the state directory a lock is held for one
   * upgrade, and this does nothing. What GitHub refuses is a warning.
   * @throws Stop `locked` while another run has it
   */
  holdForRun(serverId: string): Promise<void>
  triggerMoves(environment: Environment): TriggerMoves
  readonly github: GithubPlace | undefined
}

export interface GithubPlace {
  readonly context: GithubContext
  readonly github: Github
  readonly attempts: GithubAttempts
  readonly lock: RunLock
  /** Path of the configuration file that records and the commit status are about. */
  readonly config: string
}

export interface PlaceInputs {
  readonly config: string
  readonly 'github-token': string | undefined
  readonly 'working-directory': string
  readonly 'state-directory': string
}

/** Contacts nothing. @throws Stop `invalid-input` for half an environment of GitHub Actions. */
export async function openPlace(inputs: PlaceInputs, machine: Machine): Promise<Place> {
  const token = inputs['github-token']
  if (!isOnGithub(machine.env)) return inStateDirectory(inputs, machine)
  if (token === undefined) {
    machine.log.warn(
      'no github-token is given: the record is kept in the state directory, which ends with a runner of GitHub',
    )
    return inStateDirectory(inputs, machine)
  }
  const context = await contextOf(machine)
  const github = await connectGithub({ context, token, machine })
  const config = configPathIn(inputs['working-directory'], inputs.config)
  const log = deploymentLog({
    github,
    config,
    sha: commitOf(context) ?? (await headCommit(resolve(inputs['working-directory']))) ?? '',
  })
  const attempts = githubAttempts({ github, context, config, log })
  const lock = githubRunLock({ github, context, log })
  return {
    store: attempts,
    async lock(serverId) {
      await lock.hold(serverId)
      return { release: () => Promise.resolve() }
    },
    async holdForRun(serverId) {
      const done = await orWarning('whether another run works on this server is not known', () =>
        lock.hold(serverId),
      )
      if ('warning' in done) logWarning(machine.log, done.warning)
    },
    triggerMoves: (environment) => githubTriggerMoves({ context, log, machine }, environment),
    github: { context, github, attempts, lock, config },
  }
}

function inStateDirectory(inputs: PlaceInputs, machine: Machine): Place {
  const directory = resolve(inputs['working-directory'], inputs['state-directory'])
  const config = configPathIn(inputs['working-directory'], inputs.config)
  return {
    store: stateDirectory(directory, config),
    lock: (serverId) => acquireLock({ stateDirectory: directory, serverId, machine }),
    holdForRun: () => Promise.resolve(),
    triggerMoves: (environment) =>
      triggerMovesIn(join(directory, 'triggers', recordName(environment, config))),
    github: undefined,
  }
}

export async function contextOf({ env }: Machine): Promise<GithubContext> {
  const path = eventPath(env)
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw new Stop('invalid-input', `GITHUB_EVENT_PATH names ${path}, which cannot be read`, {
      next: 'In a container, mount the folder of the event.',
      cause,
    })
  })
  return githubContext(env, await actionsContext())
}

/** The commit of the branch that a run is about; undefined for events that are about none. */
function commitOf({ event }: GithubContext): string | undefined {
  switch (event.kind) {
    case 'push':
    case 'dispatch':
    case 'schedule':
    case 'other':
      return event.sha
    case 'pull-request':
    case 'merge-group':
      return event.head.sha
  }
}

/**
 * Which environment the branch of the run deploys; undefined for a pull request, which deploys
 * none.
 */
export function environmentOfRun(
  { context: { event } }: GithubPlace,
  { head, base }: { readonly head: string; readonly base: string },
): Environment | undefined {
  if (event.kind !== 'push' && event.kind !== 'dispatch' && event.kind !== 'schedule')
    return undefined
  return event.branch === head ? 'staging' : event.branch === base ? 'production' : undefined
}

/**
 * Ends a command whose commit is no longer the tip of its branch, before it writes anything: a
 * newer run does the work.
 * @throws Stop `superseded`; GithubError
 */
export async function demandTip({ github: place }: Place): Promise<void> {
  if (place === undefined) return
  const { event } = place.context
  if (event.kind !== 'push' && event.kind !== 'dispatch' && event.kind !== 'schedule') return
  const tip = await branchTip(place.github, event.branch)
  if (tip === undefined) {
    throw new Stop('github-unreachable', `GitHub shows no branch ${event.branch} to this token`, {
      next: 'Give the job the permission "contents: read"; for a branch that was deleted there is nothing to do.',
    })
  }
  if (tip.sha !== event.sha) {
    throw new Stop(
      'superseded',
      `commit ${event.sha.slice(0, 8)} is no longer the tip of ${event.branch}, which is ${tip.sha.slice(0, 8)}`,
      {
        next: `Look at the newest run of the branch; if there is none for ${tip.sha.slice(0, 8)}, dispatch the workflow.`,
      },
    )
  }
}

/**
 * The record without what runs of other branches wrote into it: an upgrade goes on with what it
 * says.
 */
export function storeThatCounts(
  { store, github: place }: Place,
  { measuring }: { readonly measuring: boolean },
): AttemptStore {
  const event = place?.context.event
  if (place === undefined || event === undefined || !('branch' in event)) return store
  const judged = new Map<string, string | null>()
  return {
    ...store,
    list: (environment) =>
      countingAttempts(place, environment, event.branch, { judged, measuring }),
  }
}

/**
 * The same for what is found out after the upgrade. A job that may not ask whose runs the records
 * are of goes by all of them, with a warning: the gate asks again.
 */
export function findingsThatCount(
  place: Place,
  machine: Machine,
  how: { readonly measuring: boolean },
): AttemptStore {
  const counting = storeThatCounts(place, how)
  return {
    ...counting,
    async list(environment) {
      const done = await orWarning(
        `whether the record of ${environment} is of its branch was not found out`,
        () => counting.list(environment),
      )
      if ('value' in done) return done.value
      logWarning(machine.log, done.warning)
      return place.store.list(environment)
    },
  }
}
