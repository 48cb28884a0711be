import * as z from 'zod'

// Runs and their steps. Status words grow with every ZenML version, so they stay text;
// src/runs/status.ts judges them.

const text = z.string()
const reference = z.looseObject({ id: text, name: text.nullish() })
/** `source` is the class with its module, such as `builtins.ValueError`. */
const exceptionInfo = z.looseObject({
  traceback: text.nullish(),
  message: text.nullish(),
  source: text.nullish(),
})

export const runSchema = z.looseObject({
  id: text,
  name: text,
  body: z.looseObject({
    created: text,
    status: text,
    status_reason: text.nullish(),
    user_id: text.nullish(),
    project_id: text.nullish(),
  }),
})
export type Run = z.infer<typeof runSchema>

export const hydratedRunSchema = runSchema.extend({
  body: runSchema.shape.body.extend({ project_id: text }),
  metadata: z.looseObject({
    orchestrator_environment: z.record(z.string(), z.json()).nullish(),
    client_environment: z.record(z.string(), z.json()).nullish(),
    exception_info: exceptionInfo.nullish(),
    start_time: text.nullish(),
    end_time: text.nullish(),
  }),
  resources: z.looseObject({
    pipeline: reference.nullish(),
    stack: reference.nullish(),
    build: reference.nullish(),
    snapshot: reference.nullish(),
    source_snapshot: reference.nullish(),
    schedule: reference.nullish(),
  }),
})
export type HydratedRun = z.infer<typeof hydratedRunSchema>

export const stepSchema = z.looseObject({
  id: text,
  name: text,
  body: z.looseObject({ status: text, start_time: text.nullish() }),
})
export type Step = z.infer<typeof stepSchema>

export const stepDetailSchema = stepSchema.extend({
  metadata: z.looseObject({ exception_info: exceptionInfo.nullish() }),
})
export type StepDetail = z.infer<typeof stepDetailSchema>
