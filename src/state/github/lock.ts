import type { Environment } from '../../core/environments.ts'
import type { Lock } from '../local/lock.ts'
import { Stop } from '../../core/stop.ts'
import type { Github } from '../../github/client.ts'
import type { GithubContext } from '../../github/context.ts'
import { TASKS, type DeploymentLog, type Row } from './rows.ts'
import { GithubError, warningOf } from '../../github/errors.ts'
import { lockPayload, type LockPayload } from './payload.ts'

export interface GithubLockOptions {
  readonly github: Github
  readonly context: Pick<GithubContext, 'run'>
  readonly log: DeploymentLog
}

interface Taken {
  readonly id: number
  readonly payload: LockPayload
}

/**
 * One upgrade per server at a time, over GitHub's records: who takes the lock adds a row, and the
 * oldest row that is neither released nor left by a dead run has it. GitHub numbers rows, so that
 * two at the same moment cannot both be the oldest. What was read before is read anew, so that the
 * caller decides on what is there now.
 * @throws Stop `locked` while the owner lives.
 */
export async function acquireGithubLock(
  options: GithubLockOptions,
  environment: Environment,
  serverId: string,
): Promise<Lock> {
  const write = lockWriter(options, environment, serverId)
  const mine = await write('taken', null)
  const release = () => releaseRow(options.github, () => write('released', mine.id))
  try {
    await refuseWhileHeld(options, environment, serverId, mine.id)
  } catch (error) {
    await release()
    throw error
  }
  return { release }
}

type WriteLock = (state: LockPayload['state'], of: number | null) => Promise<Row>

/** Makes the function that writes this job's rows of the lock. */
function lockWriter(
  { github, context: { run }, log }: GithubLockOptions,
  environment: Environment,
  serverId: string,
): WriteLock {
  const payload = {
    'schema-version': 1,
    environment,
    attempt: run.key,
    'server-id': serverId,
    job: run.job,
    runner: github.machine.env['RUNNER_NAME'] ?? '',
  } as const
  return (state, of) =>
    log.write(
      {
        environment,
        task: TASKS.lock,
        description: `${state} by run ${run.key}`,
        payload: { ...payload, at: github.machine.now().toISOString(), state, of },
      },
      { ignoreAbort: state === 'released' },
    )
}

/** A lock that cannot be released ends with its run: that is a warning. */
async function releaseRow({ machine }: Github, write: () => Promise<Row>): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (!(error instanceof GithubError)) throw error
    machine.log.warn(warningOf('the lock was not released; it ends with this run', error).message)
  }
}

/** @throws Stop `locked` while an owner of an older row lives, or may live. */
async function refuseWhileHeld(
  { github, context: { run }, log }: GithubLockOptions,
  environment: Environment,
  serverId: string,
  mine: number,
): Promise<void> {
  log.reread(environment)
  for (const other of heldBefore(await log.rows(environment), serverId, mine)) {
    const life = await lifeOf(github, other, run)
    if (life !== 'dead') throw taken(github, other, life)
  }
}

/**
 * Rows of this server that are not released, the newest first: an owner that lives is most often
 * the newest.
 */
function heldBefore(
  rows: readonly { id: number; task: string; payload: unknown }[],
  serverId: string,
  mine: number,
): Taken[] {
  const locks = rows
    .filter(({ task }) => task === TASKS.lock)
    .flatMap(({ id, payload }) => {
      const parsed = lockPayload.safeParse(payload).data
      return parsed?.['server-id'] === serverId ? [{ id, payload: parsed }] : []
    })
  const released = new Set(locks.map(({ payload }) => payload.of))
  return locks
    .filter(({ id, payload }) => payload.state === 'taken' && id < mine && !released.has(id))
    .reverse()
}

/** Dead is who cannot come back: an attempt of a run that has completed never goes on. */
async function lifeOf(
  github: Github,
  { payload }: Taken,
  run: GithubContext['run'],
): Promise<'alive' | 'dead' | GithubError> {
  // Steps of one job follow each other: the one that took it is over. Jobs of a matrix share their
  // id, and not their runner.
  if (
    payload.attempt === run.key &&
    payload.job === run.job &&
    payload.runner === (github.machine.env['RUNNER_NAME'] ?? '')
  )
    return 'dead'
  const [id = '0', attempt = '1'] = payload.attempt.split('.')
  try {
    const { data } = await github.octokit.rest.actions.getWorkflowRunAttempt({
      ...github.repo,
      run_id: Number(id),
      attempt_number: Number(attempt),
    })
    return data.status === 'completed' ? 'dead' : 'alive'
  } catch (error) {
    if (!(error instanceof GithubError)) throw error
    // Only a run that has ended can be deleted. A token without the right is told 403.
    return error.problem === 'not-found' ? 'dead' : error
  }
}

function taken(
  { urls, repository }: Github,
  { payload }: Taken,
  life: 'alive' | GithubError,
): Stop {
  const [id = '', attempt = ''] = payload.attempt.split('.')
  const where = `${urls.server}/${repository.owner}/${repository.name}/actions/runs/${id}/attempts/${attempt}`
  const message = `this server is being upgraded by job ${payload.job} of ${where}, since ${payload.at}`
  return life === 'alive'
    ? new Stop('locked', message, { next: 'Wait until it ends, then run this again.' })
    : new Stop(
        'locked',
        `${message}; whether that run still lives could not be asked: ${life.message}`,
        { next: life.next ?? 'Run this again.', cause: life },
      )
}
