import type { Environment } from '../core/environments.ts'
import { REASONS } from '../core/reasons.ts'
import { oneLine, sentence } from '../core/text.ts'
import { commandLine } from '../inputs/command-line.ts'
import { DEFAULT_BRANCHES, DEFAULT_CONFIG } from '../inputs/inputs.ts'
import type { Result, ResultOf } from '../result/result.ts'
import type { ReportContext } from './context.ts'
import type { Evidence } from './evidence.ts'
import { hasCommandLine, leads } from './own-next.ts'
import { linkTo, PAGE_OF, type Link, type Page } from './pages.ts'
import { commandAfter } from './rerun.ts'
import { firstStopped, stacksAlone, type Standings } from './verdict.ts'
import { openStep } from './wording-next.ts'
import { isStopping, type Stopper } from './wording-stopped.ts'

export interface NextStep {
  /** One sentence. */
  readonly next: string
  /** The page on GitHub on which that is done; undefined where there is none, or none is known. */
  readonly link: Link | undefined
  /** The command line that does it; undefined on GitHub. */
  readonly command: string | undefined
}

interface Deciding {
  readonly standings: Standings
  readonly evidence: Readonly<Record<Environment, Evidence>>
  /** The plan that the headline is about. */
  readonly news: ResultOf<'plan'> | undefined
  readonly context: ReportContext
}

/** Decides what a person does next, and where. */
export function nextStep({ standings, evidence, news, context }: Deciding): NextStep {
  const { branches = DEFAULT_BRANCHES, github } = context
  const stopped = firstStopped(standings)
  if (stopped !== undefined) return stepAfter(stopped.by, context)
  if (news !== undefined) return stepAfter(news, context)
  const stacks = stacksAlone(standings, evidence)
  if (stacks !== undefined) return stepAfter(stacks.by, context)
  const { sentence: next, page } = openStep(standings, branches, {
    waitsForApproval: evidence.staging.proposal?.details?.['opened-with-token'] === true,
    onGithub: github !== undefined,
  })
  return { next, link: linkTo(page, github?.pages ?? {}), command: undefined }
}

/** The next step that a result or a job names, in the words and with the button of where one reads it. */
function stepAfter(by: Stopper, { github, configPath = DEFAULT_CONFIG }: ReportContext): NextStep {
  const code = by['reason-code']
  const { next: usual, onGithub = usual }: { next: string; onGithub?: string } = REASONS[code]
  const isOwn = by.next !== usual && leads(by.next, github !== undefined)
  const next = sentence(oneLine(isOwn ? by.next : github === undefined ? usual : onGithub))
  if (!('command' in by))
    return { next, link: { label: 'Open the job', url: by.url }, command: undefined }
  if (github === undefined)
    return {
      next,
      link: undefined,
      command: isOwn && hasCommandLine(next) ? undefined : commandOf(by, { isOwn, configPath }),
    }
  const page = pageOf(by)
  // The pages of this run re-run no job of another.
  const isOther = !github.results.includes(by) && (page === 'rerun' || page === 'rerun-all')
  return { next, link: linkTo(isOther ? 'runs' : page, github.pages), command: undefined }
}

/** A plan that nothing stopped is followed by its upgrade, unless it says that there is none. */
function commandOf(
  result: Result,
  { isOwn, configPath }: { readonly isOwn: boolean; readonly configPath: string },
): string | undefined {
  const { 'reason-code': code, environment } = result
  if (isStopping(code)) return commandAfter(result, code, configPath)
  return isOwn ? undefined : commandLine('upgrade-workspace', { environment, config: configPath })
}

function pageOf({ command, 'reason-code': code }: Result): Page | null {
  // Its inputs are those of the form.
  if (command === 'acknowledge' && code === 'invalid-input') return 'form'
  return isStopping(code) ? PAGE_OF[code] : 'pull-request'
}
