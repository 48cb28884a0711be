import type { ConfiguredPipeline, JobFailure } from '../zenml-client/job-values.ts'
import { pipelineRecordOf, type Reasons } from './compare-records.ts'
import type { SnapshotsDeps } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { readDockerFiles } from './docker-files.ts'
import { judgeCompiled, type CompiledVerdict } from './judge-compiled.ts'
import { dockerSettingsOf } from './pinned-client.ts'
import { codeChange } from './proof.ts'
import type { Workplace } from './workplace.ts'

/** How compiling a snapshot with the target's client went, and what that says about a rebuild. */
export type CompiledCheck = { readonly seconds: number } & (
  ({ readonly ok: true; readonly value: ConfiguredPipeline } & CompiledVerdict) | JobFailure
)

/**
 * Compiles a snapshot with the target's client on a copy of its stack in a throw-away store, and
 * judges what it would come to. Changes nothing anywhere.
 */
export async function checkCompiled(
  deps: SnapshotsDeps,
  place: Workplace,
  selected: SelectedSnapshot,
): Promise<CompiledCheck> {
  const { client, stack, blueprint, job, root } = place
  const result = await client.run({
    op: 'configure',
    ...job,
    configuration: blueprint.configuration,
    stackDefinition: stack.definition,
    recorded: pipelineRecordOf(selected.snapshot.record),
    env: userVariables(deps.jobVariables),
  })
  if (!result.ok) return result
  const { records } = result.value
  const settings = records === null ? [] : dockerSettingsOf(records.compiled)
  const verdict = judgeCompiled(selected, {
    value: result.value,
    ...(await readDockerFiles(settings, root.directory)),
    reasons: reasonsFor(place, selected),
    customTypes: stack.definition.components.flatMap(({ type, flavorSource }) =>
      flavorSource === null ? [] : [type],
    ),
    configPath: blueprint.configPath,
    target: deps.target,
  })
  return { ...result, ...verdict }
}

/** What may change the record of a snapshot on purpose, besides its code. */
export function reasonsFor(
  { stack, blueprint, root }: Workplace,
  { snapshot, declaration }: SelectedSnapshot,
): Omit<Reasons, 'ofCode'> {
  return {
    codeChanged: codeChange(snapshot.record, root.commit),
    declared: blueprint.configPath !== null,
    sourceDeclared: declaration?.['pipeline-source'] !== undefined,
    components: Object.fromEntries(
      stack.definition.components.map(({ type, configuration }) => [type, configuration]),
    ),
  }
}

/** Planning contacts no server, so the code gets no way to one. */
function userVariables(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => !name.startsWith('ZENML_STORE_')),
  )
}
