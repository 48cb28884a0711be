import { parseJson } from '../../core/json.ts'
import type { Environment } from '../../core/environments.ts'
import { canonicalJson } from '../content-digest.ts'
import { redact } from '../../runtime/secrets.ts'
import type { Github } from '../../github/client.ts'
import { GithubError } from '../../github/errors.ts'
import type { CallOptions, RestEndpointMethodTypes } from '../../github/octokit.ts'

// Deployments are the one place on GitHub that needs no right to write code, is kept for ever, is
// read back in one list with what we put in, and that people look at anyway. Each is a row that
// nobody changes: https://docs.github.com/en/rest/deployments/deployments

export const TASKS = {
  attempt: 'zenml-upgrade',
  journal: 'zenml-upgrade-journal',
  lock: 'zenml-upgrade-lock',
  trigger: 'zenml-upgrade-trigger',
} as const
type Task = (typeof TASKS)[keyof typeof TASKS]

export interface Row {
  readonly id: number
  readonly task: string
  readonly sha: string
  readonly created: Date
  readonly payload: unknown
}

interface NewRow {
  readonly environment: Environment
  readonly task: Task
  readonly payload: Readonly<Record<string, unknown>>
  /** At most 140 characters are kept. */
  readonly description: string
}

/**
 * Our rows of both environments. What was read once is known until `reread`; what this process
 * writes joins it.
 */
export interface DeploymentLog {
  /** Oldest first. */
  rows(environment: Environment): Promise<readonly Row[]>
  /** The next `rows` asks GitHub again. */
  reread(environment?: Environment): void
  write(row: NewRow, options?: CallOptions): Promise<Row>
}

export interface DeploymentLogOptions {
  readonly github: Github
  /** Names of the environments on GitHub. */
  readonly environments: Readonly<Record<Environment, string>>
  /** The commit that rows are made for. */
  readonly sha: string
}

type Deployment = RestEndpointMethodTypes['repos']['listDeployments']['response']['data'][number]

const MOST_PAGES = 5
/**
 * Environments of users' own jobs fill the same list; when so many pages are theirs, ours are asked
 * for by their task.
 */
const MIXED_PAGES = 1
/** Decisions look at the newest few attempts; no more pages are read when so many are known. */
const ENOUGH_ATTEMPTS = 8
const OURS: ReadonlySet<string> = new Set(Object.values(TASKS))

/** What one log asks GitHub with, and what it knows already. */
interface OpenLog extends DeploymentLogOptions {
  readonly known: Map<Environment, Row[]>
  /**
   * Of each environment the newest deployment that a list has shown: what is newer was not seen
   * yet.
   */
  readonly shownUpTo: Map<Environment, number>
  /** Environments whose rows are asked for again. */
  readonly stale: Set<Environment>
  /** Deployments of others that were warned about. */
  readonly reported: Set<number>
}

/** Opens the log of one repository; contacts nothing. */
export function deploymentLog(options: DeploymentLogOptions): DeploymentLog {
  const log: OpenLog = {
    ...options,
    known: new Map(),
    shownUpTo: new Map(),
    stale: new Set(),
    reported: new Set(),
  }
  return {
    rows: (environment) => rowsOf(log, environment),
    reread(environment) {
      for (const one of environment === undefined ? log.known.keys() : [environment])
        if (log.known.has(one)) log.stale.add(one)
    },
    write: (row, options) => writeRow(log, row, options),
  }
}

/** Rows that are known and not stale; else those that GitHub has now. */
async function rowsOf(log: OpenLog, environment: Environment): Promise<readonly Row[]> {
  if (log.stale.has(environment) && (await catchUp(log))) log.stale.clear()
  const before = log.known.get(environment)
  if (before !== undefined && !log.stale.has(environment)) return before
  const rows = await readAll(log, environment)
  log.known.set(environment, rows)
  log.stale.delete(environment)
  return rows
}

async function readAll(log: OpenLog, environment: Environment): Promise<Row[]> {
  const { rows, more } = await readPages(log, environment, MIXED_PAGES)
  if (more)
    for (const task of Object.values(TASKS))
      rows.push(...(await readPages(log, environment, MOST_PAGES, task)).rows)
  // A row that came in meanwhile moves another one to the next page, where it is met again.
  return united(rows)
}

/** Reads the rows of the first pages, and finds out whether there are more that matter. */
async function readPages(
  log: OpenLog,
  environment: Environment,
  pages: number,
  task?: Task,
): Promise<{ rows: Row[]; more: boolean }> {
  const { octokit } = log.github
  const rows: Row[] = []
  let number = 0
  const lists = octokit.paginate.iterator(
    octokit.rest.repos.listDeployments,
    listOf(log, environment, task),
  )
  for await (const { data, headers } of lists) {
    noteShown(log, environment, data)
    rows.push(...(await ownRows(log, data)))
    if (rows.filter((row) => row.task === TASKS.attempt).length >= ENOUGH_ATTEMPTS) break
    number += 1
    if (number === pages) return { rows, more: hasNextPage(headers) }
  }
  return { rows, more: false }
}

