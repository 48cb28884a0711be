import * as z from 'zod'
import { count, nullable, time } from './common.ts'

/**
 * A component of a stack as it is compared. Of its configuration only the names of the keys that
 * are set: values may be secrets.
 */
const inventoryComponentSchema = z.strictObject({
  type: z.string(),
  name: z.string(),
  flavor: z.string(),
  integration: nullable(z.string()),
  /** Where the code of a custom flavor is; null for ZenML's own. */
  'flavor-source': nullable(z.string()),
  /** null: no service connector is attached; its type is null where the key may not read it. */
  connector: nullable(z.strictObject({ type: nullable(z.string()) })),
  configuration: z.array(z.string()),
})

export type InventoryComponent = z.infer<typeof inventoryComponentSchema>

const stackInventorySchema = z.strictObject({
  'server-id': z.string(),
  'server-version': z.string(),
  read: time,
  /** Sorted by name; `in-use`: by a named snapshot. */
  stacks: z.array(
    z.strictObject({
      name: z.string(),
      'in-use': z.boolean(),
      components: z.array(inventoryComponentSchema),
    }),
  ),
})

export type StackInventory = z.infer<typeof stackInventorySchema>

export type InventoryStack = StackInventory['stacks'][number]

const parityFindingSchema = z.strictObject({
  /**
   * The last two are notes: keys that only one side sets, and what the key may not read, are no
   * difference.
   */
  kind: z.enum([
    'twin-missing',
    'name-unknown',
    'component-missing',
    'component-extra',
    'flavor',
    'integration',
    'connector',
    'configuration',
    'not-read',
  ]),
  /** In production. */
  stack: z.string(),
  /** In staging. */
  twin: z.string(),
  message: z.string(),
})

export type ParityFinding = z.infer<typeof parityFindingSchema>

/** How the stacks of production that named snapshots use stand to their twins in staging. */
export const parityReportSchema = z.strictObject({
  compared: count,
  /** Stacks of production that no named snapshot uses: not judged. */
  'not-in-use': count,
  differences: count,
  notes: count,
  /** Differences first; at most a hundred. */
  findings: z.array(parityFindingSchema),
})

export type ParityReport = z.infer<typeof parityReportSchema>

export const stacksDetailsSchema = z.strictObject({
  /** Digest of the configuration file that was asked about. */
  file: z.string(),
  'target-version': z.string(),
  inventory: stackInventorySchema,
  /** null: the other environment was not compared, see `not-compared`. */
  parity: nullable(parityReportSchema),
  'not-compared': nullable(z.string()),
})

export type StacksDetails = z.infer<typeof stacksDetailsSchema>
