import type { Environment } from '../../core/environments.ts'
import type { Attempt, AttemptStore, Entry } from '../attempt.ts'
import { Stop } from '../../core/stop.ts'
import { plural } from '../../core/text.ts'
import { isDefaultConfig } from '../../inputs/config-path.ts'
import type { Github } from '../../github/client.ts'
import type { GithubContext } from '../../github/context.ts'
import type { DeploymentLog } from './rows.ts'
import { GithubError, warningOf, type GithubWarning } from '../../github/errors.ts'
import { endOvertaken, showBegun, showConclusion, type AttemptConclusion } from './attempt-state.ts'
import { attemptsIn, type FoundAttempt } from './found-attempts.ts'
import { comesBeforeChange, joined, whenKept } from './kept-entries.ts'
import { attemptOf, payloadOfAttempt, shortened } from './payload.ts'

/** Attempts as Deployments: see docs/github.md. */
export interface GithubAttempts extends AttemptStore {
  /**
   * The next `list` asks GitHub again. Without it what was read once is known, with everything this
   * process added.
   */
  reread(environment?: Environment): void
  /** Shows on the attempt's deployment how it ended. A refusal is a warning. */
  conclude(conclusion: AttemptConclusion): Promise<GithubWarning | undefined>
  /**
   * The runs (`<run id>.<attempt>`) that made the attempt and its entries, each with the commit it
   * made them for; see trusted.ts.
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

export interface GithubAttemptsOptions {
  readonly github: Github
  readonly context: Pick<GithubContext, 'run'>
  /** Path of the configuration file. */
  readonly config: string
  readonly log: DeploymentLog
}

/** What this process works on and GitHub does not show yet. */
interface OpenAttempts extends GithubAttemptsOptions {
  /** Entries of attempts that this process works on, with the fine lines that GitHub does not keep. */
  readonly local: Map<string, Entry[]>
  /** By attempt: what joins the next line that is written. */
  readonly joining: Map<string, Entry[]>
  /** What could not be written yet, oldest first. */
  readonly unwritten: Line[]
  /** Ends when what was asked to be written so far is written, or has failed. */
  writing: Promise<void>
}

/** Entries that are written as one row. */
interface Line {
  readonly environment: Environment
  readonly id: string
  readonly entries: readonly Entry[]
}

/** Opens the attempts of one repository; contacts nothing. */
export function githubAttempts(options: GithubAttemptsOptions): GithubAttempts {
  const open: OpenAttempts = {
    ...options,
    local: new Map(),
    joining: new Map(),
    unwritten: [],
    writing: Promise.resolve(),
  }
  return {
    list: (environment) => listAttempts(open, environment),
    reread: (environment) => {
      open.log.reread(environment)
    },
    begin: (attempt) => beginAttempt(open, attempt),
    append: (environment, id, entry) => appendEntry(open, environment, id, entry),
    conclude: (conclusion) => concludeAttempt(open, conclusion),
    originsOf: (environment, id) => readOrigins(open, environment, id),
    listWithout: (environment, refused) => listAttempts(open, environment, refused),
  }
}

/** Reads the attempts, oldest first, without what comes from runs that are `refused`. */
async function listAttempts(
  open: OpenAttempts,
  environment: Environment,
  refused: (origin: RowOrigin) => boolean = () => false,
): Promise<Attempt[]> {
  return (await readFound(open, environment))
    .filter(({ payload, row }) => !refused({ run: payload.attempt, sha: row.sha }))
    .map(({ payload, entries }) =>
      withLocal(
        open,
        attemptOf(
          payload,
          entries.filter((line) => !refused(line)).map(({ entry }) => entry),
        ),
      ),
    )
}

async function readFound(
  { log, github }: OpenAttempts,
  environment: Environment,
): Promise<FoundAttempt[]> {
  return attemptsIn(await log.rows(environment), environment, github.machine.log)
}

