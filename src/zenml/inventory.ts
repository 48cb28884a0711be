import type { Counts } from '../report/model.ts'
import type { Project } from './entities.ts'
import type { ZenmlServer } from './server.ts'

/** What is on a server: totals by kind, and the names of what users know by name. A kind that the server does not have is absent. */
export interface Inventory {
  readonly counts: Counts
  /** `pipelines` and `schedules` as project/name, `snapshots` as project/pipeline/name, `projects` and `stacks` by name; sorted. */
  readonly names: Readonly<Record<string, readonly string[]>>
}

/** All projects that the key can see, or the wanted ones (names or ids). Throws Stop('preflight-failed') for a wanted one that is not there. */
export declare function projects(server: ZenmlServer, wanted?: readonly string[]): Promise<Project[]>

/** Totals and names of everything an upgrade must keep. `wanted` as in `projects`. */
export declare function readInventory(server: ZenmlServer, wanted?: readonly string[]): Promise<Inventory>

/** One sentence for each thing that is missing or fewer than before; empty when nothing was lost. What grew is no loss. */
export declare function compareInventories(before: Inventory, after: Inventory): string[]
