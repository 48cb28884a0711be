import * as z from 'zod'
import { lossSchema } from './upgrade.ts'

export const acknowledgeDetailsSchema = z.strictObject({
  attempt: z.string(),
  /** What was acknowledged. */
  lost: z.array(lossSchema),
  /** SHA-256 of these losses: the acknowledgement counts for exactly them. */
  digest: z.string(),
  by: z.string(),
  reason: z.string(),
})
