import type { DeclaredSnapshot } from '../config/schema.ts'
import { listed } from '../core/text.ts'
import type { JsonObject, PipelineRecord } from '../zenml-client/protocol.ts'
import type { Problem } from './blueprint.ts'
import { isObject, objectAt } from './json.ts'

/**
 * Finds the names in `smoke` that the pipeline does not have, or undefined where it has them all.
 * ZenML's server ignores a step that it does not know, so that the run would be the full one, and
 * refuses a parameter that it does not know when the run is started. Pure.
 */
export function smokeProblem(
  declaration: DeclaredSnapshot | undefined,
  record: PipelineRecord,
): Problem | undefined {
  const smoke = declaration?.smoke
  if (declaration === undefined || smoke === undefined) return undefined
  const wrong = [
    ...unknownSteps(smoke.steps ?? {}, record),
    ...unknownStepParameters(smoke.steps ?? {}, record),
    ...unknownParameters(smoke.parameters ?? {}, record),
  ]
  if (wrong.length === 0) return undefined
  return {
    message: wrong.map(({ message }) => message).join(' '),
    next: `Correct the entry ${declaration.name}; ${listed(wrong.map(({ known }) => known))}.`,
  }
}

interface WrongNames {
  readonly message: string
  /** `the steps are load, fit`. */
  readonly known: string
}

/** A dynamic pipeline knows its steps only when it runs. */
function unknownSteps(steps: JsonObject, record: PipelineRecord): WrongNames[] {
  const known = Object.keys(record.step_configurations)
  const unknown = record.is_dynamic
    ? []
    : Object.keys(steps).filter((step) => !known.includes(step))
  return wrongNames(unknown, known, {
    message: '`smoke.steps` names steps that the pipeline does not have',
    known: 'the steps',
  })
}

function unknownStepParameters(steps: JsonObject, record: PipelineRecord): WrongNames[] {
  if (record.is_dynamic) return []
  return Object.entries(steps).flatMap(([step, configuration]) => {
    const recorded = record.step_configurations[step]
    if (recorded === undefined || !isObject(configuration)) return []
    const known = Object.keys(objectAt(objectAt(recorded, 'config'), 'parameters'))
    const unknown = Object.keys(objectAt(configuration, 'parameters')).filter(
      (name) => !known.includes(name),
    )
    return wrongNames(unknown, known, {
      message: `\`smoke.steps.${step}.parameters\` names parameters that the step does not have`,
      known: `the parameters of ${step}`,
    })
  })
}

/** ZenML records every parameter of a pipeline, those with a default included. */
function unknownParameters(
  parameters: JsonObject,
  { pipeline_configuration: recorded }: PipelineRecord,
): WrongNames[] {
  if (!isObject(recorded['parameters'])) return []
  const known = Object.keys(recorded['parameters'])
  const unknown = Object.keys(parameters).filter((name) => !known.includes(name))
  return wrongNames(unknown, known, {
    message: '`smoke.parameters` names parameters that the pipeline does not have',
    known: 'the parameters of the pipeline',
  })
}

function wrongNames(
  unknown: readonly string[],
  known: readonly string[],
  words: WrongNames,
): WrongNames[] {
  if (unknown.length === 0) return []
  return [
    {
      message: `${words.message}: ${unknown.join(', ')}.`,
      known: known.length === 0 ? `${words.known}: none` : `${words.known} are ${known.join(', ')}`,
    },
  ]
}
