/**
 * A production stack without a stack of the same name in staging, and the one that may be meant as
 * its twin.
 */
export interface MissingTwin {
  readonly stack: string
  readonly guess: string | null
}

/** Words that names of environments are made of. */
const ENVIRONMENT_WORDS = /(?<![a-z])(?:production|prod|prd|live|staging|stage|stg)(?![a-z])/i

export function missingTwins(
  production: readonly string[],
  staging: readonly string[],
): MissingTwin[] {
  return production
    .filter((stack) => !staging.includes(stack))
    .map((stack) => ({
      stack,
      guess:
        staging.find(
          (candidate) => ENVIRONMENT_WORDS.test(stack) && neutral(candidate) === neutral(stack),
        ) ?? null,
    }))
}

/** A name without the word for its environment: `prod-k8s` and `staging-k8s` are the same then. */
function neutral(name: string): string {
  return name.replace(ENVIRONMENT_WORDS, '')
}
