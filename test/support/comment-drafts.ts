import type { CommentDraft } from '../../src/github/comment.ts'
import type { Stamp } from '../../src/github/evidence-version.ts'
import { marker } from '../../src/report/marker.ts'

export const KEY = 'zenml-upgrade.yml'
/** Routes of the comments of a pull request, and of one comment. */
export const LIST = '/repos/{owner}/{repo}/issues/{issue_number}/comments'
export const ONE = '/repos/{owner}/{repo}/issues/comments/{comment_id}'

const at = (minute: number) =>
  new Date(Date.parse('2026-11-23T10:00:00.000Z') + minute * 60_000).toISOString()

/** Evidence of the two environments, each found out in some minute. */
export const stamp = (staging?: number, production?: number): Stamp => ({
  ...(staging === undefined ? {} : { staging: { attempt: `s${staging}`, at: at(staging) } }),
  ...(production === undefined
    ? {}
    : { production: { attempt: `p${production}`, at: at(production) } }),
})

/** A comment that says in its heading which evidence it knows. */
export const draft = (known: Stamp, lines: readonly string[] = []): CommentDraft => ({
  body: `${marker(KEY)}\n### staging ${known.staging?.attempt ?? '–'}, production ${known.production?.attempt ?? '–'}\n${lines.map((line) => `${line}\n`).join('')}`,
  stamp: known,
})
