import { appendFile } from 'node:fs/promises'
import { withoutKeys } from './secrets.ts'

/**
 * Adds Markdown to the summary of the job, where a runner asks for one (`GITHUB_STEP_SUMMARY`).
 * GitHub takes 1 MiB for a step.
 */
export async function appendSummary(
  env: Readonly<Record<string, string | undefined>>,
  markdown: string,
): Promise<void> {
  const path = env['GITHUB_STEP_SUMMARY']
  if (path !== undefined && path !== '')
    await appendFile(path, withoutKeys(markdown, 'the job summary'))
}
