import type { context } from '@actions/github'
import * as z from 'zod'
import { Stop } from '../core/stop.ts'
import { readEvent, type GithubEvent } from './event.ts'

/** Where on GitHub this process runs, and why. */
export interface GithubContext {
  readonly repository: Repository
  readonly run: Run
  readonly urls: Urls
  /** Who caused the run; a re-run has the person who asked for it. Text from outside. */
  readonly actor: string
  readonly event: GithubEvent
  /** Of the repository; undefined where the event does not say. */
  readonly defaultBranch?: string | undefined
}

export interface Repository {
  readonly owner: string
  readonly name: string
}

interface Run {
  readonly id: number
  readonly attempt: number
  /** `<run id>.<attempt>`: how records name the run that made them. */
  readonly key: string
  /** Id of the job in the workflow's file. */
  readonly job: string
  /**
   * Path of the workflow's file, such as `.github/workflows/zenml.yml`; undefined where GitHub does
   * not tell.
   */
  readonly workflow: string | undefined
  /** Where people read it. */
  readonly url: string
}

/** Without a slash at the end. On GitHub Enterprise Server they are the server's own. */
export interface Urls {
  readonly server: string
  readonly api: string
  readonly graphql: string
}

type Env = Readonly<Record<string, string | undefined>>

/** What `@actions/github` knows of this process. */
export type ActionsContext = Pick<
  typeof context,
  'payload' | 'repo' | 'runId' | 'actor' | 'eventName' | 'sha' | 'ref'
>

const positive = z.coerce.number().int().positive()
const address = z
  .string()
  .transform((text) => text.replace(/\/+$/, ''))
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))

/** Every variable that is read here, with what is wrong when it is. */
const VARIABLES = {
  GITHUB_REPOSITORY: [z.string().regex(/^[\w.-]+\/[\w.-]+$/), 'owner/name'],
  GITHUB_RUN_ID: [positive, 'a number'],
  GITHUB_RUN_ATTEMPT: [positive, 'a number'],
  GITHUB_JOB: [z.string(), 'the id of the job'],
  GITHUB_ACTOR: [z.string(), 'a login'],
  GITHUB_EVENT_NAME: [z.string(), 'the name of an event'],
  GITHUB_EVENT_PATH: [z.string(), 'a path'],
  GITHUB_SHA: [z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/), 'a commit'],
  GITHUB_REF: [z.string(), 'a ref'],
  GITHUB_SERVER_URL: [address, 'an address'],
  GITHUB_API_URL: [address, 'an address'],
  GITHUB_GRAPHQL_URL: [address, 'an address'],
} as const
type Variable = keyof typeof VARIABLES
type ValueOf<V extends Variable> = z.output<(typeof VARIABLES)[V][0]>

const DEFAULTS: Partial<Record<Variable, string>> = {
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_JOB: 'job',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
}

/**
 * Whether the process runs for a repository on GitHub. Without one, records lie in the state
 * directory.
 */
export function isOnGithub(env: Env): boolean {
  return (env['GITHUB_REPOSITORY'] ?? '') !== ''
}

/**
 * Path of the event's file.
 * @throws Stop `invalid-input` that lists every variable that is missing or wrong
 */
export function eventPath(env: Env): string {
  return variables(env).GITHUB_EVENT_PATH
}

const eventSchema = z.looseObject({
  repository: z.looseObject({ default_branch: z.string() }),
})

/**
 * Asks `@actions/github`, which reads the environment and the event's file once for a process, when
 * it is loaded: after {@link eventPath}, so that both are known to be there.
 * @throws Stop `invalid-input` for a file that is no JSON
 */
export async function actionsContext(): Promise<ActionsContext> {
  try {
    return (await import('@actions/github')).context
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new Stop('invalid-input', `the file of GITHUB_EVENT_PATH is no JSON: ${cause.message}`, {
      next: 'Hand in the file as GitHub wrote it.',
      cause,
    })
  }
}

/**
 * From what `@actions/github` gives, and from the variables that it leaves out.
 * @throws Stop `invalid-input` that lists every variable that is missing or wrong.
 */
export function githubContext(env: Env, given: ActionsContext): GithubContext {
  const { GITHUB_RUN_ATTEMPT: attempt, GITHUB_JOB: job, ...read } = variables(env)
  const { owner, repo: name } = given.repo
  const urls = {
    server: read.GITHUB_SERVER_URL,
    api: read.GITHUB_API_URL,
    graphql: read.GITHUB_GRAPHQL_URL,
  }
  const asked = env['GITHUB_TRIGGERING_ACTOR'] ?? ''
  const actor = asked === '' ? given.actor : asked
  return {
    repository: { owner, name },
    run: {
      id: given.runId,
      attempt,
      key: `${given.runId}.${attempt}`,
      job,
      workflow: /^[^/]+\/[^/]+\/(.+?)@/.exec(env['GITHUB_WORKFLOW_REF'] ?? '')?.[1],
      url: `${urls.server}/${owner}/${name}/actions/runs/${given.runId}/attempts/${attempt}`,
    },
    urls,
    actor,
    defaultBranch: eventSchema.safeParse(given.payload).data?.repository.default_branch,
    event: readEvent({
      name: given.eventName,
      payload: given.payload,
      sha: given.sha,
      ref: given.ref,
      actor,
      repository: `${owner}/${name}`,
    }),
  }
}

/** Gives the address of GitHub without a slash at its end, also outside a job. */
export function githubServer(env: Env): string {
  return (env['GITHUB_SERVER_URL'] ?? '').replace(/\/+$/, '') || 'https://github.com'
}

/** Gives the address of the run of this process; undefined where it is not one on GitHub. */
export function runUrl(env: Env): string | undefined {
  const [repository, id] = [env['GITHUB_REPOSITORY'] ?? '', env['GITHUB_RUN_ID'] ?? '']
  if (repository === '' || id === '') return undefined
  return `${githubServer(env)}/${repository}/actions/runs/${id}/attempts/${env['GITHUB_RUN_ATTEMPT'] ?? '1'}`
}

function variables(env: Env): { readonly [V in Variable]: ValueOf<V> } {
  const problems: string[] = []
  const entries = Object.entries(VARIABLES).map(([name, [schema, says]]) => {
    const given = (env[name] ?? '') === '' ? DEFAULTS[name as Variable] : env[name]
    const parsed = schema.safeParse(given)
    if (!parsed.success)
      problems.push(
        given === undefined ? `${name} is not set` : `${name} is "${given}"; it must be ${says}`,
      )
    return [name, parsed.data]
  })
  if (problems.length > 0) {
    throw new Stop(
      'invalid-input',
      `GITHUB_REPOSITORY is set, but this is no complete environment of GitHub Actions:\n${problems.join('\n')}`,
      {
        next: 'Unset GITHUB_REPOSITORY to work with the state directory; in a container, hand in every variable that begins with GITHUB_.',
      },
    )
  }
  return Object.fromEntries(entries) as { [V in Variable]: ValueOf<V> }
}