function withLocal({ local }: OpenAttempts, attempt: Attempt): Attempt {
  const mine = local.get(attempt.id)
  return mine === undefined ? attempt : { ...attempt, entries: joined(mine, attempt.entries) }
}

async function beginAttempt(open: OpenAttempts, attempt: Attempt): Promise<void> {
  const { log, context, local, github, config } = open
  const before = (await readFound(open, attempt.environment)).at(-1)
  const row = await log.write({
    list: attempt.environment,
    kind: 'attempt',
    payload: payloadOfAttempt(attempt, context.run.key),
    description: `ZenML ${attempt['from-version']} → ${attempt['target-version']}${isDefaultConfig(config) ? '' : ` (${config})`}`,
  })
  local.set(attempt.id, [...attempt.entries])
  await showBegun({ github, context }, row.id, attempt)
  if (before !== undefined) await endOvertaken({ github, context }, before, attempt.id)
}

async function appendEntry(
  open: OpenAttempts,
  environment: Environment,
  id: string,
  entry: Entry,
): Promise<void> {
  const { local, joining, unwritten, github } = open
  const before =
    local.get(id) ??
    (await listAttempts(open, environment)).find((attempt) => attempt.id === id)?.entries
  if (before === undefined)
    throw new Stop('unexpected-answer', `there is no attempt ${id} of ${environment} on GitHub`)
  local.set(id, [...before, entry])
  const keeping = whenKept(entry, before)
  if (keeping === 'never') return
  const entries = [...(joining.get(id) ?? []), entry]
  joining.set(id, keeping === 'with the next' ? entries : [])
  if (keeping === 'with the next') return
  unwritten.push({ environment, id, entries })
  try {
    open.writing = open.writing.catch(() => undefined).then(() => writeLines(open))
    await open.writing
  } catch (error) {
    // Before the first change it is better to stop than to work without a record; afterwards
    // the work must go on.
    if (!(error instanceof GithubError) || comesBeforeChange(entry, before)) throw error
    github.machine.log.warn(warningOf(`the record of attempt ${id} is behind`, error).message)
  }
}

/** Writes what is unwritten; a line that fails stays, and so do those after it. */
async function writeLines(open: OpenAttempts): Promise<void> {
  for (;;) {
    const next = open.unwritten[0]
    if (next === undefined) return
    await writeLine(open, next)
    open.unwritten.shift()
  }
}

async function writeLine(
  { log, context: { run } }: OpenAttempts,
  { environment, id, entries }: Line,
): Promise<void> {
  const newest = entries.at(-1)
  await log.write(
    {
      list: environment,
      kind: 'journal',
      description: newest === undefined ? '' : describe(newest),
      payload: {
        environment,
        attempt: run.key,
        id,
        entries: entries.map((entry) => shortened(entry)),
      },
    },
    { ignoreAbort: newest?.kind === 'closed' },
  )
}

async function concludeAttempt(
  open: OpenAttempts,
  conclusion: AttemptConclusion,
): Promise<GithubWarning | undefined> {
  const attempts = await readFound(open, conclusion.environment)
  const found = attempts.find(({ payload }) => payload.id === conclusion.id)
  return found === undefined ? undefined : showConclusion(open, found, conclusion)
}

async function readOrigins(
  open: OpenAttempts,
  environment: Environment,
  id: string,
): Promise<RowOrigin[]> {
  const found = (await readFound(open, environment)).find(({ payload }) => payload.id === id)
  const all =
    found === undefined
      ? []
      : [
          { run: found.payload.attempt, sha: found.row.sha },
          ...found.entries.map(({ run, sha }) => ({ run, sha })),
        ]
  return [...new Map(all.map((origin) => [`${origin.run} ${origin.sha}`, origin])).values()]
}

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
    case 'compared':
      return `${plural(entry.lost.length, 'loss', 'losses')} measured`
    case 'acknowledged':
      return `losses acknowledged by ${entry.by}`
    case 'inventory':
    case 'note':
    case 'unreadable':
      return entry.kind
  }
}
