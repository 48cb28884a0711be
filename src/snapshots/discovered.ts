import type { DeclaredSnapshot, Source } from '../config/schema.ts'
import type { Build, HydratedSnapshot } from '../zenml/entities.ts'

/** The release of ZenML that brought snapshots. */
export const SNAPSHOTS_SINCE = '0.90.0'

/** A named snapshot as the server has it. */
export interface DiscoveredSnapshot {
  /** Snapshots are known by project/pipeline/name: the id changes with every rebuild. */
  readonly key: string
  readonly id: string
  readonly project: string
  readonly projectId: string
  readonly pipeline: string
  readonly pipelineId: string | undefined
  readonly name: string
  /** undefined when its stack was deleted. */
  readonly stack: { readonly id: string; readonly name: string } | undefined
  readonly record: HydratedSnapshot
  readonly build: Build | null
  /** The ZenML version it runs with. */
  readonly version: string
  /** `X.Y` of the Python it runs with, where recorded. */
  readonly python: string | undefined
}

/** A snapshot to work on, with what the file says about it. */
export interface SelectedSnapshot<S = DiscoveredSnapshot> {
  readonly snapshot: S
  readonly source: Source
  readonly declaration: DeclaredSnapshot | undefined
}
