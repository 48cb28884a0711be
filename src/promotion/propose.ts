import { ACTIONS_LOGIN } from '../github/client.ts'
import { APPROVE_BUTTON } from '../report/wording.ts'
import { code, fenced, text } from '../report/markdown.ts'
import { REASONS } from '../core/reasons.ts'
import { clip, oneLine } from '../core/text.ts'
import type { ReasonCode } from '../core/reasons.ts'
import { sameVersion } from '../core/versions.ts'
import { backMerge, type BackMerge, type Branches } from './branches.ts'
import { tokenLimits, type Identity } from './token-limits.ts'

interface OpenPullRequest {
  readonly number: number
  readonly title: string
  /** GitHub gives null for an empty one. */
  readonly body: string | null
  /** Login; undefined when the account is gone. */
  readonly author: string | undefined
}

export interface ProposalFacts extends Branches {
  readonly openPullRequest: OpenPullRequest | null
  /**
   * The version the head deploys, and the one the base deploys; null when a file could not be read.
   */
  readonly headVersion: string | null
  readonly baseVersion: string | null
  readonly identity: Identity
  /** Whether files under `.github/workflows` differ. */
  readonly workflowFiles: boolean
}

export type Proposal = {
  readonly reasonCode: ReasonCode & ('proposed' | 'nothing-to-propose')
  readonly summary: string
  readonly next: string
  readonly backMerge: BackMerge | undefined
  /** Opened with GITHUB_TOKEN: its workflows wait until a person lets them run. */
  readonly openedWithToken: boolean
  /** What to tell besides, as sentences. */
  readonly notes: readonly string[]
} & (
  | { readonly action: 'none' }
  | { readonly action: 'create'; readonly title: string; readonly body: string }
  | {
      readonly action: 'update'
      readonly number: number
      readonly title: string
      readonly body: string
    }
  | { readonly action: 'keep'; readonly number: number }
)

/**
 * What to do about the promotion pull request. It exists as soon as the trees differ; if it may be
 * merged is the status's matter.
 */
export function decideProposal(facts: ProposalFacts): Proposal {
  const { head, base, openPullRequest } = facts
  const back = backMerge(facts)
  const nothing = (summary: string): Proposal => ({
    action: 'none',
    reasonCode: 'nothing-to-propose',
    summary,
    next: back === undefined ? REASONS['nothing-to-propose'].next : backMergeStep(base, head),
    backMerge: back,
    openedWithToken: false,
    notes: [],
  })
  if (facts.treesEqual) return nothing(`${head} and ${base} hold the same files`)
  if (facts.headOnly === 0) return nothing(`${head} has no commit that ${base} has not`)

  const openedWithToken =
    openPullRequest === null
      ? facts.identity === 'github-token'
      : openPullRequest.author === ACTIONS_LOGIN
  const notes = tokenLimits(facts.identity, {
    ...facts,
    openedWithToken,
  })
  const common = {
    reasonCode: 'proposed' as const,
    next:
      back === undefined || facts.baseBringsContent === false
        ? openedWithToken
          ? `Click "${APPROVE_BUTTON}" on the promotion pull request, and merge it when its status is green.`
          : REASONS.proposed.next
        : backMergeStep(base, head),
    backMerge: back,
    openedWithToken,
    notes,
  }
  const [title, section] = [proposalTitle(facts), proposalSection(facts, back, notes)]
  if (openPullRequest === null)
    return {
      ...common,
      action: 'create',
      title,
      body: `${section}\n`,
      summary: `opens the pull request ${head} → ${base}`,
    }

  const { number } = openPullRequest
  const kept = {
    title: retitled(openPullRequest.title, title, facts),
    body: rewritten(openPullRequest.body ?? '', section),
  }
  const summary = `pull request #${number} ${head} → ${base} is open`
  const same =
    kept.title === openPullRequest.title && kept.body === normalised(openPullRequest.body ?? '')
  return same
    ? { ...common, action: 'keep', number, summary }
    : { ...common, action: 'update', number, ...kept, summary }
}

const backMergeStep = (base: string, head: string) =>
  `Merge ${base} back into ${head}; the report has the commands.`

/** GitHub refuses a title of more than 256 characters. */
function proposalTitle({ head, base, headVersion, baseVersion }: ProposalFacts): string {
  const version =
    headVersion === null
      ? ''
      : sameVersion(headVersion, baseVersion ?? '')
        ? ` (ZenML stays at ${headVersion})`
        : `: ZenML ${headVersion}`
  return clip(oneLine(`${titleStart(head, base)}${version}`), 256)
}

const titleStart = (head: string, base: string) => `Promote ${head} to ${base}`

/** A title that a person wrote stays. */
function retitled(current: string, wanted: string, { head, base }: ProposalFacts): string {
  return current.startsWith(clip(titleStart(head, base), 200)) ? wanted : current
}

const BEGIN = '<!-- zenml-upgrade promotion: this part is rewritten -->'
const END = '<!-- zenml-upgrade promotion: end -->'

function proposalSection(
  facts: ProposalFacts,
  back: BackMerge | undefined,
  notes: readonly string[],
): string {
  const { head, base, headVersion, baseVersion } = facts
  const version =
    headVersion === null
      ? 'The version of ZenML could not be read from the file.'
      : sameVersion(headVersion, baseVersion ?? '')
        ? `ZenML stays at ${code(headVersion, 60)}.`
        : `ZenML goes from ${baseVersion === null ? 'an unknown version' : code(baseVersion, 60)} to ${code(headVersion, 60)}.`
  return [
    BEGIN,
    `Merging this brings production what ${code(head, 200)} was tested with. ${version}`,
    'The status `zenml-upgrade/promotion` tells if production may follow, and the comment below where things stand. A merge commit keeps the branches together; after a squash or rebase, merge back.',
    ...(back === undefined
      ? []
      : [
          `**First merge ${code(base, 200)} back.** ${text(back.why, 1000)}`,
          fenced(back.commands, 500),
        ]),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${text(note, 1000)}`).join('\n')]),
    END,
  ].join('\n\n')
}

/**
 * Only our part of the body; what a person wrote around it stays, and without our part all of it is
 * theirs.
 */
function rewritten(body: string, section: string): string {
  const current = normalised(body)
  const [begin, end] = [current.indexOf(BEGIN), current.indexOf(END)]
  return begin === -1 || end < begin
    ? current
    : `${current.slice(0, begin)}${section}${current.slice(end + END.length)}`
}

/** GitHub's web page sends line ends of Windows. */
const normalised = (body: string) => body.replaceAll('\r\n', '\n')
