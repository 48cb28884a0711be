import { withoutKeys } from '../runtime/secrets.ts'
import type { Github } from './client.ts'
import { GithubError, warningOf, type GithubWarning } from './errors.ts'
import { newerIn, stampLine, stampOf, type Stamp } from './evidence-version.ts'
import { CLOCKS_DIFFER_SECONDS, OurComments, sameText, type OurComment } from './our-comments.ts'

export interface CommentDraft {
  /** Markdown whose first line is the marker of the key. It names the run that writes it. */
  readonly body: string
  /** What the body tells about. */
  readonly stamp: Stamp
}

export interface CommentOrder {
  readonly pullRequest: number
  /** Path of the configuration file. */
  readonly key: string
  /** True: brings a comment that is there up to date, and creates none. */
  readonly onlyExisting?: boolean
  /**
   * Renders what is known *now*, of both environments; called again after writing, because another
   * run may have found something out meanwhile. `shown` is the text of the comment that is there.
   */
  compose(shown: string | undefined): Promise<CommentDraft>
}

export type CommentResult =
  | {
      /**
       * `newer-there`: the comment already shows newer evidence, and nothing that we know is
       * missing from it.
       */
      readonly kind: 'created' | 'updated' | 'unchanged' | 'newer-there'
      readonly url: string
      /** What was not checked, and duplicates that a person has to delete. */
      readonly warnings: readonly GithubWarning[]
    }
  | { readonly kind: 'not-written'; readonly warnings: readonly GithubWarning[] }
  /** There is none, and the order creates none. */
  | { readonly kind: 'not-needed' }

/** Concurrent writers converge in one or two rounds; give up after eight. */
const ROUNDS = 8
/** Pauses before the list is read again, which is 2 and 5 seconds after a comment was created. */
const LIST_PAUSES_SECONDS = [2, 3]

/**
 * Brings our comment on the pull request up to date with what is known now. GitHub has no way to
 * write only if nothing changed, so every round reads first: it ends when what is there is what was
 * written and nothing newer is known. Whoever writes last has read last, and so nothing is lost.
 * If two runs each created a comment, the one with the lower id stays; the run that created the
 * other one writes what it knows into the first and then deletes its own. What GitHub refuses is a
 * warning.
 */
export async function writeComment(github: Github, order: CommentOrder): Promise<CommentResult> {
  const ours = new OurComments(github, order)
  const { kind, warnings } = await settleOrWarn(github, ours, order)
  if (kind === 'not-needed') return { kind }
  const duplicates =
    kind === 'not-written'
      ? duplicatesOfUnwritten(github, ours, order)
      : await deleteDuplicates(github, ours, order)
  const all = [...warnings, ...duplicates]
  const { oldest } = ours
  return kind === 'not-written' || oldest === undefined
    ? { kind: 'not-written', warnings: all }
    : { kind, url: oldest.url, warnings: all }
}

type Settled = Exclude<CommentResult['kind'], 'not-written'>

interface Settlement {
  readonly kind: CommentResult['kind']
  readonly warnings: readonly GithubWarning[]
}

/** Settles the comment. Where GitHub fails, says whether the comment has what was written. */
async function settleOrWarn(
  github: Github,
  ours: OurComments,
  order: CommentOrder,
): Promise<Settlement> {
  try {
    const kind = await settle(github, ours, order)
    return kind === undefined
      ? { kind: 'not-written', warnings: [unsettled(order)] }
      : { kind, warnings: [] }
  } catch (error) {
    if (!(error instanceof GithubError)) throw error
    const comment = `the comment on pull request #${order.pullRequest}`
    const { oldest } = ours
    if (oldest === undefined || !ours.isAsWritten(oldest))
      return { kind: 'not-written', warnings: [warningOf(`${comment} was not written`, error)] }
    return {
      kind: ours.createdHere(oldest) ? 'created' : 'updated',
      warnings: [warningOf(`${comment} was written, but not checked afterwards`, error)],
    }
  }
}

/** What this call wrote last. */
interface Written {
  readonly id: number
  readonly body: string
  readonly stamp: Stamp
  readonly by: 'creating' | 'changing'
}

/** Returns how the comment was brought up to date; undefined when it was not after all rounds. */
async function settle(
  github: Github,
  ours: OurComments,
  order: CommentOrder,
): Promise<Settled | undefined> {
  let written: Written | undefined
  await ours.list()
  for (let round = 1; round <= ROUNDS; round += 1) {
    const kept = ours.oldest
    if (kept === undefined && order.onlyExisting === true) return 'not-needed'
    const shown = kept === undefined ? undefined : shownBy(kept, github.machine.now())
    const draft = await order.compose(kept?.body)
    const body = withStamp(draft)
    if (kept === undefined) {
      const made = await createAndList(github, ours, body)
      if (made !== undefined)
        written = { id: made.id, body: made.body, stamp: draft.stamp, by: 'creating' }
      continue
    }
    const step = nextStep({ kept, shown, body, stamp: draft.stamp, written })
    if (step === 'newer-there') return step
    if (step === 'finish') return finishedAs(ours, kept, written)
    if (step === 'wait') await github.machine.sleep(round)
    else if (await isOutdated(ours, kept)) continue
    else {
      const changed = await ours.change(kept, body)
      if (changed !== undefined)
        written = { id: kept.id, body: changed.body, stamp: draft.stamp, by: 'changing' }
    }
    await ours.refresh(kept)
  }
  return undefined
}

