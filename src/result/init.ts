import * as z from 'zod'

export const initDetailsSchema = z.strictObject({
  'staging-version': z.string(),
  'production-version': z.string(),
  /** How the flow gets into the repository, and why so. */
  form: z.enum(['called', 'own-copy', 'composites']),
  'form-reason': z.string(),
  files: z.array(
    z.strictObject({
      path: z.string(),
      action: z.enum(['written', 'rewritten', 'appended', 'kept', 'planned']),
    }),
  ),
  /** What to know before the first upgrade, and what could not be looked at. */
  notes: z.array(z.string()),
  /** What is left for a person, in order. */
  'to-do': z.array(z.string()),
})

export type InitDetails = z.infer<typeof initDetailsSchema>
