import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { DeclaredSnapshot } from '../config/schema.ts'
import type { HydratedSnapshot } from '../zenml/entities.ts'
import type { JsonObject } from '../zenml-client/protocol.ts'
import type { Environment } from '../core/environments.ts'
import type { SourceRoot } from './deps.ts'
import type { SelectedSnapshot } from './discovered.ts'
import { pipelineSource, recordedConfiguration } from './recorded-configuration.ts'

/** What a snapshot is made again from. */
export interface Blueprint {
  /** `module.attribute`. */
  readonly pipelineSource: string
  /** From the record; null where the file declares a configuration, which replaces it whole. */
  readonly configuration: JsonObject | null
  readonly configPath: string | null
  /** What was recorded and is not carried over, as sentences. */
  readonly notCarried: readonly string[]
}

export interface Problem {
  readonly message: string
  readonly next: string
}

/** `module.attribute` of the pipeline: the one that the file declares, else the recorded one. */
export function sourceOfPipeline(
  record: HydratedSnapshot,
  declaration: DeclaredSnapshot | undefined,
): ReturnType<typeof pipelineSource> {
  const declared = declaration?.['pipeline-source']
  return declared === undefined ? pipelineSource(record) : { source: declared }
}

interface BlueprintContext {
  readonly environment: Environment
  readonly target: string
  /** Where declared configurations are: always the code of the branch. */
  readonly configRoot: SourceRoot
}

/** The blueprint of a snapshot, or why it cannot be made from what is recorded and declared. */
export async function blueprintOf(
  { snapshot, declaration, source }: SelectedSnapshot,
  { environment, target, configRoot }: BlueprintContext,
): Promise<Blueprint | Problem> {
  const code = sourceOfPipeline(snapshot.record, declaration)
  if ('why' in code) {
    return {
      message: `It cannot be rebuilt: ${code.why}.`,
      next: 'Put the pipeline into a Python module and set `pipeline-source` for the snapshot to its module.attribute, or exclude it.',
    }
  }
  const declared = declaration?.config?.[environment]
  if (declared === undefined)
    return {
      pipelineSource: code.source,
      configPath: null,
      ...recordedConfiguration(snapshot.record, target),
    }
  const path = resolve(configRoot.directory, declared)
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isFile) {
    return {
      message: `The configuration file ${declared} is not there: ${path}.`,
      next: `Correct \`config.${environment}\` of the snapshot; it is relative to the \`path\` of the source ${source.name}.`,
    }
  }
  return { pipelineSource: code.source, configuration: null, configPath: path, notCarried: [] }
}
