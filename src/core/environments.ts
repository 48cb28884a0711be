/** The two environments of the guide; each has one long-lived branch. */
export const ENVIRONMENTS = ['staging', 'production'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

const NAMES: Readonly<Record<Environment, string>> = {
  staging: 'Staging',
  production: 'Production',
}

/** Returns how an environment is named at the start of a sentence or above a column. */
export function environmentName(environment: Environment): string {
  return NAMES[environment]
}
