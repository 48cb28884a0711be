import * as z from 'zod'
import type { Environment } from '../../core/environments.ts'
import type { Attempt, AttemptStore, Entry } from '../attempt.ts'
import { canonicalJson } from '../content-digest.ts'
import type { Outcome } from '../../core/outcomes.ts'
import { Stop } from '../../core/stop.ts'
import { redact } from '../../runtime/secrets.ts'
import type { Github } from '../../github/client.ts'
import type { GithubContext } from '../../github/context.ts'
import { TASKS, type DeploymentLog, type Row } from './rows.ts'
import { GithubError, orWarning, warningOf, type GithubWarning } from '../../github/errors.ts'
import {
  attemptOf,
  attemptPayload,
  isOfLaterVersion,
  journalPayload,
  payloadOfAttempt,
  shortened,
  type AttemptPayload,
} from './payload.ts'

/** Attempts as Deployments: see docs/github.md. */
export interface GithubAttempts extends AttemptStore {
  /**
   * The next `list` asks GitHub again. Without it what was read once is known, with everything this
   * process added.
   */
  reread(environment?: Environment): void
  /**
   * Shows on the repository's page of deployments how the attempt ended; `held` and `noop` show
   * nothing. A refusal is a warning.
   */
  conclude(conclusion: AttemptConclusion): Promise<GithubWarning | undefined>
  /**
   * The runs (`<run id>.<attempt>`) that made the attempt and its entries, each with the commit it
   * made them for; see origin.ts.
   */
  originsOf(environment: Environment, id: string): Promise<readonly RowOrigin[]>
  /**
   * As GitHub has them, without what came from some runs: neither attempts that they began nor
   * lines that they added to those of others.
   */
  listWithout(
    environment: Environment,
    refused: (origin: RowOrigin) => boolean,
  ): Promise<readonly Attempt[]>
}

export interface RowOrigin {
  readonly run: string
  readonly sha: string
}

interface AttemptConclusion {
  readonly environment: Environment
  readonly id: string
  readonly outcome: Outcome
  readonly summary: string
  /** Address of the ZenML server. */
  readonly serverUrl?: string | undefined
}

export interface GithubAttemptsOptions {
  readonly github: Github
  readonly context: Pick<GithubContext, 'run'>
  readonly log: DeploymentLog
}

const STATES: Readonly<Record<Outcome, 'success' | 'failure' | 'error' | undefined>> = {
  success: 'success',
  failure: 'failure',
  inconclusive: 'error',
  cancelled: 'error',
  invalid: undefined,
  held: undefined,
  noop: undefined,
}