/** Creates the comment; undefined when the answer was lost. Then lists until other runs' show. */
async function createAndList(
  { machine }: Github,
  ours: OurComments,
  body: string,
): Promise<OurComment | undefined> {
  const made = await ours.create(body)
  for (const pause of LIST_PAUSES_SECONDS) {
    await machine.sleep(pause)
    await ours.list()
  }
  return made
}

/**
 * Says whether a list showed the comment as it no longer is: what it says now may be newer than
 * what is about to be written.
 */
async function isOutdated(ours: OurComments, kept: OurComment): Promise<boolean> {
  if (!kept.isListed) return false
  await ours.refresh(kept)
  const { oldest } = ours
  return oldest?.id !== kept.id || !sameText(oldest.body, kept.body)
}

interface Situation {
  /** The comment that stays. */
  readonly kept: OurComment
  /** The evidence that it shows; undefined when that cannot be read. */
  readonly shown: Stamp | undefined
  /** What it should say now, and the evidence for that. */
  readonly body: string
  readonly stamp: Stamp
  readonly written: Written | undefined
}

/** Decides what to do about the comment that stays. */
function nextStep({
  kept,
  shown,
  body,
  stamp,
  written,
}: Situation): 'finish' | 'newer-there' | 'wait' | 'write' {
  const isWritten =
    written !== undefined &&
    sameText(kept.body, written.body) &&
    newerIn(stamp, written.stamp).length === 0
  if (isWritten || sameText(kept.body, body)) return 'finish'
  if (shown === undefined) return 'write'
  const weKnowMore = newerIn(stamp, shown).length > 0
  // Where each knows something that the other does not, the other's evidence can be read in a
  // moment.
  if (newerIn(shown, stamp).length > 0) return weKnowMore ? 'wait' : 'newer-there'
  // A run that changed the comment that we created has read what we wrote into it.
  const isReadByOther = written?.by === 'creating' && written.id === kept.id
  return isReadByOther && !weKnowMore ? 'finish' : 'write'
}

function finishedAs(ours: OurComments, kept: OurComment, written: Written | undefined): Settled {
  if (ours.createdHere(kept)) return 'created'
  return written?.id === kept.id ? 'updated' : 'unchanged'
}

/** Returns the evidence a comment shows; undefined when it is damaged or from the future. */
function shownBy({ body }: OurComment, now: Date): Stamp | undefined {
  const stamp = stampOf(body)
  const latest = now.getTime() + CLOCKS_DIFFER_SECONDS * 1000
  return stamp !== undefined && Object.values(stamp).every(({ at }) => Date.parse(at) <= latest)
    ? stamp
    : undefined
}

/**
 * Deletes the duplicates that this call created; another run deletes its own. Returns a warning if a
 * person has to delete one, because GitHub refused or because its run was killed before it did.
 */
async function deleteDuplicates(
  { machine }: Github,
  ours: OurComments,
  { pullRequest }: CommentOrder,
): Promise<GithubWarning[]> {
  const left: string[] = []
  for (const duplicate of ours.duplicates) {
    if (ours.createdHere(duplicate)) {
      const refusal = await refusalOf(ours.remove(duplicate))
      if (refusal !== undefined) left.push(`${duplicate.url} (${refusal.message})`)
    } else if (isAbandoned(duplicate, machine.now())) left.push(duplicate.url)
  }
  return leftBehind(pullRequest, left, 'Delete it by hand.')
}

/** Keeps the duplicate that this call created: the comment that stays may lack what it says. */
function duplicatesOfUnwritten(
  { machine }: Github,
  ours: OurComments,
  { pullRequest }: CommentOrder,
): GithubWarning[] {
  const left = ours.duplicates
    .filter((each) => ours.createdHere(each) || isAbandoned(each, machine.now()))
    .map(({ url }) => url)
  return leftBehind(
    pullRequest,
    left,
    'Run this again, and delete it by hand once the first comment is up to date.',
  )
}

function leftBehind(pullRequest: number, urls: readonly string[], next: string): GithubWarning[] {
  if (urls.length === 0) return []
  const message = `pull request #${pullRequest} has another comment of zenml-upgrade, which is no longer updated: ${urls.join(', ')}`
  return [{ message, next }]
}

async function refusalOf(work: Promise<void>): Promise<GithubError | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof GithubError) return error
    throw error
  }
}

/** Says that no run will delete a duplicate: the one that created it would have within seconds. */
function isAbandoned({ created }: OurComment, now: Date): boolean {
  return now.getTime() - created.getTime() > CLOCKS_DIFFER_SECONDS * 1000
}

function unsettled({ pullRequest }: CommentOrder): GithubWarning {
  return {
    message: `the comment on pull request #${pullRequest} could not be brought up to date in ${ROUNDS} attempts: it was changed meanwhile, or GitHub's answers were lost`,
    next: 'Run this again.',
  }
}

/** The stamp goes below the marker, which must stay the first line. */
function withStamp({ body, stamp }: CommentDraft): string {
  const [first = '', ...rest] = body.split('\n')
  return withoutKeys([first, stampLine(stamp), ...rest].join('\n'), 'the comment')
}
