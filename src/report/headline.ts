import type { Environment } from '../core/environments.ts'
import { clip, oneLine } from '../core/text.ts'
import type { ResultOf } from '../result/result.ts'
import type { Evidence } from './evidence.ts'
import { markOf, type Mark } from './mark.ts'
import { isStoppedPlan, markOfPlan, planTitle } from './plan-report.ts'
import {
  firstStopped,
  stacksAlone,
  type Standing,
  type Standings,
  withoutWayBack,
} from './verdict.ts'
import { bothGreenHeadline, NOTHING_RAN, standingHeadline, stoppedHeadline } from './wording.ts'

/** Leaves room for the mark in front of it: GitHub shows about 120 characters of a heading in one look. */
const HEADLINE_LENGTH = 117

type Plan = ResultOf<'plan'>

/** The plan that the headline is about: one that stops, or, before anything ran, any. */
export function newsOf(
  plans: readonly Plan[],
  { staging, production }: Standings,
): Plan | undefined {
  return (
    plans.find(isStoppedPlan) ??
    (staging.kind === 'not-run' && production.kind === 'not-run' ? plans[0] : undefined)
  )
}

/** What headlines are made of where nothing is stopped; the first that there is. */
const NEWS: readonly (readonly [Environment, Standing['kind']])[] = [
  ['production', 'waiting'],
  ['staging', 'waiting'],
  ['production', 'green'],
  ['staging', 'green'],
  ['staging', 'planned'],
  ['production', 'planned'],
  ['production', 'at-target'],
]

/** Returns the worst thing first, in at most {@link HEADLINE_LENGTH} characters. */
export function headlineOf(
  standings: Standings,
  evidence: Readonly<Record<Environment, Evidence>>,
  news: Plan | undefined,
): { readonly mark: Mark; readonly headline: string } {
  const { mark, headline } = longVerdict(standings, evidence, news)
  return { mark, headline: clip(oneLine(headline), HEADLINE_LENGTH) }
}

function longVerdict(
  standings: Standings,
  evidence: Readonly<Record<Environment, Evidence>>,
  news: Plan | undefined,
): { readonly mark: Mark; readonly headline: string } {
  const stopped = firstStopped(standings)
  if (stopped !== undefined)
    return { mark: markOf(stopped.by), headline: stoppedHeadline(stopped.environment, stopped.by) }
  if (news !== undefined) return { mark: markOfPlan(news), headline: planTitle(news) }
  const stacks = stacksAlone(standings, evidence)
  if (stacks !== undefined)
    return {
      mark: stacks.by['reason-code'] === 'stacks-differ' ? 'warning' : markOf(stacks.by),
      headline: stoppedHeadline(stacks.environment, stacks.by),
    }
  const { staging, production } = standings
  const exposed = withoutWayBack(standings)
  if (
    staging.kind === 'green' &&
    production.kind === 'green' &&
    staging.version === production.version &&
    !staging.untested &&
    exposed.length === 0
  )
    return { mark: 'passed', headline: bothGreenHeadline(staging.version) }
  // Also where production is as it should be: that staging has no way back is news.
  const known = NEWS.filter(([environment, kind]) => standings[environment].kind === kind)
  const urgent = known.find(([environment]) => exposed.includes(environment))
  for (const [environment, kind] of urgent === undefined ? known : [urgent]) {
    const standing = standings[environment]
    if (standing.kind !== 'stopped' && standing.kind !== 'not-run')
      return {
        mark: urgent !== undefined ? 'warning' : kind === 'green' ? 'passed' : 'none',
        headline: standingHeadline(environment, standing),
      }
  }
  return { mark: 'none', headline: NOTHING_RAN }
}
