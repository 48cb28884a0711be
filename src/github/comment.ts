import type { RestEndpointMethodTypes } from './octokit.ts'
import { marker } from '../report/marker.ts'
import { withoutKeys } from '../runtime/secrets.ts'
import type { Github } from './client.ts'
import { GithubError, warningOf, type GithubWarning } from './errors.ts'
import { newerIn, stampLine, stampOf, type Stamp } from './evidence-version.ts'

export interface CommentDraft {
  /** Markdown whose first line is the marker of the key. */
  readonly body: string
  /** What the body tells about. */
  readonly stamp: Stamp
}

export interface CommentOrder {
  readonly pullRequest: number
  /** Path of the configuration file. */
  readonly key: string
  /**
   * Renders what is known *now*, of both environments; called again after writing, because another
   * run may have found something out meanwhile. `shown` is what the comment tells at the moment,
   * and `body` its text.
   */
  compose(shown: Stamp | undefined, body: string | undefined): Promise<CommentDraft>
}

export type CommentEnd =
  | { readonly kind: 'created' | 'updated' | 'unchanged'; readonly url: string }
  /** The comment already tells something newer, and nothing that we know is missing in it. */
  | { readonly kind: 'newer-there'; readonly url: string }
  | { readonly kind: 'not-written'; readonly warning: GithubWarning }

interface Seen {
  readonly id: number
  readonly url: string
  readonly body: string
  readonly created: Date
}
type Listed = RestEndpointMethodTypes['issues']['listComments']['response']['data'][number]

/** Two writers settle after one or two rounds; more would be a quarrel. */
const ROUNDS = 8
const CLOCKS_DIFFER_SECONDS = 600

/**
 * Sees to it that one comment of ours tells what is known now. Found by the marker and our own
 * authorship over all pages. GitHub has no way to write only if nothing changed, so every round
 * looks first: it ends when what is there is what was written and nothing newer is known. Whoever
 * writes last has looked last, and so nothing is lost. A refusal is a warning.
 */
export async function writeComment(github: Github, order: CommentOrder): Promise<CommentEnd> {
  try {
    return await settle(github, order)
  } catch (error) {
    if (error instanceof GithubError)
      return {
        kind: 'not-written',
        warning: warningOf(
          `the comment on pull request #${order.pullRequest} was not written`,
          error,
        ),
      }
    throw error
  }
}

async function settle(github: Github, order: CommentOrder): Promise<CommentEnd> {
  let written: (Seen & { readonly kind: 'created' | 'updated'; readonly stamp: Stamp }) | undefined
  let seen = await oursOf(github, order)
  for (let round = 1; round <= ROUNDS; round += 1) {
    const [kept, ...others] = seen
    for (const other of others) await remove(github, other)
    const shown = kept === undefined ? undefined : shownBy(kept, github.machine.now())
    const draft = await order.compose(shown, kept?.body)
    const body = withStamp(draft)

    if (kept === undefined) {
      const login = await github.login()
      const made = await create(github, order, body)
      if (made !== undefined) written = { ...made, kind: 'created', stamp: draft.stamp }
      // What was there before, under a login that was not known to be ours, may be of any age.
      seen = await oursOf(github, order, (await github.login()) === login ? made : undefined)
      // The list may be a moment behind; what was just made is there.
      if (seen.length === 0 && made !== undefined) seen = [made]
      continue
    }
    if (
      written !== undefined &&
      sameText(kept.body, written.body) &&
      newerIn(draft.stamp, written.stamp).length === 0
    )
      return { kind: written.kind, url: kept.url }
    if (sameText(kept.body, body)) return { kind: written?.kind ?? 'unchanged', url: kept.url }
    if (shown !== undefined && newerIn(shown, draft.stamp).length > 0) {
      if (newerIn(draft.stamp, shown).length === 0) return { kind: 'newer-there', url: kept.url }
      // Each knows something that the other does not: what the other one knows will be there to
      // read in a moment.
      await github.machine.sleep(round)
    } else {
      const changed = await change(github, kept, body)
      if (changed !== undefined)
        written = { ...changed, kind: written?.kind ?? 'updated', stamp: draft.stamp }
    }
    seen = await reread(github, order, kept)
  }
  return {
    kind: 'not-written',
    warning: {
      message: `the comment on pull request #${order.pullRequest} did not come to rest: somebody else changes it at the same moment`,
      next: 'Run this again.',
    },
  }
}

