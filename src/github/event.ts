import * as z from 'zod'
import { Stop } from '../core/stop.ts'

/** Why GitHub started the run. Names of branches, labels and logins are text from outside. */
export type GithubEvent =
  | {
      readonly kind: 'push'
      readonly branch: string
      readonly sha: string
      /** What the branch pointed to before; undefined when the push made the branch. */
      readonly before: string | undefined
    }
  | {
      readonly kind: 'pull-request'
      readonly action: string
      readonly number: number
      /** The commit of the branch, not the test merge that GITHUB_SHA names. */
      readonly head: Tip & { readonly repository: string | undefined }
      readonly base: Tip
      /**
       * The commits come from another repository: the token only reads, and there are no secrets.
       */
      readonly fromFork: boolean
      /**
       * Opened by Dependabot: its runs get the secrets of Dependabot, none of Actions. Their token
       * only reads unless the job asks for more under `permissions:`.
       */
      readonly byDependabot: boolean
      readonly labels: readonly string[]
    }
  | { readonly kind: 'merge-group'; readonly head: Tip; readonly base: Tip }
  | {
      readonly kind: 'dispatch'
      readonly branch: string
      readonly sha: string
      readonly inputs: Readonly<Record<string, string>>
      readonly actor: string
    }
  | { readonly kind: 'schedule'; readonly branch: string; readonly sha: string }
  | { readonly kind: 'other'; readonly name: string; readonly ref: string; readonly sha: string }

interface Tip {
  readonly branch: string
  readonly sha: string
}

export interface EventSource {
  readonly name: string
  /** What the event's file holds. */
  readonly payload: unknown
  readonly sha: string
  readonly ref: string
  readonly actor: string
  readonly repository: string
}

const sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
const BRANCH = 'refs/heads/'

const pushSchema = z.looseObject({
  ref: z.string(),
  before: sha,
  after: sha,
  deleted: z.boolean().default(false),
})
const tip = z.looseObject({
  ref: z.string(),
  sha,
  repo: z.looseObject({ full_name: z.string() }).nullish(),
})
const pullRequestSchema = z.looseObject({
  action: z.string(),
  pull_request: z.looseObject({
    number: z.int().positive(),
    head: tip,
    base: tip,
    user: z.looseObject({ login: z.string() }).nullish(),
    labels: z.array(z.looseObject({ name: z.string() })).default([]),
  }),
})
const mergeGroupSchema = z.looseObject({
  merge_group: z.looseObject({
    head_sha: sha,
    head_ref: z.string(),
    base_sha: sha,
    base_ref: z.string(),
  }),
})
const dispatchSchema = z.looseObject({ inputs: z.record(z.string(), z.unknown()).nullish() })

/** @throws Stop `invalid-input` when the file is not what GitHub writes for this event. */
export function readEvent(source: EventSource): GithubEvent {
  const { name, ref } = source
  const branch = ref.startsWith(BRANCH) ? ref.slice(BRANCH.length) : undefined
  const other: GithubEvent = { kind: 'other', name, ref, sha: source.sha }
  switch (name) {
    case 'push': {
      const push = parse(pushSchema, source)
      if (branch === undefined || push.deleted) return other
      return {
        kind: 'push',
        branch,
        sha: push.after,
        before: /^0+$/.test(push.before) ? undefined : push.before,
      }
    }
    case 'pull_request': {
      const { action, pull_request: pull } = parse(pullRequestSchema, source)
      return {
        kind: 'pull-request',
        action,
        number: pull.number,
        head: { branch: pull.head.ref, sha: pull.head.sha, repository: pull.head.repo?.full_name },
        base: { branch: pull.base.ref, sha: pull.base.sha },
        // A fork that was deleted meanwhile has no repository any more.
        fromFork: pull.head.repo?.full_name.toLowerCase() !== source.repository.toLowerCase(),
        byDependabot: pull.user?.login === 'dependabot[bot]',
        labels: pull.labels.map((label) => label.name),
      }
    }
    case 'merge_group': {
      const { merge_group: group } = parse(mergeGroupSchema, source)
      return {
        kind: 'merge-group',
        head: { branch: bare(group.head_ref), sha: group.head_sha },
        base: { branch: bare(group.base_ref), sha: group.base_sha },
      }
    }
    case 'workflow_dispatch': {
      const { inputs } = parse(dispatchSchema, source)
      if (branch === undefined) return other
      const given = Object.entries(inputs ?? {}).flatMap(([key, value]) =>
        typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number'
          ? [[key, String(value)]]
          : [],
      )
      return {
        kind: 'dispatch',
        branch,
        sha: source.sha,
        inputs: Object.fromEntries(given) as Record<string, string>,
        actor: source.actor,
      }
    }
    case 'schedule':
      return branch === undefined ? other : { kind: 'schedule', branch, sha: source.sha }
    default:
      return other
  }
}

function bare(ref: string): string {
  return ref.startsWith(BRANCH) ? ref.slice(BRANCH.length) : ref
}

function parse<T extends z.ZodType>(schema: T, { name, payload }: EventSource): z.output<T> {
  const parsed = schema.safeParse(payload)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues
    .map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('; ')
  throw new Stop(
    'invalid-input',
    `the file of GITHUB_EVENT_PATH is not what GitHub writes for the event ${name}: ${where}`,
    {
      next: 'Hand in the file as GitHub wrote it.',
      cause: parsed.error,
    },
  )
}