/** Names the deployments of an environment, a hundred a page, the newest first. */
function listOf({ github, environments }: OpenLog, environment: Environment, task?: Task) {
  return {
    ...github.repo,
    environment: environments[environment],
    per_page: 100,
    ...(task === undefined ? {} : { task }),
  }
}

/**
 * Whether a list goes on.
 * https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
function hasNextPage({ link }: { readonly link?: string | undefined }): boolean {
  return /;\s*rel="?next"?/.test(link ?? '')
}

/**
 * Reads what came since, of all environments that are known, in one request; false where the newest
 * hundred do not reach back so far.
 */
async function catchUp(log: OpenLog): Promise<boolean> {
  const { github, environments, known, shownUpTo } = log
  const { data, headers } = await github.octokit.rest.repos.listDeployments({
    ...github.repo,
    per_page: 100,
  })
  const oldest = hasNextPage(headers) ? Math.min(...data.map(({ id }) => id)) : 0
  if ([...known.keys()].some((environment) => oldest > (shownUpTo.get(environment) ?? 0)))
    return false
  for (const [environment, rows] of known) {
    const fresh = data.filter((deployment) => deployment.environment === environments[environment])
    noteShown(log, environment, fresh)
    known.set(environment, united([...rows, ...(await ownRows(log, fresh))]))
  }
  return true
}

function noteShown(
  { shownUpTo }: OpenLog,
  environment: Environment,
  deployments: readonly Deployment[],
): void {
  shownUpTo.set(
    environment,
    Math.max(shownUpTo.get(environment) ?? 0, ...deployments.map(({ id }) => id)),
  )
}

/** Only what this token's account made counts; of what others made in our name it warns once. */
async function ownRows(
  { github, reported }: OpenLog,
  deployments: readonly Deployment[],
): Promise<Row[]> {
  const login = await github.login()
  return deployments
    .filter(({ task }) => OURS.has(task))
    .flatMap((deployment) => {
      if (deployment.creator?.login === login) return [rowOf(deployment)]
      if (!reported.has(deployment.id)) {
        github.machine.log.warn(
          `deployment ${deployment.id} of ${deployment.environment} looks like a record of ours, and was made by ${deployment.creator?.login ?? 'somebody who is gone'}; only what ${login} made counts`,
        )
      }
      reported.add(deployment.id)
      return []
    })
}

async function writeRow(log: OpenLog, wanted: NewRow, options?: CallOptions): Promise<Row> {
  const row = {
    ...wanted,
    payload: JSON.parse(redact(JSON.stringify(wanted.payload))) as Record<string, unknown>,
  }
  const written = await postRow(log, row, options).catch(async (error: unknown) => {
    if (!(error instanceof GithubError) || !error.mayBeDone) throw error
    return (await findWritten(log, row)) ?? postRow(log, row, options)
  })
  log.known.get(row.environment)?.push(written)
  return written
}

async function postRow(
  { github, environments, sha }: OpenLog,
  row: NewRow,
  options?: CallOptions,
): Promise<Row> {
  const { data } = await github.octokit.rest.repos.createDeployment({
    ...github.repo,
    ref: sha,
    task: row.task,
    auto_merge: false,
    required_contexts: [],
    environment: environments[row.environment],
    payload: row.payload,
    description: redact(row.description).slice(0, 140),
    production_environment: row.environment === 'production',
    request: { ...options },
  })
  // 202 says that GitHub merged something instead, which auto_merge forbids.
  if (!('id' in data)) throw new Error(`GitHub made no deployment: ${data.message ?? ''}`)
  github.learnLogin(data.creator?.login)
  return rowOf(data)
}

/**
 * Looks for a row whose answer was lost before it is written once more: it may be there all the
 * same.
 */
async function findWritten(
  log: OpenLog,
  { environment, task, payload }: NewRow,
): Promise<Row | undefined> {
  const { data } = await log.github.octokit.rest.repos.listDeployments(listOf(log, environment))
  return (await ownRows(log, data)).find(
    (row) => row.task === task && canonicalJson(row.payload) === canonicalJson(payload),
  )
}

/** Each row once, oldest first. */
function united(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()].sort((a, b) => a.id - b.id)
}

function rowOf({
  id,
  task,
  sha,
  created_at,
  payload,
}: Pick<Deployment, 'id' | 'task' | 'sha' | 'created_at' | 'payload'>): Row {
  return {
    id,
    task,
    sha,
    created: new Date(created_at),
    payload: typeof payload === 'string' ? (parseJson(payload) ?? payload) : payload,
  }
}
