import { workflowTexts } from '../session/workflow-texts.ts'

/**
 * Says that the workflows in the user's repository are of another version than the actions that
 * they call; undefined where they are not, or where the workflows are ours.
 */
export function workflowVersionWarning(
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): string | undefined {
  const written = workflowTexts(env)?.copiedFrom ?? `v${version}`
  return written === `v${version}`
    ? undefined
    : `The workflows zenml-upgrade-*.yml of this repository are of zenml-upgrade ${written}, and their actions of v${version}. Run init --own-workflows true with v${version}: it shows the difference and writes them again.`
}
