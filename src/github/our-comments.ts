import { marker } from '../report/marker.ts'
import type { Github } from './client.ts'
import { GithubError } from './errors.ts'
import type { RestEndpointMethodTypes } from './octokit.ts'

export interface OurComment {
  readonly id: number
  readonly url: string
  readonly body: string
  readonly created: Date
  /** The text is from a list, which may be a few seconds old. */
  readonly isListed: boolean
}

type Listed = RestEndpointMethodTypes['issues']['listComments']['response']['data'][number]

/** By how much the clocks of GitHub and of a runner may differ. */
export const CLOCKS_DIFFER_SECONDS = 600
/** After so many requests to create a comment without an answer, GitHub's failure is reported. */
const CREATE_TRIES = 3

/**
 * Keeps our comments about one configuration file on one pull request, found by the marker and our
 * own authorship over all pages.
 *
 * GitHub may take a few seconds until every list shows a write
 * (https://github.com/octokit/octokit.js/issues/900). Therefore this remembers what it created,
 * what it has seen, and what is gone, and asks for a comment by its id where a list disagrees.
 */
export class OurComments {
  readonly #github: Github
  readonly #pullRequest: number
  readonly #firstLine: string
  readonly #known = new Map<number, OurComment>()
  readonly #gone = new Set<number>()
  readonly #created = new Set<number>()
  /** What this call wrote last, by the id of the comment. */
  readonly #written = new Map<number, string>()
  /** Texts of requests to create a comment that got no answer: they may have been carried out. */
  readonly #unanswered: string[] = []
  #since: string | undefined

  constructor(
    github: Github,
    { pullRequest, key }: { readonly pullRequest: number; readonly key: string },
  ) {
    this.#github = github
    this.#pullRequest = pullRequest
    this.#firstLine = marker(key)
  }

  /** Returns the comment with the lowest id, which is the one that stays. */
  get oldest(): OurComment | undefined {
    return this.#sorted()[0]
  }

  /** Returns every comment but the one that stays. */
  get duplicates(): readonly OurComment[] {
    return this.#sorted().slice(1)
  }

  /** Says whether this call created a comment, as opposed to another run. */
  createdHere({ id }: OurComment): boolean {
    return this.#created.has(id)
  }

  /** Says whether a comment says what this call wrote last. */
  isAsWritten({ id, body }: OurComment): boolean {
    const written = this.#written.get(id)
    return written !== undefined && sameText(written, body)
  }

  /** Brings what is known up to date with GitHub's list. @throws GithubError */
  async list(): Promise<void> {
    const listed = await this.#listed()
    const shown = new Set(listed.map(({ id }) => id))
    const doubtful = [
      ...this.#sorted().filter(({ id }) => !shown.has(id)),
      ...listed.filter(({ id }) => this.#gone.has(id)),
    ]
    for (const comment of listed) if (!this.#gone.has(comment.id)) this.#see(comment)
    for (const comment of doubtful) await this.#read(comment)
  }

  /** Asks for the comment that stays; where it is gone, lists the others. @throws GithubError */
  async refresh(kept: OurComment): Promise<void> {
    if (this.#known.has(kept.id)) await this.#read(kept)
    if (!this.#known.has(kept.id)) await this.list()
  }

  /** Asks for one comment by its id, which does not lag. @throws GithubError */
  async #read({ id }: OurComment): Promise<void> {
    await this.#unlessGone(id, async () => {
      const { data } = await this.#github.octokit.rest.issues.getComment({
        ...this.#github.repo,
        comment_id: id,
      })
      this.#known.set(id, commentOf(data))
    })
  }

  /** Creates a comment; undefined when the answer was lost. @throws GithubError */
  async create(body: string): Promise<OurComment | undefined> {
    const login = await this.#github.login()
    try {
      const { data } = await this.#github.octokit.rest.issues.createComment({
        ...this.#github.repo,
        issue_number: this.#pullRequest,
        body,
      })
      this.#github.learnLogin(data.user?.login)
      const comment = commentOf(data)
      // Under a login that was not known to be ours there may be a comment of any age.
      this.#since =
        (await this.#github.login()) === login
          ? new Date(comment.created.getTime() - CLOCKS_DIFFER_SECONDS * 1000).toISOString()
          : undefined
      this.#created.add(comment.id)
      this.#keepWritten(comment)
      return comment
    } catch (error) {
      if (!(error instanceof GithubError) || !error.mayBeDone) throw error
      this.#unanswered.push(body)
      if (this.#unanswered.length >= CREATE_TRIES) throw error
      return undefined
    }
  }

  /** Changes a comment; undefined when it no longer exists. @throws GithubError */
  async change({ id }: OurComment, body: string): Promise<OurComment | undefined> {
    await this.#unlessGone(id, async () => {
      const { data } = await this.#github.octokit.rest.issues.updateComment({
        ...this.#github.repo,
        comment_id: id,
        body,
      })
      this.#keepWritten(commentOf(data))
    })
    return this.#known.get(id)
  }

  /** Deletes a comment, unless that was done already. @throws GithubError */
  async remove({ id }: OurComment): Promise<void> {
    await this.#unlessGone(id, async () => {
      await this.#github.octokit.rest.issues.deleteComment({
        ...this.#github.repo,
        comment_id: id,
      })
      this.#forget(id)
    })
  }

  async #listed(): Promise<OurComment[]> {
    const { octokit, repo } = this.#github
    const login = await this.#github.login()
    const comments = await octokit.paginate(octokit.rest.issues.listComments, {
      ...repo,
      issue_number: this.#pullRequest,
      per_page: 100,
      ...(this.#since === undefined ? {} : { since: this.#since }),
    })
    return comments
      .filter(
        ({ user, body }) =>
          user?.login === login && (body ?? '').split(/\r?\n/)[0]?.trim() === this.#firstLine,
      )
      .map((comment) => ({ ...commentOf(comment), isListed: true }))
  }

  #keepWritten(comment: OurComment): void {
    this.#known.set(comment.id, comment)
    this.#written.set(comment.id, comment.body)
  }

  #see(comment: OurComment): void {
    // The text names the run that wrote it, so an unknown comment with this text is ours.
    if (
      !this.#known.has(comment.id) &&
      this.#unanswered.some((body) => sameText(body, comment.body))
    ) {
      this.#created.add(comment.id)
      this.#written.set(comment.id, comment.body)
    }
    this.#known.set(comment.id, comment)
  }

  async #unlessGone(id: number, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!isGone(error)) throw error
      this.#forget(id)
    }
  }

  #forget(id: number): void {
    this.#known.delete(id)
    this.#gone.add(id)
  }

  #sorted(): OurComment[] {
    return [...this.#known.values()].sort((a, b) => a.id - b.id)
  }
}

function isGone(error: unknown): boolean {
  return error instanceof GithubError && (error.problem === 'not-found' || error.problem === 'gone')
}

function commentOf({
  id,
  html_url: url,
  body,
  created_at: created,
}: Pick<Listed, 'id' | 'html_url' | 'body' | 'created_at'>): OurComment {
  return { id, url, body: body ?? '', created: new Date(created), isListed: false }
}

/**
 * Compares what two comments say. An edit in the browser ends lines as Windows does, and GitHub
 * leaves out what is blank at the end.
 */
export function sameText(a: string, b: string): boolean {
  return a.replaceAll('\r\n', '\n').trimEnd() === b.replaceAll('\r\n', '\n').trimEnd()
}