/** What a comment tells; undefined when that is damaged, or of a time that is still to come. */
function shownBy({ body }: Seen, now: Date): Stamp | undefined {
  const stamp = stampOf(body)
  const latest = now.getTime() + CLOCKS_DIFFER_SECONDS * 1000
  return stamp !== undefined && Object.values(stamp).every(({ at }) => Date.parse(at) <= latest)
    ? stamp
    : undefined
}

/**
 * Our comments of this key, the oldest first. After `made`, only what was touched since about then.
 */
async function oursOf(
  github: Github,
  { pullRequest, key }: CommentOrder,
  made?: Seen,
): Promise<Seen[]> {
  const [login, first] = [await github.login(), marker(key)]
  const since =
    made === undefined
      ? {}
      : { since: new Date(made.created.getTime() - CLOCKS_DIFFER_SECONDS * 1000).toISOString() }
  const { octokit, repo } = github
  const comments = await octokit.paginate(octokit.rest.issues.listComments, {
    ...repo,
    issue_number: pullRequest,
    per_page: 100,
    ...since,
  })
  return comments
    .filter(
      ({ user, body }) => user?.login === login && (body ?? '').split(/\r?\n/)[0]?.trim() === first,
    )
    .map(seenOf)
    .sort((a, b) => a.id - b.id)
}

/** The one we know; when it is gone, whatever of ours there is. */
async function reread(github: Github, order: CommentOrder, { id }: Seen): Promise<Seen[]> {
  try {
    const { data } = await github.octokit.rest.issues.getComment({
      ...github.repo,
      comment_id: id,
    })
    return [seenOf(data)]
  } catch (error) {
    if (isGone(error)) return oursOf(github, order)
    throw error
  }
}

/** Undefined when the answer was lost: the next look tells whether it is there. */
async function create(
  github: Github,
  { pullRequest }: CommentOrder,
  body: string,
): Promise<Seen | undefined> {
  try {
    const { data } = await github.octokit.rest.issues.createComment({
      ...github.repo,
      issue_number: pullRequest,
      body,
    })
    github.learnLogin(data.user?.login)
    return seenOf(data)
  } catch (error) {
    if (error instanceof GithubError && error.mayBeDone) {
      await github.machine.sleep(1)
      return undefined
    }
    throw error
  }
}

/** Undefined when somebody deleted it meanwhile. */
async function change(github: Github, { id }: Seen, body: string): Promise<Seen | undefined> {
  try {
    const { data } = await github.octokit.rest.issues.updateComment({
      ...github.repo,
      comment_id: id,
      body,
    })
    return seenOf(data)
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

async function remove(github: Github, { id }: Seen): Promise<void> {
  try {
    await github.octokit.rest.issues.deleteComment({
      ...github.repo,
      comment_id: id,
    })
  } catch (error) {
    // The other writer may have removed it already.
    if (!isGone(error)) throw error
  }
}

function isGone(error: unknown): boolean {
  return error instanceof GithubError && (error.problem === 'not-found' || error.problem === 'gone')
}

/** The stamp goes below the marker, which must stay the first line. */
function withStamp({ body, stamp }: CommentDraft): string {
  const [first = '', ...rest] = body.split('\n')
  return withoutKeys([first, stampLine(stamp), ...rest].join('\n'), 'the comment')
}

function seenOf({
  id,
  html_url: url,
  body,
  created_at: created,
}: Pick<Listed, 'id' | 'html_url' | 'body' | 'created_at'>): Seen {
  return { id, url, body: body ?? '', created: new Date(created) }
}

/**
 * An edit in the browser ends lines as Windows does, and GitHub leaves out what is blank at the
 * end.
 */
function sameText(a: string, b: string): boolean {
  return a.replaceAll('\r\n', '\n').trimEnd() === b.replaceAll('\r\n', '\n').trimEnd()
}
