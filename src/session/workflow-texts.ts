/**
 * Set by our workflows: `called`, and in those that `init --own-workflows true` writes, the version
 * of their text.
 */
const VARIABLE = 'ZENML_UPGRADE_WORKFLOWS'

/** Whose workflows run this command: ours, or copies of a version; undefined where it is neither. */
export function workflowTexts(
  env: Readonly<Record<string, string | undefined>>,
): { readonly copiedFrom: string | null } | undefined {
  const value = env[VARIABLE] ?? ''
  return value === '' ? undefined : { copiedFrom: value === 'called' ? null : value }
}