export function githubAttempts({
  github,
  context: { run },
  log,
}: GithubAttemptsOptions): GithubAttempts {
  /** Attempts that this process works on, with the fine lines that GitHub does not keep. */
  const local = new Map<string, Entry[]>()
  /** By attempt: what joins the next line that is written. */
  const joining = new Map<string, Entry[]>()
  /** What could not be written yet, oldest first. */
  const unwritten: { environment: Environment; id: string; entries: readonly Entry[] }[] = []
  let writing: Promise<void> = Promise.resolve()

  const withLocal = (attempt: Attempt): Attempt => {
    const mine = local.get(attempt.id)
    return mine === undefined ? attempt : { ...attempt, entries: joined(mine, attempt.entries) }
  }

  const list = async (environment: Environment): Promise<Attempt[]> =>
    attemptsOf(await log.rows(environment), environment, github).map(({ payload, entries }) =>
      withLocal(
        attemptOf(
          payload,
          entries.map(({ entry }) => entry),
        ),
      ),
    )

  const post = async ({ environment, id, entries }: (typeof unwritten)[number]): Promise<void> => {
    const newest = entries.at(-1)
    await log.write(
      {
        environment,
        task: TASKS.journal,
        description: newest === undefined ? '' : describe(newest),
        payload: {
          'schema-version': 1,
          environment,
          attempt: run.key,
          id,
          entries: entries.map((entry) => shortened(entry)),
        },
      },
      { evenWhenStopped: newest?.kind === 'closed' },
    )
  }

  const writeAll = async (): Promise<void> => {
    for (;;) {
      const next = unwritten[0]
      if (next === undefined) return
      await post(next)
      unwritten.shift()
    }
  }

  return {
    list,
    reread: (environment) => {
      log.reread(environment)
    },

    async begin(attempt) {
      await log.write({
        environment: attempt.environment,
        task: TASKS.attempt,
        payload: payloadOfAttempt(attempt, run.key),
        description: `ZenML ${attempt['from-version']} → ${attempt['target-version']}`,
      })
      local.set(attempt.id, [...attempt.entries])
    },

    async append(environment, id, entry) {
      const before =
        local.get(id) ?? (await list(environment)).find((attempt) => attempt.id === id)?.entries
      if (before === undefined)
        throw new Stop('unexpected-answer', `there is no attempt ${id} of ${environment} on GitHub`)
      local.set(id, [...before, entry])
      const keeping = keep(entry, before)
      if (keeping === 'never') return
      const entries = [...(joining.get(id) ?? []), entry]
      joining.set(id, keeping === 'with the next' ? entries : [])
      if (keeping === 'with the next') return
      unwritten.push({ environment, id, entries })
      try {
        writing = writing.catch(() => undefined).then(writeAll)
        await writing
      } catch (error) {
        // Before the first change it is better to stop than to work without a record; afterwards
        // the work must go on.
        if (!(error instanceof GithubError) || comesBeforeChange(entry, before)) throw error
        github.machine.log.warn(warningOf(`the record of attempt ${id} is behind`, error).message)
      }
    },

    async conclude({ environment, id, outcome, summary, serverUrl }) {
      const state = STATES[outcome]
      const row = attemptsOf(await log.rows(environment), environment, github).find(
        ({ payload }) => payload.id === id,
      )?.row
      if (state === undefined || row === undefined) return undefined
      const done = await orWarning(`the state of attempt ${id} was not written`, () =>
        github.call(
          'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
          {
            deployment_id: row.id,
            state,
            description: redact(summary).slice(0, 140),
            log_url: run.url,
            auto_inactive: false,
            ...(serverUrl === undefined ? {} : { environment_url: serverUrl }),
          },
          { evenWhenStopped: outcome === 'cancelled' },
        ),
      )
      return 'warning' in done ? done.warning : undefined
    },

    async originsOf(environment, id) {
      const found = attemptsOf(await log.rows(environment), environment, github).find(
        ({ payload }) => payload.id === id,
      )
      const all =
        found === undefined
          ? []
          : [
              { run: found.payload.attempt, sha: found.row.sha },
              ...found.entries.map(({ run: key, sha }) => ({ run: key, sha })),
            ]
      return [...new Map(all.map((origin) => [`${origin.run} ${origin.sha}`, origin])).values()]
    },

    async listWithout(environment, refused) {
      return attemptsOf(await log.rows(environment), environment, github)
        .filter(({ payload, row }) => !refused({ run: payload.attempt, sha: row.sha }))
        .map(({ payload, entries }) =>
          withLocal(
            attemptOf(
              payload,
              entries.filter((line) => !refused(line)).map(({ entry }) => entry),
            ),
          ),
        )
    },
  }
}

/**
 * The entries that GitHub keeps: what a run on another machine needs to go on, and what the verdict
 * is made of. Other lines help on this machine only. One line for each step: a step that was begun
 * is not told again.
 */
function keep(entry: Entry, before: readonly Entry[]): 'now' | 'with the next' | 'never' {
  switch (entry.kind) {
    case 'backup':
    case 'overtaken':
    case 'evidence':
    case 'closed':
      return 'now'
    case 'inventory':
      // Needed only when something changes after it.
      return 'with the next'
    case 'phase': {
      const kept = (phase: Entry): phase is Entry & { kind: 'phase' } =>
        phase.kind === 'phase' && isKeptPhase(phase)
      const last = before.findLast(kept)
      return isKeptPhase(entry) && !(last?.phase === entry.phase && last.state === entry.state)
        ? 'now'
        : 'never'
    }
    case 'child':
      // Whether tables may be half changed must be known wherever the next run is; the process
      // itself is not.
      return entry.name === 'migration' &&
        !before.some((other) => other.kind === 'child' && other.name === 'migration')
        ? 'now'
        : 'never'
    case 'note':
    case 'unreadable':
      return 'never'
  }
}

