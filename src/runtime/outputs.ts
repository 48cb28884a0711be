import { withoutKeys } from './secrets.ts'

/** Writes the outputs of a step when a runner asks for them (`GITHUB_OUTPUT`). */
export async function writeOutputs(
  env: Readonly<Record<string, string | undefined>>,
  outputs: Readonly<Record<string, string>>,
): Promise<void> {
  if (env['GITHUB_OUTPUT'] === undefined || env['GITHUB_OUTPUT'] === '') return
  // Loaded only here: its start-up is not paid where nobody reads outputs.
  const { setOutput } = await import('./set-output.ts')
  for (const [name, value] of Object.entries(outputs))
    setOutput(name, withoutKeys(value, 'an output of the step'))
}
