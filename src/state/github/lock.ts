import { Stop } from '../../core/stop.ts'
import type { Github } from '../../github/client.ts'
import type { GithubContext } from '../../github/context.ts'
import type { DeploymentLog, Row } from './rows.ts'
import { GithubError, logWarning, orWarning } from '../../github/errors.ts'
import { assertKnownVersion } from './payload.ts'
import { heldLocks, type HeldLock } from './held-locks.ts'

/** The locks of the servers that a run works on, from its first command on one to its report. */
export interface RunLock {
  /**
   * Takes the lock of a server for this run, unless it has it. What was read of the record before is
   * read anew, so that the caller decides on what is there now.
   * @throws Stop `locked` while another run has it
   */
  hold(serverId: string): Promise<void>
  /** Ends every lock of this run. One that cannot be released ends with the run: a warning. */
  release(): Promise<void>
}

export interface RunLockOptions {
  readonly github: Github
  readonly context: Pick<GithubContext, 'run'>
  readonly log: DeploymentLog
}

/**
 * One run per server at a time, over GitHub's records: a run that takes the lock adds a row, and the
 * oldest row that is neither over nor of a run that has ended has it. GitHub numbers rows, so that
 * two at the same moment cannot both be the oldest. The jobs of a run share its lock.
 */
export function githubRunLock(options: RunLockOptions): RunLock {
  return {
    hold: (serverId) => hold(options, serverId),
    release: () => releaseAll(options),
  }
}

async function hold(options: RunLockOptions, serverId: string): Promise<void> {
  const { log, context } = options
  const held = await heldOf(log, serverId)
  const mine = held.find(({ run }) => run === context.run.key)
  const over = await refuseWhileHeld(options, mine === undefined ? held : before(held, mine.id))
  if (mine === undefined) await take(options, serverId, over)
}

/** `over` are rows of runs that have ended: they are written down, so that no run asks again. */
async function take(
  options: RunLockOptions,
  serverId: string,
  over: readonly number[],
): Promise<void> {
  const { log, context } = options
  const row = await write(options, 'lock', `taken by run ${context.run.key}`, {
    'server-id': serverId,
    job: context.run.job,
    ended: over,
  })
  try {
    log.reread()
    await refuseWhileHeld(options, before(await heldOf(log, serverId), row.id))
  } catch (error) {
    await release(options, [row.id])
    throw error
  }
}

function before(held: readonly HeldLock[], id: number): HeldLock[] {
  return held.filter((other) => other.id < id)
}

async function heldOf(log: DeploymentLog, serverId: string): Promise<readonly HeldLock[]> {
  const rows = await log.rows('locks')
  for (const { id, payload } of rows) assertKnownVersion(id, payload)
  return heldLocks(rows).filter((lock) => lock.serverId === serverId)
}

/**
 * Gives the rows of runs that have ended. Asks about the newest first, which is the most likely to
 * live.
 * @throws Stop `locked` while the owner of another one lives, or may live
 */
async function refuseWhileHeld(
  { github, context: { run } }: RunLockOptions,
  held: readonly HeldLock[],
): Promise<number[]> {
  for (const lock of held.toReversed()) {
    const life = lock.run === run.key ? 'own' : await lifeOf(github, lock, run)
    if (life === 'alive' || life instanceof GithubError) throw locked(github, lock, life)
  }
  return held.map(({ id }) => id)
}

/**
 * An attempt of a run that has completed never goes on. The earlier attempts of this very run are
 * over, or it would not be a later one.
 */
async function lifeOf(
  github: Github,
  lock: HeldLock,
  run: GithubContext['run'],
): Promise<'alive' | 'dead' | GithubError> {
  const [id = 0, attempt = 1] = lock.run.split('.').map(Number)
  if (id === run.id && attempt < run.attempt) return 'dead'
  try {
    const { data } = await github.octokit.rest.actions.getWorkflowRunAttempt({
      ...github.repo,
      run_id: id,
      attempt_number: attempt,
    })
    return data.status === 'completed' ? 'dead' : 'alive'
  } catch (error) {
    if (!(error instanceof GithubError)) throw error
    // Only a run that has ended can be deleted. A token without the right gets 403.
    return error.problem === 'not-found' ? 'dead' : error
  }
}

function locked(
  { urls, repository }: Github,
  { run, job, at }: HeldLock,
  life: 'alive' | GithubError,
): Stop {
  const [id = '', attempt = ''] = run.split('.')
  const where = `${urls.server}/${repository.owner}/${repository.name}/actions/runs/${id}/attempts/${attempt}`
  const message = `another run is working on this server: ${where}, since ${at} (job ${job})`
  return life === 'alive'
    ? new Stop('locked', message, { next: 'Wait until it ends, then run this again.' })
    : new Stop('locked', `${message}; whether it still runs is not known: ${life.message}`, {
        next: life.next ?? 'Run this again.',
        cause: life,
      })
}

async function releaseAll(options: RunLockOptions): Promise<void> {
  const { github, log, context } = options
  // A stopped command sends nothing more, and the run ends with it.
  if (github.machine.signal.aborted) return
  const read = await orWarning(NOT_RELEASED, () => log.rows('locks'))
  if ('warning' in read) {
    logWarning(github.machine.log, read.warning)
    return
  }
  const own = heldLocks(read.value).filter(({ run }) => run === context.run.key)
  const ids = own.map(({ id }) => id)
  if (ids.length > 0) await release(options, ids)
}

const NOT_RELEASED = 'the lock was not released; it ends with this run'

async function release(options: RunLockOptions, ended: readonly number[]): Promise<void> {
  const done = await orWarning(NOT_RELEASED, () =>
    write(options, 'unlock', `released by run ${options.context.run.key}`, { ended }),
  )
  if ('warning' in done) logWarning(options.github.machine.log, done.warning)
}

function write(
  { github, context: { run }, log }: RunLockOptions,
  kind: 'lock' | 'unlock',
  description: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<Row> {
  const at = github.machine.now().toISOString()
  return log.write(
    { list: 'locks', kind, description, payload: { attempt: run.key, at, ...payload } },
    { ignoreAbort: kind === 'unlock' },
  )
}
