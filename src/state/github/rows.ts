import { parseJson } from '../../core/json.ts'
import { canonicalJson } from '../content-digest.ts'
import { withoutKeys } from '../../runtime/secrets.ts'
import type { Github } from '../../github/client.ts'
import { GithubError, logWarning } from '../../github/errors.ts'
import type { CallOptions, RestEndpointMethodTypes } from '../../github/octokit.ts'
import { showState } from './deployment-state.ts'
import { kindOf } from './payload.ts'
import { githubEnvironment, taskOf, type RowKind, type RowList } from './row-lists.ts'

// Deployments are the one place on GitHub that needs no right to write code, is kept for ever, is
// read back in one list with what we put in, and that people look at anyway. Each is a row that
// nobody changes: https://docs.github.com/en/rest/deployments/deployments

export interface Row {
  readonly id: number
  /** What it says; undefined where its payload cannot be read. */
  readonly kind: RowKind | undefined
  readonly sha: string
  readonly created: Date
  readonly payload: unknown
}

interface NewRow {
  readonly list: RowList
  readonly kind: RowKind
  readonly payload: Readonly<Record<string, unknown>>
  /** At most 140 characters are kept. */
  readonly description: string
}

/**
 * Our rows for one configuration file, and the locks of all. What was read once is known until
 * `reread`; what this process writes joins it.
 */
export interface DeploymentLog {
  /** Oldest first. */
  rows(list: RowList): Promise<readonly Row[]>
  /** The next `rows` asks GitHub again. */
  reread(list?: RowList): void
  write(row: NewRow, options?: CallOptions): Promise<Row>
}

export interface DeploymentLogOptions {
  readonly github: Github
  /** Path of the configuration file. */
  readonly config: string
  /** The commit that rows are made for. */
  readonly sha: string
}

type Deployment = RestEndpointMethodTypes['repos']['listDeployments']['response']['data'][number]

const MOST_PAGES = 5
/** Decisions look at the newest few attempts; no more pages are read when so many are known. */
const ENOUGH_ATTEMPTS = 8

/** What one log asks GitHub with, and what it knows already. */
interface OpenLog extends DeploymentLogOptions {
  readonly known: Map<RowList, Row[]>
  /** The newest deployment that each list has shown: what is newer was not seen yet. */
  readonly shownUpTo: Map<RowList, number>
  /** Lists that are asked for again. */
  readonly stale: Set<RowList>
  /** Deployments of others that were warned about. */
  readonly reported: Set<number>
}

/**
 * Whether a list goes on.
 * https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
function hasNextPage({ link }: { readonly link?: string | undefined }): boolean {
  return /;\s*rel="?next"?/.test(link ?? '')
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
    rows: (list) => rowsOf(log, list),
    reread(list) {
      for (const one of list === undefined ? log.known.keys() : [list])
        if (log.known.has(one)) log.stale.add(one)
    },
    write: (row, options) => writeRow(log, row, options),
  }
}

/** Rows that are known and not stale; else those that GitHub has now. */
async function rowsOf(log: OpenLog, list: RowList): Promise<readonly Row[]> {
  if (log.stale.has(list) && (await catchUp(log))) log.stale.clear()
  const before = log.known.get(list)
  if (before !== undefined && !log.stale.has(list)) return before
  const rows = await readPages(log, list)
  log.known.set(list, rows)
  log.stale.delete(list)
  return rows
}

/** Reads the newest pages of a list, as far as they matter: of locks only the newest hundred do. */
async function readPages(log: OpenLog, list: RowList): Promise<Row[]> {
  const { octokit } = log.github
  const rows: Row[] = []
  let pages = 0
  for await (const { data } of octokit.paginate.iterator(
    octokit.rest.repos.listDeployments,
    newestOf(log, list),
  )) {
    noteShown(log, list, data)
    rows.push(...(await ownRows(log, data)))
    pages += 1
    const attempts = rows.filter(({ kind }) => kind === 'attempt').length
    if (pages >= (list === 'locks' ? 1 : MOST_PAGES) || attempts >= ENOUGH_ATTEMPTS) break
  }
  // A row that came in meanwhile moves another one to the next page, where it is met again.
  return united(rows)
}

