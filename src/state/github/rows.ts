import { parseJson } from '../../core/json.ts'
import type { Environment } from '../../core/environments.ts'
import { canonicalJson } from '../content-digest.ts'
import { redact } from '../../runtime/secrets.ts'
import type { Github } from '../../github/client.ts'
import { GithubError } from '../../github/errors.ts'
import { hasNextPage, type Answer, type CallOptions } from '../../github/send.ts'

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

type Deployment = Answer<'GET /repos/{owner}/{repo}/deployments'>['data'][number]

const MOST_PAGES = 5
/**
 * Environments of users' own jobs fill the same list; when so many pages are theirs, ours are asked
 * for by their task.
 */
const MIXED_PAGES = 1
/** Decisions look at the newest few attempts; no more pages are read when so many are known. */
const ENOUGH_ATTEMPTS = 8
const OURS: ReadonlySet<string> = new Set(Object.values(TASKS))

export function deploymentLog({ github, environments, sha }: DeploymentLogOptions): DeploymentLog {
  const known = new Map<Environment, Row[]>()
  /**
   * Of each environment the newest deployment that a list has shown: what is newer was not seen
   * yet.
   */
  const shownUpTo = new Map<Environment, number>()
  const stale = new Set<Environment>()
  const told = new Set<number>()

  const own = async (deployments: readonly Deployment[]): Promise<Row[]> => {
    const login = await github.login()
    return deployments
      .filter(({ task }) => OURS.has(task))
      .flatMap((deployment) => {
        if (deployment.creator?.login === login) return [rowOf(deployment)]
        if (!told.has(Number(deployment.id))) {
          github.machine.log.warn(
            `deployment ${deployment.id} of ${deployment.environment} looks like a record of ours, and was made by ${deployment.creator?.login ?? 'somebody who is gone'}; only what ${login} made counts`,
          )
        }
        told.add(Number(deployment.id))
        return []
      })
  }
  const page = (environment: Environment, number: number, task?: Task) =>
    github.call('GET /repos/{owner}/{repo}/deployments', {
      environment: environments[environment],
      per_page: 100,
      page: number,
      ...(task === undefined ? {} : { task }),
    })

  /** Rows of the first pages, and whether there are more that matter. */
  const readPages = async (
    environment: Environment,
    pages: number,
    task?: Task,
  ): Promise<{ rows: Row[]; more: boolean }> => {
    const rows: Row[] = []
    for (let number = 1; number <= pages; number += 1) {
      const { data, headers } = await page(environment, number, task)
      shownUpTo.set(
        environment,
        Math.max(shownUpTo.get(environment) ?? 0, ...data.map(({ id }) => Number(id))),
      )
      rows.push(...(await own(data)))
      if (
        !hasNextPage(headers) ||
        rows.filter((row) => row.task === TASKS.attempt).length >= ENOUGH_ATTEMPTS
      )
        return { rows, more: false }
    }
    return { rows, more: true }
  }

  const read = async (environment: Environment): Promise<Row[]> => {
    const { rows, more } = await readPages(environment, MIXED_PAGES)
    if (more)
      for (const task of Object.values(TASKS))
        rows.push(...(await readPages(environment, MOST_PAGES, task)).rows)
    // A row that came in meanwhile moves another one to the next page, where it is met again.
    return united(rows)
  }

  /**
   * What came since, of all environments that are known, in one request; false where the newest
   * hundred do not reach back so far.
   */
  const catchUp = async (): Promise<boolean> => {
    const { data, headers } = await github.call('GET /repos/{owner}/{repo}/deployments', {
      per_page: 100,
    })
    const oldest = hasNextPage(headers) ? Math.min(...data.map(({ id }) => Number(id))) : 0
    if ([...known.keys()].some((environment) => oldest > (shownUpTo.get(environment) ?? 0)))
      return false
    for (const [environment, rows] of known) {
      const fresh = data.filter(
        (deployment) => deployment.environment === environments[environment],
      )
      shownUpTo.set(
        environment,
        Math.max(shownUpTo.get(environment) ?? 0, ...fresh.map(({ id }) => Number(id))),
      )
      known.set(environment, united([...rows, ...(await own(fresh))]))
    }
    return true
  }

  /**
   * A row whose answer was lost may be there all the same; it is looked for before it is written
   * once more.
   */
  const writtenBefore = async ({ environment, task, payload }: NewRow): Promise<Row | undefined> =>
    (await own((await page(environment, 1)).data)).find(
      (row) => row.task === task && canonicalJson(row.payload) === canonicalJson(payload),
    )

  return {
    async rows(environment) {
      if (stale.has(environment) && (await catchUp())) stale.clear()
      const before = known.get(environment)
      if (before !== undefined && !stale.has(environment)) return before
      const rows = await read(environment)
      known.set(environment, rows)
      stale.delete(environment)
      return rows
    },
    reread(environment) {
      for (const one of environment === undefined ? known.keys() : [environment])
        if (known.has(one)) stale.add(one)
    },
    async write(wanted, options) {
      const row = {
        ...wanted,
        payload: JSON.parse(redact(JSON.stringify(wanted.payload))) as Record<string, unknown>,
      }
      const post = async (): Promise<Row> => {
        const { data } = await github.call(
          'POST /repos/{owner}/{repo}/deployments',
          {
            ref: sha,
            task: row.task,
            auto_merge: false,
            required_contexts: [],
            environment: environments[row.environment],
            payload: row.payload,
            description: redact(row.description).slice(0, 140),
            production_environment: row.environment === 'production',
          },
          options,
        )
        // 202 says that GitHub merged something instead, which auto_merge forbids.
        if (!('id' in data)) throw new Error(`GitHub made no deployment: ${data.message ?? ''}`)
        github.learnLogin(data.creator?.login)
        return rowOf(data)
      }
      const written = await post().catch(async (error: unknown) => {
        if (!(error instanceof GithubError) || !error.mayBeDone) throw error
        return (await writtenBefore(row)) ?? post()
      })
      known.get(row.environment)?.push(written)
      return written
    },
  }
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
    id: Number(id),
    task,
    sha,
    created: new Date(created_at),
    payload: typeof payload === 'string' ? (parseJson(payload) ?? payload) : payload,
  }
}
