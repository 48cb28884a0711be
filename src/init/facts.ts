import type { Environment } from '../core/environments.ts'
import type { DeployDriver } from '../config/drivers.ts'
import type { Release } from '../core/release.ts'
import type { Form } from './forms.ts'

/** The folders that a person chose for the code of pipelines, by `project/pipeline`. */
export type ChosenCode = ReadonlyMap<string, string>

/** A named snapshot, and where its pipeline's code is. */
export interface SnapshotFact {
  readonly project: string
  readonly pipeline: string
  readonly name: string
  /** Module of the pipeline, such as `churn.training`; null: see `why`. */
  readonly module: string | null
  /** Folder that its code reference names; null where it has none, or one of another repository. */
  readonly subdirectory: string | null
  /** Why it cannot be rebuilt from code. */
  readonly why: string | null
}

export interface ScheduleFact {
  readonly project: string
  readonly name: string
  readonly active: boolean
}

/** What a live server tells. null: it was not or could not be looked at. */
export interface ServerFacts {
  readonly environment: Environment
  readonly url: string
  readonly id: string
  readonly version: string
  /** Name of the workspace of ZenML Pro; null for an open-source server. */
  readonly workspace: string | null
  readonly database: string | null
  readonly stacks: readonly string[] | null
  readonly snapshots: readonly SnapshotFact[] | null
  readonly schedules: readonly ScheduleFact[] | null
  /** What could not be looked at and why, as a sentence; null: everything was. */
  readonly notLooked: string | null
}

/** How the flow will run in this repository. */
export interface Setup {
  readonly form: Form
  /** Release at which the actions are used. */
  readonly release: Release
  /** Branch that deploys to staging. */
  readonly head: string
  /** Branch that deploys to production. */
  readonly base: string
  /** Path of the configuration file. */
  readonly config: string
}

/** Both servers, and what the repository has already. */
export interface Facts {
  readonly driver: DeployDriver
  readonly setup: Setup
  readonly staging: ServerFacts
  readonly production: ServerFacts
  /** Paths of the repository's files, relative to the working directory, with slashes. */
  readonly files: readonly string[]
  /** Those `pyproject.toml` files that name dependencies. */
  readonly projectFiles: readonly string[]
  /** Folders that a person chose for pipelines whose module is in several. */
  readonly chosenCode: ChosenCode
  /** Names of branches, here and on `origin`. */
  readonly branches: readonly string[]
}