/** Names the deployments of a list, a hundred a page, the newest first. */
function newestOf({ github, config }: OpenLog, list: RowList) {
  return { ...github.repo, task: taskOf(list, config), per_page: 100 }
}

/**
 * Reads what came since, of all lists that are known, in one request; false where the newest
 * hundred deployments of the repository do not reach back so far.
 */
async function catchUp(log: OpenLog): Promise<boolean> {
  const { github, config, known, shownUpTo } = log
  const { data, headers } = await github.octokit.rest.repos.listDeployments({
    ...github.repo,
    per_page: 100,
  })
  const oldest = hasNextPage(headers) ? Math.min(...data.map(({ id }) => id)) : 0
  if ([...known.keys()].some((list) => oldest > (shownUpTo.get(list) ?? 0))) return false
  for (const [list, rows] of known) {
    const fresh = data.filter(({ task }) => task === taskOf(list, config))
    noteShown(log, list, fresh)
    known.set(list, united([...rows, ...(await ownRows(log, fresh))]))
  }
  return true
}

function noteShown(
  { shownUpTo }: OpenLog,
  list: RowList,
  deployments: readonly Deployment[],
): void {
  shownUpTo.set(list, Math.max(shownUpTo.get(list) ?? 0, ...deployments.map(({ id }) => id)))
}

/** Only what this token's account made counts; of what others made in our name it warns once. */
async function ownRows(
  { github, reported }: OpenLog,
  deployments: readonly Deployment[],
): Promise<Row[]> {
  const login = await github.login()
  return deployments.flatMap((deployment) => {
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
  const { kind } = wanted
  const payload = withoutKeys(
    JSON.stringify({ 'schema-version': 1, kind, config: log.config, ...wanted.payload }),
    'the record',
  )
  const row = { ...wanted, payload: JSON.parse(payload) as Record<string, unknown> }
  const written = await postRow(log, row, options).catch(async (error: unknown) => {
    if (!(error instanceof GithubError) || !error.mayBeDone) throw error
    return (await findWritten(log, row)) ?? postRow(log, row, options)
  })
  log.known.get(row.list)?.push(written)
  if (kind !== 'attempt') await hide(log.github, written, options)
  return written
}

async function postRow(
  { github, config, sha }: OpenLog,
  { list, kind, payload, description }: NewRow,
  options?: CallOptions,
): Promise<Row> {
  const { data } = await github.octokit.rest.repos.createDeployment({
    ...github.repo,
    ref: sha,
    task: taskOf(list, config),
    auto_merge: false,
    required_contexts: [],
    environment: githubEnvironment(list, kind),
    payload,
    description: withoutKeys(description, 'the record').slice(0, 140),
    transient_environment: kind !== 'attempt',
    production_environment: kind === 'attempt' && list === 'production',
    request: { ...options },
  })
  // 202 says that GitHub merged something instead, which auto_merge forbids.
  if (!('id' in data)) throw new Error(`GitHub made no deployment: ${data.message ?? ''}`)
  github.learnLogin(data.creator?.login)
  return rowOf(data)
}

/** Only attempts are for people: any other row is over as soon as it is written. */
async function hide(github: Github, { id }: Row, options?: CallOptions): Promise<void> {
  const warning = await showState(
    github,
    `deployment ${id} is a row of the record and is shown as pending`,
    { id, state: 'inactive' },
    options,
  )
  logWarning(github.machine.log, warning)
}

/**
 * Looks for a row whose answer was lost before it is written once more: it may be there all the
 * same.
 */
async function findWritten(log: OpenLog, { list, payload }: NewRow): Promise<Row | undefined> {
  const { data } = await log.github.octokit.rest.repos.listDeployments(newestOf(log, list))
  return (await ownRows(log, data)).find(
    (row) => canonicalJson(row.payload) === canonicalJson(payload),
  )
}

/** Each row once, oldest first. */
function united(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()].sort((a, b) => a.id - b.id)
}

function rowOf({
  id,
  sha,
  created_at,
  payload: sent,
}: Pick<Deployment, 'id' | 'sha' | 'created_at' | 'payload'>): Row {
  const payload: unknown = typeof sent === 'string' ? (parseJson(sent) ?? sent) : sent
  return { id, kind: kindOf(payload), sha, created: new Date(created_at), payload }
}
