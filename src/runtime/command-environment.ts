/**
 * Ours alone: a command of the user neither needs them nor may see them. Listed in docs/drivers.md.
 */
export const WITHHELD = [
  'ZENML_STORE_API_KEY',
  'ZENML_STORE_API_TOKEN',
  'ZENML_PRO_API_KEY',
  'GITHUB_TOKEN',
  'ACTIONS_RUNTIME_TOKEN',
  'ZENML_UPGRADE_APP_KEY',
  'ZENML_UPGRADE_SOURCES_TOKEN',
  'ZENML_UPGRADE_ENV',
  'INPUT_API-KEY',
  'INPUT_GITHUB-TOKEN',
  'ZENML_UPGRADE_API_KEY',
  'ZENML_UPGRADE_GITHUB_TOKEN',
] as const

/** The environment of this job without our keys and tokens. */
export function commandVariables(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !(WITHHELD as readonly string[]).includes(name)),
  )
}
