import { createHash } from 'node:crypto'
import { ENVIRONMENTS, type Environment } from '../core/environments.ts'

/** A plan as a comment shows it. */
export interface ShownPlan {
  readonly environment: Environment
  readonly target: string
  readonly markdown: string
}

const END = '<!-- /zenml-upgrade-plan -->'

/** Puts a plan between two marks, by which a later report finds it again. */
export function markPlan({ environment, target, markdown }: ShownPlan): string {
  return `<!-- zenml-upgrade-plan ${environment} ${target} ${digest(markdown)} -->\n${markdown}\n${END}`
}

/**
 * The plans that a comment shows, as they were written: one that somebody edited, or that is
 * damaged, is none.
 */
export function shownPlans(body: string): ShownPlan[] {
  const blocks = body
    .replaceAll('\r\n', '\n')
    .matchAll(new RegExp(`<!-- zenml-upgrade-plan (\\S+) (\\S+) (\\S+) -->\\n(.*?)\\n${END}`, 'gs'))
  return [...blocks].flatMap(([, name, target = '', known, markdown = '']) => {
    const environment = ENVIRONMENTS.find((one) => one === name)
    return environment === undefined || digest(markdown) !== known
      ? []
      : [{ environment, target, markdown }]
  })
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