function isKeptPhase({ phase, state }: Entry & { kind: 'phase' }): boolean {
  return (phase === 'deploy' && state === 'started') || (phase === 'rollback' && state !== 'done')
}

/** Entries of this process in their order, then what others added meanwhile. */
function joined(mine: readonly Entry[], onGithub: readonly Entry[]): Entry[] {
  const known = new Set(mine.map((entry) => redact(canonicalJson(shortened(entry)))))
  return [...mine, ...onGithub.filter((entry) => !known.has(canonicalJson(entry)))]
}

function comesBeforeChange(entry: Entry, entries: readonly Entry[]): boolean {
  if (entry.kind === 'phase') return entry.phase === 'deploy'
  return (
    entry.kind === 'backup' &&
    !entries.some((other) => other.kind === 'phase' && other.phase === 'deploy')
  )
}

interface Found {
  readonly row: Row
  readonly payload: AttemptPayload
  readonly entries: readonly { readonly run: string; readonly sha: string; readonly entry: Entry }[]
}

/**
 * Oldest first. A row that is damaged is told and left out; one of a later version ends the
 * command, for it may tell of open work.
 */
function attemptsOf(rows: readonly Row[], environment: Environment, { machine }: Github): Found[] {
  const found = new Map<
    string,
    { row: Row; payload: AttemptPayload; entries: { run: string; sha: string; entry: Entry }[] }
  >()
  for (const row of rows) {
    if (isOfLaterVersion(row.payload)) {
      throw new Stop(
        'invalid-input',
        `deployment ${row.id} of ${environment} is a record of a later version of zenml-upgrade`,
        { next: 'Use the same version on both branches.' },
      )
    }
    if (row.task === TASKS.lock || row.task === TASKS.trigger) continue
    if (row.task === TASKS.attempt) {
      const payload = attemptPayload.safeParse(row.payload).data
      if (payload === undefined || payload.environment !== environment)
        machine.log.warn(
          `deployment ${row.id} of ${environment} is no record that can be read, and was left out`,
        )
      else if (!found.has(payload.id)) found.set(payload.id, { row, payload, entries: [] })
      continue
    }
    const line = journalPayload.safeParse(row.payload).data
    if (line === undefined) {
      const of = lineOf.safeParse(row.payload).data
      machine.log.warn(
        `deployment ${row.id} of ${environment} is no line of a journal that can be read${of === undefined ? ', and was left out' : `; attempt ${of.id} is not green with it`}`,
      )
      if (of !== undefined)
        found.get(of.id)?.entries.push({
          run: of.attempt,
          sha: row.sha,
          entry: { kind: 'unreadable', at: row.created.toISOString() },
        })
    } else
      found
        .get(line.id)
        ?.entries.push(...line.entries.map((entry) => ({ run: line.attempt, sha: row.sha, entry })))
  }
  return [...found.values()]
}

/** What an unreadable line must tell at least, to be held against its attempt. */
const lineOf = z.looseObject({ id: z.string(), attempt: z.string() })

function describe(entry: Entry): string {
  switch (entry.kind) {
    case 'backup':
      return `backup ${entry.report.id}`
    case 'evidence':
      return `${entry.command}: ${entry['reason-code']}`
    case 'closed':
      return `upgrade: ${entry['reason-code']}`
    case 'phase':
      return `${entry.phase} ${entry.state}`
    case 'child':
      return 'migration begun'
    case 'overtaken':
      return 'deployed by somebody else before the backup was complete'
    case 'inventory':
    case 'note':
    case 'unreadable':
      return entry.kind
  }
}
