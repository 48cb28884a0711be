import * as z from 'zod'
import { resultSchema } from './result.ts'

/** JSON Schema (draft 2020-12) of a result file; the same text for the same model. */
export function resultJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(resultSchema, { target: 'draft-2020-12' })
  return {
    $schema,
    title: 'Result of zenml-upgrade',
    description:
      'What a command measured. null: not measured. New reason codes may come; new keys only with a new schema-version.',
    ...rest,
  }
}
