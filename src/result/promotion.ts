import * as z from 'zod'
import { nullable, time } from './common.ts'

/** A person who opened the gate by hand, and why. */
export const overrideSchema = z.strictObject({ reason: z.string(), actor: z.string() })

export type Override = z.infer<typeof overrideSchema>

export const promotionStep = z.enum(['propose', 'gate'])

export const gateDetailsSchema = z.strictObject({
  step: promotionStep,
  gate: nullable(z.enum(['open', 'closed'])),
  reasons: z.array(z.strictObject({ 'reason-code': z.string(), message: z.string() })),
  tested: nullable(z.string()),
  'target-version': nullable(z.string()),
  // Optional, because results that were written before there were such keys are still read.
  /** Who opened a gate that was closed for `reasons`. */
  override: nullable(overrideSchema).optional(),
  /** `<run id>.<attempt>` of the run that asked; null outside GitHub. */
  run: nullable(z.string()).optional(),
  'soak-until': nullable(time).optional(),
  /** When a closed gate opens without a person. */
  'opens-at': nullable(time).optional(),
  'pull-request': nullable(
    z.strictObject({ number: z.int().min(1), url: nullable(z.string()) }),
  ).optional(),
  /** What the server of the environment reports, for a gate on a machine that does not reach it. */
  'server-version': nullable(z.string()).optional(),
  'server-id': nullable(z.string()).optional(),
  /** The commit whose file that answer is for; null where it is not known. */
  sha: nullable(z.string()).optional(),
  /** The pull request was opened with GITHUB_TOKEN: its workflows wait for a person. */
  'opened-with-token': z.boolean().optional(),
  /** Command lines that bring the base back into the head; null when there is nothing to bring. */
  'back-merge': nullable(z.array(z.string())).optional(),
  /** What GitHub does not do for this token, and other facts worth a sentence. */
  notes: z.array(z.string()).optional(),
})

export type GateDetails = z.infer<typeof gateDetailsSchema>
