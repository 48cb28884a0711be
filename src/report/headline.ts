import type { Environment } from '../core/environments.ts'
import { clip, oneLine } from '../core/text.ts'
import type { ResultOf } from '../result/result.ts'
import { markOf, type Mark } from './mark.ts'
import { isStoppedPlan, markOfPlan, planTitle } from './plan-report.ts'
import { firstStopped, type Standing, type Standings } from './verdict.ts'
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
  news: Plan | undefined,
): { readonly mark: Mark; readonly headline: string } {
  const { mark, headline } = longVerdict(standings, news)
  return { mark, headline: clip(oneLine(headline), HEADLINE_LENGTH) }
}

function longVerdict(
  standings: Standings,
  news: Plan | undefined,
): { readonly mark: Mark; readonly headline: string } {
  const stopped = firstStopped(standings)
  if (stopped !== undefined)
    return { mark: markOf(stopped.by), headline: stoppedHeadline(stopped.environment, stopped.by) }
  if (news !== undefined) {
    return { mark: markOfPlan(news), headline: planTitle(news) }
  }
  const { staging, production } = standings
  if (
    staging.kind === 'green' &&
    production.kind === 'green' &&
    staging.version === production.version &&
    !staging.untested
  )
    return { mark: 'passed', headline: bothGreenHeadline(staging.version) }
  for (const [environment, kind] of NEWS) {
    const standing = standings[environment]
    if (standing.kind === kind && standing.kind !== 'stopped' && standing.kind !== 'not-run')
      return {
        mark: kind === 'green' ? 'passed' : 'none',
        headline: standingHeadline(environment, standing),
      }
  }
  return { mark: 'none', headline: NOTHING_RAN }
}
